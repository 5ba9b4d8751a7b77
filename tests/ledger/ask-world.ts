import { canonicalForm, commitmentTo, digestOf, type Entry, type EntryKind, toEntry } from "../../src/ledger/entry.ts";
import type { AskSource } from "../../src/cli/audit/answer.ts";

/** What happened, an hour each after the one before: kind, subject, who, and what it rests on. */
export type Happened = [EntryKind, string, number | null, object];

export const start = Date.parse("2026-11-01T12:00:00Z");
const salts = new Map([1, 2, 3].map((id) => [id, `${id}`.repeat(64)]));

const isWithin = (
  { kind, at, repo, subject: own }: Entry,
  kinds: readonly EntryKind[],
  { from, to, repository, subject }: Parameters<AskSource["subjectsOf"]>[1],
): boolean =>
  kinds.includes(kind) &&
  (from === null || at >= from.toISOString()) &&
  (to === null || at < to.toISOString()) &&
  (repository === null || repo === repository) &&
  (subject === null || own === subject);

/** A log in memory, to be asked; `forgotten`: without any text */
export function sourceOf(happened: readonly Happened[], { forgotten = false } = {}): AskSource & { loaded: number } {
  const blobs = new Map<string, string>();
  const commitments = new Map([...salts].map(([id, salt]) => [id, commitmentTo(id, salt)]));
  const placed = happened.map(([kind, subject, actor, about], index) => {
    const text = JSON.stringify(about);
    blobs.set(digestOf(text), text);
    const draft = { kind, subject, actor, evidence: [text], key: String(index) };
    const entry: Entry = toEntry(draft, { repository: 42, at: new Date(start + index * 3_600_000), commitments });
    return { index, entry: canonicalForm(entry), about: entry };
  });
  const source = {
    loaded: 0,
    logSize: async () => ({ entries: placed.length }),
    countEntries: async () => placed.length,
    newestCheckpoint: async () => ({ size: placed.length - 1 }),
    subjectsOf: (async (kinds, within) => {
      const found = placed.filter(({ about }) => isWithin(about, kinds, within));
      return [...new Set(found.map(({ about }) => about.subject))].map((one) => ({ repository: 42, subject: one }));
    }) satisfies AskSource["subjectsOf"],
    entriesAbout: (async (about, kinds) => {
      const found = placed.filter((one) => kinds.includes(one.about.kind) && about.some(({ subject }) => subject === one.about.subject));
      source.loaded += found.length;
      return found;
    }) satisfies AskSource["entriesAbout"],
    entriesOfKinds: (async (kinds, within, { first, most }) =>
      placed
        .filter(({ index, about }) => index >= first && isWithin(about, kinds, within))
        .slice(0, most)) satisfies AskSource["entriesOfKinds"],
    blobsOf: (async (digests) =>
      forgotten
        ? []
        : digests.flatMap((sha256) =>
            blobs.has(sha256) ? [{ sha256, blob: blobs.get(sha256) ?? "" }] : [],
          )) satisfies AskSource["blobsOf"],
    people: async () => [...salts].map(([id, salt]) => ({ id, salt })),
  };
  return source;
}
