import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from "node:crypto";

/** Who signs notes: C2SP signed-note. `algorithm` 1 is Ed25519 over the text, 4 a cosignature of a checkpoint at a time (tlog-cosignature). */
export interface Verifier {
  name: string;
  /** Four bytes, in hexadecimal. */
  id: string;
  algorithm: 1 | 4;
  publicKey: Buffer;
}

export interface Signer extends Verifier {
  algorithm: 1;
  /** 32 bytes, as RFC 8032 begins with. */
  seed: Buffer;
}

/** A log's key of a secret of 32 random bytes. The name has no blanks and no plus. */
export function signerOf(name: string, seed: Buffer): Signer {
  if (!isKeyName(name) || seed.length !== 32)
    throw new TypeError(`${JSON.stringify(name)} is no name of a key, or its secret has not 32 bytes`);
  const der = createPublicKey(privateKeyOf(seed)).export({ format: "der", type: "spki" });
  const publicKey = der.subarray(spki.length);
  return { name, id: keyId(name, 1, publicKey), algorithm: 1, publicKey, seed };
}

/** `NAME+ID+BASE64`: what everybody may know of a key, and needs to verify by it. */
export const verifierKey = ({ name, id, algorithm, publicKey }: Verifier): string =>
  `${name}+${id}+${Buffer.concat([Buffer.from([algorithm]), publicKey]).toString("base64")}`;

/** `PRIVATE+KEY+NAME+ID+BASE64`, the form that Go's `note` reads. */
export const signerKey = ({ name, id, seed }: Signer): string =>
  `PRIVATE+KEY+${name}+${id}+${Buffer.concat([Buffer.from([1]), seed]).toString("base64")}`;

/** Null for what is no verifier key that is known here, or one whose id is another's. */
export function parseVerifierKey(text: string): Verifier | null {
  const [, name = "", id = "", encoded = ""] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(text.trim()) ?? [];
  const key = Buffer.from(encoded, "base64");
  const algorithm = key[0];
  if (!isKeyName(name) || key.length !== 33 || (algorithm !== 1 && algorithm !== 4)) return null;
  const publicKey = key.subarray(1);
  return keyId(name, algorithm, publicKey) === id ? { name, id, algorithm, publicKey } : null;
}

/** Null for what is no key. */
export function parseSignerKey(text: string): Signer | null {
  const [, name = "", id = "", encoded = ""] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(text.trim()) ?? [];
  const key = Buffer.from(encoded, "base64");
  if (!isKeyName(name) || key.length !== 33 || key[0] !== 1) return null;
  const signer = signerOf(name, key.subarray(1));
  return signer.id === id ? signer : null;
}

export const signBytes = (seed: Buffer, bytes: Buffer): Buffer => sign(null, bytes, privateKeyOf(seed));

export const verifyBytes = (publicKey: Buffer, bytes: Buffer, signature: Buffer): boolean =>
  signature.length === 64 && verify(null, bytes, publicKeyOf(publicKey), signature);

export const isKeyName = (name: string): boolean => name !== "" && !/[\s+\p{Z}]/u.test(name);

const keyId = (name: string, algorithm: number, publicKey: Buffer): string =>
  hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([algorithm]), publicKey]), "buffer")
    .subarray(0, 4)
    .toString("hex");

/** What comes before 32 bytes of Ed25519 in DER (RFC 8410). */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
const spki = Buffer.from("302a300506032b6570032100", "hex");
const privateKeyOf = (seed: Buffer): KeyObject => createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: "der", type: "pkcs8" });
const publicKeyOf = (key: Buffer): KeyObject => createPublicKey({ key: Buffer.concat([spki, key]), format: "der", type: "spki" });
