import { commitmentTo, digestOf, type EntryKind } from "../../ledger/entry.ts";
import { type Filters, isAsked, type Named, namedIn } from "../../ledger/questions/filters.ts";
import { namingKinds, questionNamed, questions } from "../../ledger/questions/questions.ts";
import type { Given, Question, Row } from "../../ledger/questions/table.ts";
import { type Told, toTold, toTrail } from "../../ledger/questions/trail.ts";
import { Problem } from "../../problem.ts";

/** What an entry is about. */
export interface About {
  repository: number;
  subject: string;
}

interface Placed {
  /** Place in the log, from 0 on. */
  index: number;
  entry: string;
}

/** What questions are asked of: a database, or a bundle. Entries come in the order of the log. */
export interface AskSource {
  /** How many entries the log has, and how many of them are there to be asked. */
  logSize(): Promise<{ entries: number }>;
  countEntries(): Promise<number>;
  /** Of the largest checkpoint that was signed; null before the first. */
  newestCheckpoint(): Promise<{ size: number } | null>;
  /** What entries of these kinds are about, each once, in the order of the first such entry. */
  subjectsOf(
    kinds: readonly EntryKind[],
    within: { from: Date | null; to: Date | null; repository: number | null; subject: string | null },
  ): Promise<readonly About[]>;
  entriesAbout(about: readonly About[], kinds: readonly EntryKind[]): Promise<readonly Placed[]>;
  /** From a place on, so many at most. */
  entriesOfKinds(kinds: readonly EntryKind[], first: number, most: number): Promise<readonly Placed[]>;
  blobsOf(digests: readonly string[]): Promise<readonly { sha256: string; blob: string }[]>;
  people(): Promise<readonly { id: number; salt: string }[]>;
}

export interface Answer {
  question: Question;
  rows: readonly Row[];
  /** GitHub's numbers of people by their commitments, as far as anybody may know them. */
  people: ReadonlyMap<string, number>;
  /** Entries of the log that was asked, and of the largest checkpoint that was signed: what is beyond can't be proven yet. */
  entries: number;
  signed: number;
}

/** Changes that are looked at together: of a log with a million entries no more than these are in memory at once. */
const subjectsAtOnce = 500;
const entriesAtOnce = 2_000;

/** The rows of an answer that the filters let through, in the order of the log. Throws a Problem for a question that is none, and where entries are gone. */
export async function answerOf(source: AskSource, name: string, filters: Filters, given: Given): Promise<Answer> {
  const question = named(name, given);
  const { entries } = await source.logSize();
  const there = await source.countEntries();
  if (there < entries) throw gone(entries - there);
  const people = new Map((await source.people()).map(({ id, salt }) => [commitmentTo(id, salt), id]));
  const commitments = filters.person === null ? null : new Set([...people].flatMap(([own, id]) => (id === filters.person ? [own] : [])));
  const asked = { commitments, named: filters.service === null ? null : await namedAnywhere(source, filters.service) };
  const also = await allOfKinds(source, question.also);
  const rows: Row[] = [];
  const { from, to, repository, subject } = filters;
  const isHistory = question.history === true;
  // Lanes are asked for by the changes that came to them, too.
  const isOfLanes = subject?.startsWith("pull/") === true && question.anchors.some((kind) => kind.startsWith("lane-"));
  const ofChange = isOfLanes || isHistory ? null : subject;
  // What is told beside what was before needs that, too.
  const since = isHistory ? null : dateOf(from);
  const about = await source.subjectsOf(question.anchors, { from: since, to: dateOf(to), repository, subject: ofChange });
  const kinds = [...new Set([...question.anchors, ...question.beside])];
  const isWanted = (row: Row): boolean => isAsked(row, filters, asked);
  for (let at = 0; at < about.length; at += subjectsAtOnce) {
    const told = await withTexts(source, await source.entriesAbout(about.slice(at, at + subjectsAtOnce), kinds), question.texts);
    const own = question.answer(toTrail(told, also), given);
    rows.push(...(isHistory ? own : own.filter(isWanted)));
  }
  rows.sort((one, other) => one.entry - other.entry);
  const put = question.finish?.(rows) ?? rows;
  const finished = isHistory ? put.filter(isWanted) : put;
  const signed = (await source.newestCheckpoint())?.size ?? 0;
  return { question, rows: await completed(source, question, finished), people, entries, signed };
}

function named(name: string, given: Given): Question {
  const question = questionNamed(name, given.node);
  if (question !== null) {
    if (question.name !== "running" || given.node !== null) return question;
    throw new Problem({
      code: "no-node",
      text: "What ran on a node is asked of one node.",
      hint: "Name it: --node CERTNAME, and a time by --at.",
    });
  }
  const command = { "22": "`puppet-gate audit verify`", "23": "`puppet-gate audit sample --seed TEXT -n NUMBER`" }[name];
  throw new Problem({
    code: "no-question",
    text: command === undefined ? `${JSON.stringify(name)} is none of the questions.` : `Question ${name} has a command of its own.`,
    hint: command === undefined ? `Ask one of ${questions.map((one) => `${one.number} (${one.name})`).join(", ")}.` : `Run ${command}.`,
  });
}

async function withTexts(source: AskSource, placed: readonly Placed[], texts: boolean): Promise<Told[]> {
  if (!texts) return placed.map(({ index, entry }) => toTold(index, entry, () => undefined));
  const told: Told[] = [];
  for (let at = 0; at < placed.length; at += entriesAtOnce) {
    const some = placed.slice(at, at + entriesAtOnce);
    const digests = some.flatMap(({ entry }) => (JSON.parse(entry) as { evidence: string[] }).evidence.slice(0, 1));
    const blobs = new Map((await source.blobsOf(digests)).map(({ sha256, blob }) => [sha256, blob]));
    for (const [sha256, blob] of blobs) if (digestOf(blob) !== sha256) throw changed(sha256);
    for (const { index, entry } of some) told.push(toTold(index, entry, (sha256) => blobs.get(sha256)));
  }
  return told;
}

async function allOfKinds(source: AskSource, kinds: readonly EntryKind[]): Promise<Told[]> {
  const told: Told[] = [];
  if (kinds.length === 0) return told;
  for (let first = 0; ;) {
    const placed = await source.entriesOfKinds(kinds, first, entriesAtOnce);
    for (const one of await withTexts(source, placed, true)) told.push({ ...one, about: slim(one.about) });
    const last = placed.at(-1);
    if (last === undefined || placed.length < entriesAtOnce) return told;
    first = last.index + 1;
  }
}

/** Of what is looked at whatever it is about, there are as many as the log has: of each, what other rows are found by. */
const slim = ({ commit, branch }: Told["about"]): Told["about"] => ({ commit, branch });

async function namedAnywhere(source: AskSource, service: string): Promise<Named> {
  const about = await source.subjectsOf(namingKinds, { from: null, to: null, repository: null, subject: null });
  const [subjects, commits] = [new Set<string>(), new Set<string>()];
  for (let at = 0; at < about.length; at += subjectsAtOnce) {
    const told = await withTexts(source, await source.entriesAbout(about.slice(at, at + subjectsAtOnce), namingKinds), true);
    const found = namedIn(toTrail(told), service);
    for (const one of found.subjects) subjects.add(one);
    for (const one of found.commits) commits.add(one);
  }
  return { subjects, commits };
}

async function completed(source: AskSource, { complete }: Question, rows: readonly Row[]): Promise<readonly Row[]> {
  if (complete === undefined) return rows;
  const about = rows.flatMap(({ repo, change }) =>
    typeof change === "string" ? change.split(" ").map((subject) => ({ repository: repo, subject })) : [],
  );
  return complete.rows(rows, toTrail(await withTexts(source, await source.entriesAbout(about, complete.kinds), true)));
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

const changed = (sha256: string): Problem =>
  new Problem({
    code: "ledger-rewritten",
    text: `The text with the digest ${sha256} is not the one that an entry rests on: it was changed.`,
    hint: "`puppet-gate ledger check` names all of them. Ask a bundle from before (--bundle), and look at docs/audit.md.",
  });

const gone = (count: number): Problem =>
  new Problem({
    code: "ledger-rewritten",
    text: `${count} ${count === 1 ? "entry" : "entries"} of the ledger ${count === 1 ? "is" : "are"} gone from the database: no answer would be whole.`,
    hint: "`puppet-gate ledger check` says where. Ask a bundle or a published copy (--bundle), and look at docs/audit.md.",
  });
