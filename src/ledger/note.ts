import { signBytes, type Signer, type Verifier, verifyBytes } from "./keys.ts";

/** One signature line of a note. */
export interface Signature {
  name: string;
  /** Of the key, in hexadecimal. */
  id: string;
  bytes: Buffer;
}

export interface Note {
  /** With its last newline. */
  text: string;
  signatures: readonly Signature[];
}

/** A note whose signatures were tried against known keys. */
export type Opened =
  | { ok: true; note: Note; by: readonly Verifier[]; /** Lines of keys that nobody told of. */ others: number }
  | { ok: false; why: string };

/** More signatures than this are refused; the specification asks for sixteen at least. */
const mostSignatures = 100;

/** Signs a text that ends in a newline (C2SP signed-note), by every signer. */
export function signNote(text: string, signers: readonly Signer[]): string {
  if (!isNoteText(text)) throw new TypeError("the text of a note ends in a newline, and has no control characters but that");
  return renderNote({ text, signatures: signers.map(({ name, id, seed }) => ({ name, id, bytes: signBytes(seed, Buffer.from(text)) })) });
}

export const renderNote = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(({ name, id, bytes }) => `— ${name} ${Buffer.concat([Buffer.from(id, "hex"), bytes]).toString("base64")}\n`).join("")}`;

/** Null for what is no note. Says nothing of its signatures. */
export function parseNote(note: string): Note | null {
  const cut = note.lastIndexOf("\n\n");
  const text = note.slice(0, cut + 1);
  const lines = note.slice(cut + 2).split("\n");
  if (cut < 0 || lines.pop() !== "" || lines.length === 0 || lines.length > mostSignatures || !isNoteText(text)) return null;
  const signatures: Signature[] = [];
  for (const line of lines) {
    const [, name = "", encoded = ""] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? [];
    const bytes = Buffer.from(encoded, "base64");
    if (name === "" || bytes.length < 5 || bytes.toString("base64") !== encoded) return null;
    signatures.push({ name, id: bytes.subarray(0, 4).toString("hex"), bytes: bytes.subarray(4) });
  }
  return { text, signatures };
}

/**
 * Opens a note by the keys that somebody trusts. A signature of a known key that is wrong refuses all of it; those of other keys, such as
 * of witnesses, are counted and no more.
 */
export function openNote(note: string, verifiers: readonly Verifier[]): Opened {
  const parsed = parseNote(note);
  if (parsed === null) return { ok: false, why: "it is no signed note" };
  const by: Verifier[] = [];
  for (const signature of parsed.signatures) {
    const verifier = verifiers.find(({ name, id }) => name === signature.name && id === signature.id);
    if (verifier === undefined) continue;
    if (!isSignedBy(verifier, parsed.text, signature.bytes))
      return { ok: false, why: `the signature of ${verifier.name}+${verifier.id} is wrong` };
    if (!by.includes(verifier)) by.push(verifier);
  }
  if (by.length === 0) return { ok: false, why: "no key that is known has signed it" };
  const others = parsed.signatures.filter(({ name, id }) => !verifiers.some((one) => one.name === name && one.id === id)).length;
  return { ok: true, note: parsed, by, others };
}

function isSignedBy({ algorithm, publicKey }: Verifier, text: string, bytes: Buffer): boolean {
  if (algorithm === 1) return verifyBytes(publicKey, Buffer.from(text), bytes);
  // C2SP tlog-cosignature: eight bytes of seconds since 1970, and the signature over them and the text.
  if (bytes.length !== 72) return false;
  return verifyBytes(publicKey, Buffer.from(`cosignature/v1\ntime ${bytes.readBigUInt64BE()}\n${text}`), bytes.subarray(8));
}

const isNoteText = (text: string): boolean =>
  text.endsWith("\n") && text.isWellFormed() && Buffer.from(text).every((byte) => byte >= 0x20 || byte === 0x0a);
