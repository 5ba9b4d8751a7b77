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

/** A log that begins anew where another can't go on. `last`: that one's last checkpoint. The key comes first, so that it is read like that of any log. */
export const succeededDraft = (key: Verifier, { last, reason }: { last: string | null; reason: string }): Draft =>
  draftOf("log-succeeded", verifierKey(key), JSON.stringify({ key: verifierKey(key), last, reason }));

const draftOf = (kind: "log-began" | "log-key-rotated" | "log-succeeded", about: string, text: string): Draft => ({
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
      if (kind === "log-succeeded") keys.length = 0;
      const next = firstKey(kind, text, keys) ?? (kind === "log-key-rotated" ? rotatedTo(text, keys) : null);
      if (next !== null) keys.push(next);
    }
  }
  return keys;
}

function firstKey(kind: string, text: string, keys: readonly Verifier[]): Verifier | null {
  if (keys.length > 0) return null;
  if (kind === "log-began") return parseVerifierKey(text);
  return kind === "log-succeeded" ? parseVerifierKey((JSON.parse(text) as { key: string }).key) : null;
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
