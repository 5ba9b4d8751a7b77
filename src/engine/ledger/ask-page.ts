import type { Entry, EntryKind } from "../../ledger/entry.ts";
import { questionNamed } from "../../ledger/questions/questions.ts";
import { type Given, personal, type Question, type Row } from "../../ledger/questions/table.ts";
import { type Told, toTold, toTrail } from "../../ledger/questions/trail.ts";
import { type LookUpRecords, somebodyOf, type Somebody } from "./look-up.ts";

/** Auditors' questions a page at a time: over the newest things that an answer begins with, and all that is recorded beside them. */

interface Placed {
  index: number;
  entry: string;
}

export interface AskRecords extends LookUpRecords {
  /** Entries of these kinds about some things, in the order of the log: of each thing from a number on, so many at most. */
  entriesOfAll(
    repository: number,
    asked: { subjects: readonly string[]; kinds: readonly string[]; from: number; most: number },
  ): Promise<readonly { seq: number; entry: Entry }[]>;
  entriesAbout(about: readonly { repository: number; subject: string }[], kinds: readonly EntryKind[]): Promise<readonly Placed[]>;
}

export interface PageAsked {
  from: Date | null;
  to: Date | null;
  /** `pull/7`, `lane/canary`. */
  subject: string | null;
  below: number | null;
  /** Entries that an answer begins with, at most. */
  most: number;
}

export interface AnswerPage {
  question: Question;
  rows: readonly Row[];
  /** Whom commitments stand for, as far as anybody may know. */
  people: (commitment: string) => Somebody;
  /** The first and last entry that the answer began with; null where there are none. */
  range: { first: number; last: number } | null;
  /** Where the next page goes on; null where nothing is left. */
  below: number | null;
}

/** Questions whose answers hold no names or values of nodes. Whatever is not here is answered to whoever may see those. */
const withoutNodes: ReadonlySet<string> = new Set([
  "population",
  "participants",
  "independence",
  "timeliness",
  "policies",
  "bypasses",
  "emergencies",
  "obligations",
  "stages",
  "unobserved",
  "freezes",
  "bypassers",
  "accounts",
  "self-merges",
  "restorations",
  "blindness",
  "duties",
  "lead-times",
]);

export const mayBeAsked = (name: string, seesNodes: boolean): boolean => seesNodes || withoutNodes.has(name);

/** Of a lane or a rollout, which go on for years: so many of what came after an answer's first entry are looked at. */
const mostAfter = 500;
/** Of what is looked at whatever it is about: so many at most, of before and of so many numbers after an answer's last entry. */
const mostAlso = 1_000;
const alsoAfter = 5_000;

/** Null for a question that is none. */
export async function askPage(
  records: AskRecords,
  repository: number,
  name: string,
  { most, ...asked }: PageAsked,
  given: Given,
): Promise<AnswerPage | null> {
  const question = questionNamed(name, given.node);
  if (question === null) return null;
  const anchors = await records.listEntries(repository, { ...asked, kinds: question.anchors, actor: null, most });
  const [newest, oldest] = [anchors[0], anchors.at(-1)];
  if (newest === undefined || oldest === undefined)
    return { question, rows: [], people: await somebodyOf(records, []), range: null, below: null };
  const kinds = [...new Set([...question.anchors, ...question.beside])];
  const subjects = [...new Set(anchors.map(({ entry }) => entry.subject))];
  const [changes, others] = [
    subjects.filter((subject) => subject.startsWith("pull/")),
    subjects.filter((subject) => !subject.startsWith("pull/")),
  ];
  const found = [
    ...placed(await records.entriesOfAll(repository, { subjects: changes, kinds, from: 1, most: mostAfter })),
    ...placed(await records.entriesOfAll(repository, { subjects: others, kinds, from: oldest.seq, most: mostAfter })),
  ].sort((one, other) => one.index - other.index);
  const also = question.also.length === 0 ? [] : await alsoOf(records, repository, question.also, newest.seq);
  // A change may have come in again since, and a lane has moved on: rows of these are of other pages.
  const places = new Set(anchors.map(({ seq }) => seq - 1));
  const trail = toTrail(await withTexts(records, found, question.texts), also, (index) => places.has(index));
  const own = question.answer(trail, given);
  const finish = question.finish?.(given);
  const finished = finish === undefined ? own : [...finish.add(own), ...finish.end()];
  const rows = [...(await completed(records, question, finished))].reverse();
  const commitments = rows.flatMap((row) =>
    [...personal].flatMap((column) => (typeof row[column] === "string" ? row[column].split(" ") : [])),
  );
  return {
    question,
    rows,
    people: await somebodyOf(records, commitments),
    range: { first: oldest.seq, last: newest.seq },
    below: anchors.length === most ? oldest.seq : null,
  };
}

const placed = (found: readonly { seq: number; entry: Entry }[]): Placed[] =>
  found.map(({ seq, entry }) => ({ index: seq - 1, entry: JSON.stringify(entry) }));

/** The newest up to a little after the page's own: what a release was, or how it ended. */
async function alsoOf(records: AskRecords, repository: number, kinds: readonly EntryKind[], newest: number): Promise<Told[]> {
  const nothing = { subject: null, actor: null, from: null, to: null };
  const found = await records.listEntries(repository, { ...nothing, kinds, below: newest + alsoAfter, most: mostAlso });
  return withTexts(records, placed(found).reverse(), true);
}

async function withTexts(records: AskRecords, found: readonly Placed[], texts: boolean): Promise<Told[]> {
  const digests = texts ? found.flatMap(({ entry }) => (JSON.parse(entry) as Entry).evidence.slice(0, 1)) : [];
  const blobs = new Map((await records.blobsOf(digests)).map(({ sha256, blob }) => [sha256, blob]));
  return found.map(({ index, entry }) => toTold(index, entry, (sha256) => blobs.get(sha256)));
}

async function completed(records: AskRecords, { complete }: Question, rows: readonly Row[]): Promise<readonly Row[]> {
  if (complete === undefined) return rows;
  const about = rows.flatMap(({ repo, change }) =>
    typeof change === "string" ? change.split(" ").map((subject) => ({ repository: repo, subject })) : [],
  );
  return complete.rows(rows, toTrail(await withTexts(records, await records.entriesAbout(about, complete.kinds), true)));
}
