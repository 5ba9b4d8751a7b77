import { hash } from "node:crypto";

/** 32 bytes of SHA-256. */
export type Hash = Buffer;

export const hashBytes = 32;

/** RFC 6962, 2.1: what stands for one entry's bytes. The byte before them keeps a leaf from being taken for a node. */
export const leafHash = (entry: Uint8Array): Hash => hash("sha256", Buffer.concat([leafMark, entry]), "buffer");

/** RFC 6962, 2.1: what stands for two halves. */
export const nodeHash = (left: Hash, right: Hash): Hash => hash("sha256", Buffer.concat([nodeMark, left, right]), "buffer");

/** The root of a tree without leaves. */
export const emptyRoot: Hash = hash("sha256", "", "buffer");

const leafMark = Buffer.from([0]);
const nodeMark = Buffer.from([1]);
