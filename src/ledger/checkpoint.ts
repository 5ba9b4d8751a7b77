import { hashBytes, type Hash } from "./hashes.ts";
import type { Signer, Verifier } from "./keys.ts";
import { openNote, signNote } from "./note.ts";

/** The head of a log at one size: C2SP tlog-checkpoint. */
export interface Checkpoint {
  /** The log's name for itself. */
  origin: string;
  size: number;
  root: Hash;
}

/** The text of a checkpoint, to be signed. */
const checkpointText = ({ origin, size, root }: Checkpoint): string => `${origin}\n${size}\n${root.toString("base64")}\n`;

export const signCheckpoint = (checkpoint: Checkpoint, signers: readonly Signer[]): string => signNote(checkpointText(checkpoint), signers);

/** Null for what is none. Lines after the third are allowed, and mean nothing here. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = "", size = "", encoded = "", ...more] = text.split("\n");
  const root = Buffer.from(encoded, "base64");
  const isWhole =
    origin !== "" && /^(?:0|[1-9]\d{0,14})$/u.test(size) && more.at(-1) === "" && more.slice(0, -1).every((line) => line !== "");
  return isWhole && root.length === hashBytes && root.toString("base64") === encoded ? { origin, size: Number(size), root } : null;
}

export type OpenedCheckpoint = { ok: true; checkpoint: Checkpoint; by: readonly Verifier[] } | { ok: false; why: string };

/** A checkpoint of this log, signed by one of the log's keys at least. `verifiers` may have witnesses' keys too, whose lines are tried where they are there. */
export function openCheckpoint(note: string, origin: string, verifiers: readonly Verifier[]): OpenedCheckpoint {
  const opened = openNote(note, verifiers);
  if (!opened.ok) return opened;
  const checkpoint = parseCheckpoint(opened.note.text);
  if (checkpoint === null) return { ok: false, why: "it is signed, and is no checkpoint" };
  if (checkpoint.origin !== origin) return { ok: false, why: `it is of ${checkpoint.origin}, and not of ${origin}` };
  if (!opened.by.some(({ algorithm }) => algorithm === 1)) return { ok: false, why: "witnesses have signed it, and not the log" };
  return { ok: true, checkpoint, by: opened.by };
}
