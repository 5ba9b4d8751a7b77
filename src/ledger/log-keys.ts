import { type Draft, textOfBlob } from "./entry.ts";
import { parseVerifierKey, type Signer, type Verifier, verifierKey } from "./keys.ts";
import { openNote, parseNote, signNote } from "./note.ts";

/** What is said of a new key, signed by it and by the one before: who knows the one comes to know the other. */
const rotationTitle = "puppet-gate: the ledger has a new key";

export const beganDraft = (key: Verifier): Draft => draftOf("log-began", verifierKey(key), verifierKey(key));

export const rotatedDraft = (before: Signer, after: Signer): Draft =>
  draftOf(
    "log-key-rotated",
    verifierKey(after),
    signNote(`${rotationTitle}\n${before.name}\n${verifierKey(before)}\n${verifierKey(after)}\n`, [before, after]),
  );

const draftOf = (kind: "log-began" | "log-key-rotated", about: string, text: string): Draft => ({
  kind,
  subject: "log",
  actor: null,
  evidence: [text],
  key: `${kind}:${about}`,
});

/** The keys that a log had, the first one first, by the entries that it has of them: each new one vouched for by one before. `blobs` of entries, as they are kept. */
export function keysOf(entries: readonly { entry: string; blobs: readonly string[] }[]): Verifier[] {
  const keys: Verifier[] = [];
  for (const { entry, blobs } of entries) {
    const { kind } = JSON.parse(entry) as { kind: string };
    for (const text of blobs.map(textOfBlob)) {
      const next =
        kind === "log-began" && keys.length === 0 ? parseVerifierKey(text) : kind === "log-key-rotated" ? rotatedTo(text, keys) : null;
      if (next !== null) keys.push(next);
    }
  }
  return keys;
}

/** The new key of a rotation, where one of these and itself have signed for it. */
function rotatedTo(note: string, known: readonly Verifier[]): Verifier | null {
  const [title, , before = "", after = ""] = parseNote(note)?.text.split("\n") ?? [];
  const old = known.find((key) => verifierKey(key) === before);
  const next = parseVerifierKey(after);
  if (title !== rotationTitle || old === undefined || next === null || next.name !== old.name) return null;
  const opened = openNote(note, [old, next]);
  return opened.ok && opened.by.includes(old) && opened.by.includes(next) ? next : null;
}
