import type { Origin } from "../../gate/event.ts";
import type { Known, Permission, Person } from "../../gate/facts.ts";
import type { ExpectationStats } from "../../gate/expectation-stats.ts";
import type { Report } from "../../gate/report.ts";
import type { Verdict } from "../../gate/verdict.ts";
import type { Answer, Standing } from "../../gate/view.ts";
import type { Measured } from "../../measures/rows.ts";
import type { Question, Row } from "../../ledger/questions/table.ts";
import type { Entry, EntryKind } from "../../ledger/entry.ts";
import type { CausedWait } from "../../rollout/caused.ts";
import type { RolloutStatus } from "../../rollout/status.ts";
import type { OrderVerb } from "../../rollout/word.ts";

/** What the pages need of the rest. `wiring/site.ts` is where the compiler checks that it fits. */

export interface SignIn {
  begin(): Promise<{ address: string; asked: { state: string; verifier: string } }>;
  end(back: URL, asked: { state: string; verifier: string }): Promise<{ ok: true; person: Person } | { ok: false; why: string }>;
}

export interface SitePorts {
  /** Null: whoever is on this machine sees everything, and can do nothing. */
  signIn: SignIn | null;
  repositories(): Promise<readonly Origin[]>;
  permissionOf(origin: Origin, person: Person): Promise<Known<Permission>>;
  changes(repository: number, asked: ChangesAsked): Promise<readonly ChangeRow[]>;
  /** Null where there is none. */
  change(repository: number, number: number): Promise<ChangeShown | null>;
  /** The newest report of a change's checks; null where there is none. */
  reportOf(repository: number, number: number): Promise<Report | null>;
  /** Where each release is; null where nothing is rolled out. Rejects with a Problem where that can't be told now. */
  rollout(origin: Origin): Promise<RolloutStatus | null>;
  /** What people said to it last, the newest first. */
  saidTo(repository: number): Promise<readonly RolloutSaid[]>;
  /** Somebody's word to a rollout, kept with what came of it; told again under the same key it is the same. */
  say(origin: Origin, word: RolloutWord): Promise<RolloutAnswer>;
  /** What is measured of a repository between two times, and how far the ledger was read for it. */
  measures(repository: number, asked: { from: Date; to: Date; service: string | null; team: string | null }): Promise<Measured>;
  measuredTo(): Promise<MeasuredTo>;
  /** What lanes that stood still cost changes in waiting between two times, what cost most first. */
  waited(repository: number, asked: { from: Date; to: Date }): Promise<readonly CausedWait[]>;
  /** What reviewers' expectations caught since a time. */
  expectations(repository: number, since: Date): Promise<ExpectationStats>;
  /** A page of the ledger; of texts only what may be seen is looked through. */
  entries(origin: Origin, asked: EntriesAsked, seesNodes: boolean): Promise<EntryPage>;
  /** Null where the repository has none of this number. */
  entry(repository: number, seq: number, seesNodes: boolean): Promise<EntryShown | null>;
  /** An auditors' question over the newest of what it begins with; null for one that is none. */
  ask(repository: number, question: string, asked: QuestionAsked): Promise<AnswerShown | null>;
  /** The same over all of a time, as a file; null for one that is none. Rejects with a Problem where too many are made now. */
  askAll(repository: number, question: string, asked: Omit<QuestionAsked, "below" | "most">): Promise<AnswerWhole | null>;
  /** Whether somebody may ask it: what names nodes takes that they may see nodes. */
  mayAsk(question: string, seesNodes: boolean): boolean;
  /** That an entry is in the signed log, as a file. Rejects with a Problem where it is in none yet. */
  proof(seq: number): Promise<string>;
  logHead(): Promise<LogHead>;
  /** From which permission on somebody sees data of nodes; null where no policy was judged by yet. */
  nodesFrom(repository: number): Promise<"read" | "write" | "admin" | null>;
  /** Sign-ins that hold; null where nobody signs in. */
  sessions: Sessions | null;
  /** Of GitHub's pages, without a slash at the end. */
  github: string;
  now(): Date;
  log: { error(fields: object, message: string): void };
}

/** Sign-ins that hold, whatever a cookie says. `id` is a digest of what the cookie has. */
export interface Sessions {
  begin(session: { id: string; person: number; at: Date; until: Date }): Promise<void>;
  holds(session: { id: string; person: number; at: Date }): Promise<boolean>;
  /** One, or all of a person. */
  end(which: { id: string } | { person: number }): Promise<unknown>;
}

/** Up to which entry the ledger was measured, and how many it has. */
export interface MeasuredTo {
  seq: number;
  of: number;
}

/** Which entries are asked for. */
export interface EntriesAsked {
  kinds: readonly string[] | null;
  subject: string | null;
  /** GitHub's number of a person, or their login. */
  person: string | null;
  text: string | null;
  from: Date | null;
  to: Date | null;
  below: number | null;
  /** Entries of one page, at most. */
  most: number;
}

/** Whom an entry is about: null for nobody; without a number, somebody whom the ledger was asked to forget. */
export type Somebody = { id: number | null; login: string | null; commitment: string } | null;

export interface EntryListed {
  seq: number;
  entry: Entry;
  who: Somebody;
}

export interface EntryPage {
  rows: readonly EntryListed[];
  /** Where the next page goes on; null where nothing is left. */
  below: number | null;
  /** How many entries were read for a text; null where none was looked for. */
  looked: number | null;
}

/** `hidden`: what it rests on may hold data of nodes, which this person may not see. A text that is null was forgotten. */
export interface EntryShown extends EntryListed {
  texts: readonly { sha256: string; text: string | null }[];
  hidden: boolean;
}

export interface QuestionAsked {
  from: Date | null;
  to: Date | null;
  subject: string | null;
  /** A certname. */
  node: string | null;
  below: number | null;
  /** Entries that the answer begins with, at most. */
  most: number;
}

export interface AnswerShown {
  question: Pick<Question, "number" | "name" | "asks" | "missing" | "history">;
  /** The newest first. */
  rows: readonly Row[];
  /** Whom a commitment stands for. */
  people: (commitment: string) => Somebody;
  /** The first and last entry that it began with. */
  range: { first: number; last: number } | null;
  below: number | null;
}

export interface AnswerWhole {
  question: Pick<Question, "name" | "columns">;
  /** In the order of the log, some at a time; throws a Problem where texts were changed. */
  rows: AsyncIterable<{ rows: readonly Row[]; people: (commitment: string) => Somebody }>;
}

/** What the log says of itself: its newest signed note and how it stands with the places that it is published at. */
export interface LogHead {
  size: number;
  note: string | null;
  signedAt: Date | null;
  places: number;
  failing: number;
}

/** Who looks at a page. */
export type Viewer = { kind: "local" } | { kind: "person"; person: Person; formToken: string };

export interface ChangeRow {
  number: number;
  state: "open" | "closed" | "merged";
  baseRef: string | null;
  head: string | null;
  /** Null before the first decision. */
  standing: Standing | null;
  verdict: Verdict | null;
  /** Null where nothing is kept of it. `openedAt` is ISO 8601. */
  about: { title: string; opener: string | null; openedAt: string } | null;
  decidedAt: Date | null;
}

export interface ChangesAsked {
  state: ChangeRow["state"];
  standing: Standing | null;
  /** Only those that reach it by their last check. */
  service: string | null;
  team: string | null;
  /** Only those of lower numbers; null for the newest. */
  below: number | null;
  most: number;
}

export interface ChangeShown extends ChangeRow {
  answers: readonly Answer[];
  /** Approvals that came in, oldest first, each with what became of it; times are ISO 8601. */
  approvals: readonly ApprovalShown[];
  /** What the ledger has of it, oldest first; `at` is ISO 8601. `judged` is of a verdict whose text is there: the rules that were in the way then. */
  entries: readonly { seq: number; kind: EntryKind; at: string; who: Somebody; judged?: { outcome: string; rules: readonly string[] } }[];
}

export interface ApprovalShown {
  who: Somebody;
  /** The head that it was given on; null where nobody knows any more. */
  commit: string | null;
  became: readonly { seq: number; at: string; state: "received" | "bound" | "kept" | "dropped"; why: string | null }[];
}

/** What somebody said to a rollout; `at` is ISO 8601. */
export interface RolloutSaid {
  who: string;
  verb: string;
  text: string;
  at: string;
  /** Where it was said. */
  via: string;
  /** One sentence; null where nobody heard it yet. */
  answer: string | null;
}

export interface RolloutWord {
  key: string;
  person: Person;
  verb: OrderVerb;
  text: string;
}

/** Plain text: one sentence, and what goes into detail. */
export interface RolloutAnswer {
  ok: boolean;
  text: string;
  lines: readonly string[];
}
