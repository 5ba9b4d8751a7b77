import { createHash } from "node:crypto";

/**
 * How the traces of a fleet are kept as bytes. Nodes of one kind read nearly the same: each text is there once, each list of texts is there
 * once, and a node is a row of lists.
 *
 *     magic, version, number of texts, of lists, of rows, of bytes of the texts, of bytes of the lists: 32 bits each
 *     where each text ends, where each list ends: 32 bits each; the rows: 32 bits a column
 *     the texts in UTF-8; the lists: LEB128, the numbers of texts ascending, each by its distance from the one before
 *     SHA-256 of all that
 *
 * The list of a node's data is other: pairs of a path's number and one more than the number of the list of its keys, 0 for all of the file.
 */
export const magic = 0x52544750; // "PGTR", lowest byte first: on a machine that has it otherwise, nothing is read
export const version = 1;
export const headNumbers = 7;
export const digestBytes = 32;

/** A node's row: its name, its node statement (0 for none, else one more than the text's number), flags, and then the lists. */
export const lists = ["manifests", "functions", "types", "files", "folders", "absent", "keys", "impure"] as const;
export type ListName = (typeof lists)[number];
export const columns = { certname: 0, node: 1, flags: 2, data: 3, lists: 4 } as const;
export const rowNumbers = columns.lists + lists.length;
export const outsideFlag = 1;

/** Stored traces that can't be read: cut off, of another version, or not what was stored. As good as none. */
export class BrokenTraces extends Error {
  override readonly name = "BrokenTraces";
}

export const digestOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
