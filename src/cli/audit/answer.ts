import { commitmentTo, digestOf, type Entry, type EntryKind } from "../../ledger/entry.ts";
import { type Filters, isAsked, type Named, namedIn, noFilters } from "../../ledger/questions/filters.ts";
import { namingKinds, questionNamed, questions } from "../../ledger/questions/questions.ts";
import type { Given, Question, Row } from "../../ledger/questions/table.ts";
import { part, type Told, toTold, toTrail } from "../../ledger/questions/trail.ts";
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

interface Within {
  from: Date | null;
  to: Date | null;
  repository: number | null;
  subject: string | null;
}

/** What questions are asked of: a database, or a bundle. Entries come in the order of the log. */
export interface AskSource {
  /** How many entries the log has, and how many of them are there to be asked. */
  logSize(): Promise<{ entries: number }>;
  countEntries(): Promise<number>;
  /** Of the largest checkpoint that was signed; null before the first. */
  newestCheckpoint(): Promise<{ size: number } | null>;
  /** What entries of these kinds are about, each once, in the order of the first such entry. */
  subjectsOf(kinds: readonly EntryKind[], within: Within): Promise<readonly About[]>;
  entriesAbout(about: readonly About[], kinds: readonly EntryKind[]): Promise<readonly Placed[]>;
  /** From a place on, so many at most. */
  entriesOfKinds(kinds: readonly EntryKind[], within: Within, page: { first: number; most: number }): Promise<readonly Placed[]>;
  blobsOf(digests: readonly string[]): Promise<readonly { sha256: string; blob: string }[]>;
  people(): Promise<readonly { id: number; salt: string }[]>;
}

export interface Answer {
  question: Question;
  /**
   * In the order of the log by what each is told of, some at a time and to be read once. Throws a Problem where an entry's text was changed: what came before is no
   * answer then.
   */
  rows: AsyncIterable<readonly Row[]>;
  /** GitHub's numbers of people by their commitments, as far as anybody may know them. */
  people: ReadonlyMap<string, number>;
  /** Entries of the log that was asked, and of the largest checkpoint that was signed: what is beyond can't be proven yet. */
  entries: number;
  signed: number;
}

/** Things that are looked at together: of a log with a million entries no more than what is told of these is in memory at once. */
const atOnce = 500;
/** How each node of a lane ended is told by one entry: of twenty thousand nodes, five megabytes. */
const lanesAtOnce = 10;
const entriesAtOnce = 2_000;

/** The rows of an answer that the filters let through. Throws a Problem for a question that is none, and where entries are gone. */
export async function answerOf(source: AskSource, name: string, filters: Filters, given: Given): Promise<Answer> {
  const question = named(name, given);
  const { entries } = await source.logSize();
  const there = await source.countEntries();
  if (there < entries) throw gone(entries - there);
  const signed = (await source.newestCheckpoint())?.size ?? 0;
  const people = new Map((await source.people()).map(({ id, salt }) => [commitmentTo(id, salt), id]));
  const commitments = filters.person === null ? null : new Set([...people].flatMap(([own, id]) => (id === filters.person ? [own] : [])));
  const service = filters.service === null ? null : await namedAnywhere(source, filters.service);
  const isWanted = (row: Row, by: Filters): boolean => isAsked(row, by, { commitments, named: service });
  return { question, rows: rowsOf(source, question, { filters, given, isWanted, end: entries }), people, entries, signed };
}

interface Sought {
  filters: Filters;
  given: Given;
  isWanted: (row: Row, filters: Filters) => boolean;
  /** Entries of before this place. */
  end: number;
}

async function* rowsOf(source: AskSource, question: Question, sought: Sought): AsyncGenerator<readonly Row[]> {
  const { filters, given, isWanted } = sought;
  const also = await allOfKinds(source, question.also);
  const finish = question.finish?.(given);
  const { repository, outcome } = filters;
  // What is told beside what was before needs all of that; what is summed up says how it came out only then.
  const first = question.history === true ? { ...noFilters, repository } : finish === undefined ? filters : { ...filters, outcome: null };
  const last = question.history === true ? filters : finish === undefined ? noFilters : { ...noFilters, outcome };
  const ended = (rows: readonly Row[]): Promise<readonly Row[]> =>
    completed(
      source,
      question,
      rows.filter((row) => isWanted(row, last)),
    );
  for await (const { told, own } of anchorsOf(source, question, sought)) {
    const rows = question.answer(
      toTrail(told, also, (index) => own.has(index)),
      given,
    );
    const wanted = rows.filter((row) => isWanted(row, first));
    yield await ended(finish?.add(wanted) ?? wanted);
  }
  if (finish !== undefined) yield await ended(finish.end());
}

/** What an answer begins with, some at a time, with what is beside these; `own`: the places of those that rows are made of. */
async function* anchorsOf(
  source: AskSource,
  { anchors, beside, history, texts }: Question,
  { filters: { from, to, repository, subject }, end }: Sought,
): AsyncGenerator<{ told: Told[]; own: ReadonlySet<number> }> {
  const most = anchors.includes("lane-nodes") ? lanesAtOnce : atOnce;
  // Lanes are asked for by the changes that came to them, too.
  const isOfLanes = subject?.startsWith("pull/") === true && anchors.some((kind) => kind.startsWith("lane-"));
  const isHistory = history === true;
  const within = {
    from: isHistory ? null : dateOf(from),
    to: dateOf(to),
    repository,
    subject: isOfLanes || isHistory ? null : subject,
  };
  const kinds = [...new Set([...anchors, ...beside])];
  for (let first = 0; ;) {
    const placed = (await source.entriesOfKinds(anchors, within, { first, most })).filter(({ index }) => index < end);
    const last = placed.at(-1);
    if (last === undefined) return;
    const all = beside.length === 0 ? placed : await source.entriesAbout(aboutOf(placed), kinds);
    yield { told: await withTexts(source, all, texts), own: new Set(placed.map(({ index }) => index)) };
    if (placed.length < most) return;
    first = last.index + 1;
  }
}

/** What entries are about, each once. */
function aboutOf(placed: readonly Placed[]): About[] {
  const about = placed.map(({ entry }) => JSON.parse(entry) as Entry).map(({ repo, subject }) => ({ repository: repo, subject }));
  return [...new Map(about.map((one) => [`${one.repository}/${one.subject}`, one])).values()];
}

function named(name: string, given: Given): Question {
  const question = questionNamed(name, given.node);
  if (question !== null) {
    if (question.name === "running" && given.node === null)
      throw new Problem({
        code: "no-node",
        text: "What ran on a node is asked of one node.",
        hint: "Name it: --node CERTNAME, and a time by --at.",
      });
    // An answer that left it out would be taken for one that had it.
    if (given.node !== null && !question.columns.includes("node"))
      throw unasked(question, "nodes", "Ask without --node; 10 to 13 are about nodes.");
    if (given.at !== null && question.name !== "running" && question.name !== "bypassers")
      throw unasked(
        question,
        "one moment",
        "Ask without --at; 11 and 17 are about one moment, and the others about a time by --from and --to.",
      );
    return question;
  }
  const command = { "22": "`puppet-gate audit verify`", "23": "`puppet-gate audit sample --seed TEXT -n NUMBER`" }[name];
  throw new Problem({
    code: "no-question",
    text: command === undefined ? `${JSON.stringify(name)} is none of the questions.` : `Question ${name} has a command of its own.`,
    hint: command === undefined ? `Ask one of ${questions.map((one) => `${one.number} (${one.name})`).join(", ")}.` : `Run ${command}.`,
  });
}

const unasked = ({ number, name }: Question, what: string, hint: string): Problem =>
  new Problem({ code: "not-asked", text: `Question ${number} (${name}) is not about ${what}.`, hint });

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
    const placed = await source.entriesOfKinds(kinds, anywhere, { first, most: entriesAtOnce });
    for (const one of await withTexts(source, placed, true)) told.push(slim(one));
    const last = placed.at(-1);
    if (last === undefined || placed.length < entriesAtOnce) return told;
    first = last.index + 1;
  }
}

const anywhere: Within = { from: null, to: null, repository: null, subject: null };

/** Of what is looked at whatever it is about, there are as many as the log has: of each, what other rows are found by. */
const slim = ({ index, entry: { kind, at, repo, subject }, about: { commit, branch, release, halt } }: Told): Told => ({
  index,
  entry: { v: 1, kind, at, repo, subject, actor: null, evidence: [], idempotencyKey: "" },
  about: { commit, branch, release, ...(halt !== undefined && { halt: { why: { kind: part(part(halt, "why"), "kind") } } }) },
});

async function namedAnywhere(source: AskSource, service: string): Promise<Named> {
  const about = await source.subjectsOf(namingKinds, anywhere);
  const [subjects, commits, entries] = [new Set<string>(), new Set<string>(), new Set<number>()];
  for (let at = 0; at < about.length; at += atOnce) {
    const told = await withTexts(source, await source.entriesAbout(about.slice(at, at + atOnce), namingKinds), true);
    const found = namedIn(toTrail(told), service);
    for (const one of found.subjects) subjects.add(one);
    for (const one of found.commits) commits.add(one);
    for (const one of found.entries) entries.add(one);
  }
  return { subjects, commits, entries };
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
