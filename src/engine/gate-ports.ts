import type { Effect, Merge } from "../gate/decide.ts";
import type { Event, Origin, Push } from "../gate/event.ts";
import type {
  Binding,
  Carry,
  Checked,
  Frozen,
  Glass,
  Known,
  Person,
  PolicyText,
  Receipt,
  ReviewDebt,
  Snapshot,
  Wish,
} from "../gate/facts.ts";
import type { Report } from "../gate/report.ts";
import type { Verdict } from "../gate/verdict.ts";
import type { Answer, Landing, Standing } from "../gate/view.ts";
import type { Draft, Entry } from "../ledger/entry.ts";
import type { ProblemText } from "../problem.ts";

/** What the gate's part of the engine needs: a forge, a memory, a judge. `main.ts` is where the compiler checks that the edges fit. */

export interface ChangeKey {
  /** GitHub's id of the repository. */
  repository: number;
  number: number;
}

/** A change whose turn it is. `wanted` names the wake it answers; `attempts` counts the turns before it that came to nothing. */
export interface Turn extends ChangeKey {
  wanted: number;
  attempts: number;
}

export interface Pair {
  base: string;
  head: string;
}

export type CheckResult = { ok: true; checked: Checked } | { ok: false; problem: ProblemText };

/** A merge and the commit that it makes, known before it is pushed; null where GitHub makes it. */
export type IntendedMerge = Merge & { commit: string | null };

/** What the gate remembers. Inside a transaction only the records it hands out may be used. */
export interface Records {
  addDelivery(delivery: { id: string; name: string; event: Event | null; receivedAt: Date }): Promise<boolean>;
  saveRepository(origin: Origin): Promise<void>;
  originOf(repository: number): Promise<Origin | null>;

  wake(change: ChangeKey): Promise<void>;
  dueTurns(now: Date): Promise<Turn[]>;
  nextTurn(): Promise<Date | null>;
  settleTurn(turn: Turn): Promise<void>;
  /** `notBefore` null gives the turn up until the next wake. */
  postponeTurn(turn: Turn, error: string, notBefore: Date | null): Promise<void>;
  resumeTurns(): Promise<void>;
  countTurns(): Promise<{ waiting: number; givenUp: number }>;

  findChange(change: ChangeKey): Promise<{ pair: Pair | null; answers: readonly Answer[] } | null>;
  saveDecision(
    change: ChangeKey,
    decided: {
      state: "open" | "closed" | "merged";
      baseRef: string;
      base: string | null;
      head: string;
      verdict: Verdict;
      standing: Standing;
      answers: readonly Answer[];
    },
    at: Date,
  ): Promise<void>;
  openChangesInto(repository: number, branch: string): Promise<number[]>;
  openChangesAt(repository: number, head: string): Promise<{ number: number; standing: Standing }[]>;
  openChangesOf(repository: number): Promise<number[]>;
  /** When time alone may change what is said of a change. */
  setDue(change: ChangeKey, at: Date | null): Promise<void>;
  /** Changes whose time has come; each is given once. */
  takeDue(now: Date): Promise<ChangeKey[]>;

  /** An approval as it came in; `submittedAt` is ISO 8601. */
  addReceipt(
    change: ChangeKey,
    receipt: Pick<Receipt, "review" | "reviewer" | "commit" | "source"> & { submittedAt: string },
  ): Promise<void>;
  receiptsOf(change: ChangeKey): Promise<Omit<Receipt, "carry">[]>;
  bindReceipt(repository: number, review: number, binding: Binding): Promise<void>;
  findCarry(repository: number, from: Pair, to: Pair): Promise<Carry | null>;
  saveCarry(repository: number, compared: { from: Pair; to: Pair; carry: Carry }, at: Date): Promise<void>;

  addTrust(change: ChangeKey, trust: { head: string; by: Person; comment: number }, at: Date): Promise<void>;
  trustOf(change: ChangeKey, head: string): Promise<Person | null>;
  saveWish(change: ChangeKey, wish: Wish, at: Date): Promise<void>;
  wishOf(change: ChangeKey): Promise<Wish | null>;
  endWish(change: ChangeKey): Promise<void>;
  saveGlass(change: ChangeKey, glass: Glass): Promise<void>;
  glassOf(change: ChangeKey): Promise<Glass | null>;

  oweReview(repository: number, debt: ReviewDebt): Promise<void>;
  debtsOf(repository: number): Promise<ReviewDebt[]>;
  payReview(change: ChangeKey, review: number, at: Date): Promise<void>;
  freezeRepository(repository: number, frozen: Frozen): Promise<void>;
  frozenOf(repository: number): Promise<Frozen | null>;
  unfreezeRepository(repository: number): Promise<void>;

  /** Up to which commit of a branch every one is accounted for. */
  explainedTip(repository: number, branch: string): Promise<string | null>;
  saveExplainedTip(repository: number, explained: { branch: string; tip: string }, at: Date): Promise<void>;
  watchedBranches(repository: number): Promise<string[]>;
  /** Which of these commits landings of ours made, or were about to push. */
  landingsAt(repository: number, shas: readonly string[]): Promise<{ number: number; sha: string }[]>;

  /** Appends to the ledger; the last thing to do in a transaction, and never outside one. */
  appendEntries(repository: number, drafts: readonly Draft[], at: Date): Promise<void>;
  entriesOf(repository: number, subject: string): Promise<{ seq: number; entry: Entry }[]>;

  addPush(repository: number, push: Push): Promise<void>;
  pushersOf(repository: number, shas: readonly string[]): Promise<Person[]>;
  pushedAt(repository: number, sha: string): Promise<string | null>;

  findCheck(change: ChangeKey, pair: Pair): Promise<{ attempts: number; result: CheckResult } | null>;
  saveCheck(change: ChangeKey, pair: Pair, result: CheckResult, at: Date): Promise<void>;
  forgetChecks(change: ChangeKey): Promise<void>;

  answeredComments(change: ChangeKey): Promise<Set<number>>;
  addAnswered(change: ChangeKey, comments: readonly number[], at: Date): Promise<void>;
  ownLabels(change: ChangeKey): Promise<string[]>;
  changeOwnLabels(change: ChangeKey, labels: { add: readonly string[]; remove: readonly string[] }): Promise<void>;

  intendEffects(change: ChangeKey, effects: readonly Effect[], at: Date): Promise<number[]>;
  endEffect(id: number, error: string | null, at: Date): Promise<void>;
  intendedMerge(change: ChangeKey): Promise<IntendedMerge | null>;
  /** The newest merge that was intended, also one that was taken for refused. */
  lastMerge(change: ChangeKey): Promise<IntendedMerge | null>;
  intendMerge(change: ChangeKey, merge: IntendedMerge, at: Date): Promise<void>;
  refuseMerge(change: ChangeKey, why: string, at: Date): Promise<void>;
  saveLanding(change: ChangeKey, landing: Landing, at: Date): Promise<void>;
  findLanding(change: ChangeKey): Promise<Landing | null>;
}

export interface Store {
  records: Records;
  transaction<T>(work: (records: Records) => Promise<T>): Promise<T>;
}

/** After `unclear` nobody knows whether it was merged. */
export type MergeOutcome =
  | { kind: "merged"; sha: string }
  | { kind: "refused"; reason: "head-moved" | "base-moved" | "other"; text: string }
  | { kind: "unclear"; text: string };

/** Where changes live and what is said there. */
export interface Forge {
  snapshot(origin: Origin, number: number): Promise<Snapshot>;
  /**
   * Numeric ids of everybody in `acme/sre` and the teams below it, asked for at every call. Of another organisation, too, if the App is
   * installed there. Unknown where GitHub would not say, with what to do about it.
   */
  teamMembers(origin: Origin, team: string): Promise<Known<ReadonlySet<number>>>;
  perform(origin: Origin, number: number, effect: Effect, report: Report | null): Promise<void>;
  /** Acknowledges a command before anything is read. */
  react(origin: Origin, comment: number): Promise<void>;
  /** Says on the commit of a merge queue that the gate takes no part in it. */
  refuseMergeGroup(origin: Origin, head: string): Promise<void>;
  merge(origin: Origin, number: number, merge: Merge): Promise<MergeOutcome>;
  treeOf(origin: Origin, sha: string): Promise<Known<string>>;
  /** All open changes of a repository, a request for each hundred. */
  openChanges(origin: Origin): Promise<OpenChange[]>;
  /** Webhooks since then of which no attempt came through, newest first. GitHub keeps them for three days. */
  failedDeliveries(since: Date): Promise<FailedDelivery[]>;
  redeliver(id: string): Promise<void>;
  /** Where the App is installed; without those that are suspended. */
  installations(): Promise<number[]>;
  /** The repositories of one installation, those in the archive left out. */
  repositories(installation: number): Promise<Origin[]>;
  /** The forge's own failure; null for any other error. */
  explain(error: unknown): Failure | null;
}

/** A failure in words, and how many seconds to wait at least before anything is asked again: 0 where nothing says so. */
export interface Failure {
  text: string;
  after: number;
}

/** An open change at a glance: when none of this moved, nothing about it did that a webhook would have told of. */
export interface OpenChange {
  number: number;
  /** ISO 8601. */
  updatedAt: string;
  head: string;
  base: { ref: string; tip: string | null };
  /** Of all check runs and statuses of the head, the gate's own too, as GitHub sums them up; null where there are none. */
  checks: string | null;
}

export interface FailedDelivery {
  /** Of the latest attempt: what `redeliver` takes. */
  id: string;
  /** Equal for all attempts, and the one that webhooks carry. */
  guid: string;
  event: string;
  /** ISO 8601. */
  at: string;
}

/** What is to be checked: base's tip and a head, as commits. */
export interface JudgeRequest {
  origin: Origin;
  number: number;
  base: { ref: string; sha: string };
  head: string;
  /** The organisation's policy; null where it has none. */
  organisation: PolicyText | null;
}

export type Judge = (request: JudgeRequest, signal: AbortSignal) => Promise<Checked>;

/** Fields first, then what happened, as pino has it. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
