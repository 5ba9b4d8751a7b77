import type { ChangeReach } from "./change-reach.ts";
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
import type { NightJob, Proofs } from "./night-ports.ts";
import type { Lease } from "./ports.ts";
import type { RevertRecords } from "./expect/reverted.ts";
import type { TellJob } from "./rollout/news-ports.ts";
import type { OrderRecords } from "./rollout/order-ports.ts";
import type { RollJob } from "./rollout/rollout-ports.ts";

export type { Log } from "./log.ts";

/** What the gate's part of the engine needs: a forge, a memory, a judge. `main.ts` is where the compiler checks that the edges fit. */

export interface ChangeKey {
  /** GitHub's id of the repository. */
  repository: number;
  number: number;
}

/** A change whose turn it is. `attempts` counts the turns before it that came to nothing. */
export interface Turn extends ChangeKey {
  attempts: number;
}

/** A turn as whoever takes it has it: with the lease of its repository. */
export interface HeldTurn extends Turn {
  lease: Lease;
}

/** A check that was asked for. */
export interface CheckJob extends ChangeKey {
  request: JudgeRequest;
}

/** What the queues hold. Of each kind a change has one job waiting at most, and a repository one turn and one night under way. */
export interface JobData {
  advance: Turn;
  check: CheckJob;
  night: NightJob;
  roll: RollJob;
  sweep: object;
  tell: TellJob;
}
export type Queue = keyof JobData;

/** A job that was taken, with the lease that it was taken under. */
export interface Job<Data> {
  queue: Queue;
  id: string;
  data: Data;
  lease: Lease;
  /** Seconds from when it was due to when it was taken. */
  waited?: number;
}

export interface Pair {
  base: string;
  head: string;
}

export type CheckResult = { ok: true; checked: Checked } | { ok: false; problem: ProblemText };

/** A merge and the commit that it makes, known before it is pushed; null where GitHub makes it. */
export type IntendedMerge = Merge & { commit: string | null };

/** A merge of a change, whatever became of it. */
export interface KeptLanding {
  state: "intended" | "refused" | "landed" | "outside";
  /** What was to be merged; null where it was nothing of ours. */
  merge: IntendedMerge | null;
  /** How it landed; null where it did not, as far as is known. */
  landing: Landing | null;
  /** It is ours, and nobody knows yet which tree landed. */
  unread: boolean;
}

/** An open change as it was decided on last, and as the last sweep saw it. */
export interface KnownChange {
  number: number;
  baseRef: string | null;
  pair: Pair | null;
  seen: string | null;
}

/** What the gate remembers. Inside a transaction only the records it hands out may be used. */
export interface Records extends OrderRecords, RevertRecords {
  addDelivery(delivery: { id: string; name: string; event: Event | null; receivedAt: Date }): Promise<boolean>;
  /**
   * Takes in whole, by itself all or nothing, a delivery of which nothing follows but turns: of these changes, and of the open ones with
   * this head. Nothing of it where its repository is not known under this name and installation. Whoever calls it looks for turns then.
   */
  addTouch(
    delivery: { id: string; name: string; event: Event; receivedAt: Date },
    touch: { origin: Origin; numbers: readonly number[]; head: string | null; push: Push | null },
  ): Promise<"news" | "no-news" | "repository-unknown">;
  /** Gives since when the repository was gone, for one that is back. */
  saveRepository(origin: Origin): Promise<Date | null>;
  /** Nothing is asked of these any more until they come back; gives those that it was asked of until now. */
  dropRepositories(ids: readonly number[], at: Date): Promise<Origin[]>;
  dropInstallation(installation: number, at: Date): Promise<Origin[]>;
  /** Null for a repository that is gone. */
  originOf(repository: number): Promise<Origin | null>;
  /** sha256 of the policy that was read last of an organisation, by GitHub's id of it; null where there is none to be missed. */
  organisationPolicyOf(owner: number): Promise<string | null>;
  saveOrganisationPolicy(owner: number, sha256: string, at: Date): Promise<void>;
  dropOrganisationPolicy(owner: number): Promise<void>;
  /** Asks for a look at where the App is installed. */
  askDiscovery(): Promise<void>;
  /** Whether it is time for that; then it is not until so many seconds later, or asked for again. */
  takeDiscovery(now: Date, seconds: number): Promise<boolean>;

  /** Comments that were acknowledged. */
  saveReacted(repository: number, comment: number, at: Date): Promise<void>;
  reactedTo(repository: number, comments: readonly number[]): Promise<Set<number>>;
  /** Comments with a command that a delivery told were edited, and by whom; null where it names nobody. */
  addEdit(repository: number, comment: number, by: Person | null, at: Date): Promise<void>;
  editsOf(repository: number, comments: readonly number[]): Promise<Map<number, Person | null>>;
  /** Commits of a merge queue that are to be refused. */
  addMergeGroup(repository: number, head: string, at: Date): Promise<void>;
  mergeGroups(now: Date): Promise<{ origin: Origin; head: string }[]>;
  endMergeGroup(repository: number, head: string): Promise<void>;

  /** Asks for a turn of the change, at once. One that is under way does not count. */
  wake(change: ChangeKey): Promise<void>;
  wakeAll(changes: readonly ChangeKey[]): Promise<void>;
  /** Asks for the check of a pair unless that is asked for already; calls off the check of any other pair of the change. */
  askCheck(change: ChangeKey, request: JudgeRequest): Promise<void>;
  dropChecks(change: ChangeKey): Promise<void>;
  askSweep(): Promise<void>;
  countTurns(): Promise<{ waiting: number; givenUp: number }>;
  countJobs(): Promise<number>;
  /** Queues with a job that could be taken now, and the seconds until another one is due; null when none waits for its time. */
  outlook(): Promise<{ due: Queue[]; seconds: number | null }>;
  givenUp(): Promise<ChangeKey[]>;
  /** Changes of which something was intended and not seen through, with nothing queued or under way. */
  unfinished(): Promise<ChangeKey[]>;
  allOrigins(): Promise<Origin[]>;
  /** Those with open changes, and so many of the others at most, in turn. */
  takeOrigins(mostQuiet: number, at: Date): Promise<Origin[]>;
  /** Asks for the nights of these repositories that have begun and are not through. One that is seen for the first time has its first with the next. */
  askNights(begun: readonly { repository: number; night: string }[], now: Date): Promise<void>;
  /** A branch whose night is not through, and the last node that was looked at; null where there is none. */
  nextNight(repository: number): Promise<{ branch: string; after: string | null } | null>;
  /** Whether a check waits or is under way, in whatever process. */
  isChecking(): Promise<boolean>;
  openChanges(repository: number): Promise<KnownChange[]>;
  /** `changes` in the order of their numbers; null says nothing. */
  saveSeen(repository: number, changes: readonly { number: number; seen: string | null }[]): Promise<void>;
  /** Which of these deliveries came in. */
  knownDeliveries(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Whether to ask for this delivery again now, and notes that it was: each time later than before, and not for ever. */
  askRedelivery(guid: string, at: Date): Promise<boolean>;

  findChange(
    change: ChangeKey,
  ): Promise<{ pair: Pair | null; baseRef: string | null; answers: readonly Answer[]; verdict: Verdict | null } | null>;
  /** Open changes that go into this branch, or whose head this commit is. */
  openChangesMoved(repository: number, moved: { branch: string; sha: string }): Promise<{ number: number; into: boolean }[]>;
  openChangesAt(repository: number, head: string): Promise<{ number: number; standing: Standing }[]>;
  /** All of them, or those that go into a branch, in the order of their numbers. */
  openChangesOf(repository: number, branch?: string): Promise<number[]>;
  /** When time alone may change what is said of a change. */
  setDue(change: ChangeKey, at: Date | null): Promise<void>;
  /** Makes every open change due. */
  setAllDue(at: Date): Promise<void>;
  /** Changes whose time has come, so many at most; each is given once. */
  takeDue(now: Date, most: number): Promise<ChangeKey[]>;

  /** An approval as it came in; `submittedAt` is ISO 8601. False where it was known; what was shown with it is kept once. */
  addReceipt(
    change: ChangeKey,
    receipt: Pick<Receipt, "review" | "reviewer" | "commit" | "source" | "shown"> & { submittedAt: string },
  ): Promise<boolean>;
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
  endGlass(change: ChangeKey): Promise<void>;
  /** What people were told last of each approval, by review id. */
  toldOf(change: ChangeKey): Promise<Map<number, { state: "kept" | "dropped"; why: string }>>;
  saveTold(change: ChangeKey, told: { review: number; state: "kept" | "dropped"; why: string }): Promise<void>;

  oweReview(repository: number, debt: ReviewDebt): Promise<void>;
  /** What is owed for landings in a branch, and for those of this change. */
  debtsOf(change: ChangeKey, branch: string): Promise<ReviewDebt[]>;
  payReview(change: ChangeKey, paid: { landing: string; review: number }, at: Date): Promise<void>;
  freezeBranch(repository: number, branch: string, frozen: Frozen): Promise<void>;
  frozenOf(repository: number, branch: string): Promise<Frozen | null>;
  unfreezeBranch(repository: number, branch: string): Promise<void>;

  /** Up to which commit of a branch every one is accounted for. */
  explainedTip(repository: number, branch: string): Promise<string | null>;
  saveExplainedTip(repository: number, explained: { branch: string; tip: string }, at: Date): Promise<void>;
  /** Begins at this commit, unless that has begun; tells whether it had. */
  beginExplaining(repository: number, begun: { branch: string; tip: string }, at: Date): Promise<boolean>;
  watchedBranches(repository: number): Promise<string[]>;
  /** Which of these commits landings of ours made, or were about to push; `landed` where that is recorded. */
  landingsAt(repository: number, shas: readonly string[]): Promise<{ number: number; sha: string; landed: boolean }[]>;

  /** Appends to the ledger; the last thing to do in a transaction, and never outside one. */
  appendEntries(repository: number, drafts: readonly Draft[], at: Date): Promise<void>;
  entriesOf(repository: number, subject: string): Promise<{ seq: number; entry: Entry }[]>;

  addPush(repository: number, push: Push): Promise<void>;
  pushersOf(repository: number, shas: readonly string[]): Promise<Person[]>;
  pushedAt(repository: number, sha: string): Promise<string | null>;

  /** `grounds`: what it rests on besides its pair (`groundsOf`). */
  findCheck(change: ChangeKey, pair: Pair): Promise<{ attempts: number; endedAt: Date; grounds: string; result: CheckResult } | null>;
  forgetChecks(change: ChangeKey): Promise<void>;

  answeredComments(change: ChangeKey): Promise<Set<number>>;
  addAnswered(change: ChangeKey, comments: readonly number[], at: Date): Promise<void>;
  ownLabels(change: ChangeKey): Promise<string[]>;

  /** Every merge of a change that was ever intended or found, the newest first. */
  landingsOf(change: ChangeKey): Promise<KeptLanding[]>;
  /** With the intention that it came of. */
  saveLanding(change: ChangeKey, landing: Landing, at: Date): Promise<void>;
}

/** What only the holder of a lease may write: the ends of jobs, decisions and what follows from them. */
export interface HeldRecords extends Records {
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
      /** For pages; `openedAt` is ISO 8601. `reach` null leaves what was kept. */
      about: { title: string; opener: string | null; openedAt: string; reach: ChangeReach | null };
    },
    at: Date,
  ): Promise<void>;
  saveCheck(change: ChangeKey, pair: Pair, made: { result: CheckResult; grounds: string }, at: Date): Promise<void>;
  changeOwnLabels(change: ChangeKey, labels: { add: readonly string[]; remove: readonly string[] }): Promise<void>;
  intendEffects(change: ChangeKey, effects: readonly Effect[], at: Date): Promise<number[]>;
  endEffect(id: number, error: string | null, at: Date): Promise<void>;
  intendMerge(change: ChangeKey, merge: IntendedMerge, at: Date): Promise<void>;
  /** Of the intended merge, where there is one. */
  refuseMerge(change: ChangeKey, why: string, at: Date): Promise<void>;

  settleTurn(job: Job<Turn>): Promise<void>;
  /** `seconds` null gives the turn up until the next wake. */
  postponeTurn(job: Job<Turn>, error: string, seconds: number | null): Promise<void>;
  /** Ends the sweep, and asks for the next one in so many seconds. */
  settleSweep(job: Job<object>, seconds: number): Promise<void>;
  /** How far a branch's night has come; `notBefore`: when it may go on. */
  saveNight(repository: number, branch: string, come: { after: string | null; isThrough: boolean; notBefore: Date | null }): Promise<void>;
  /** Counts what a sample or a night proved, by UTC's day. */
  addProofs(repository: number, proofs: Proofs, at: Date): Promise<void>;
  endJob(job: Job<object>): Promise<void>;
  /** Puts a job back, to be taken anew. */
  again(job: Job<object>): Promise<void>;
}

/** What ends a job, in one transaction under its lease. */
export type JobEnd = (records: HeldRecords) => Promise<void>;

/** Where deliveries are kept. */
export interface Inbox {
  records: Records;
  transaction<T>(work: (records: Records) => Promise<T>): Promise<T>;
}

export interface Store extends Inbox {
  /** The same for deliveries, which wait for nothing else that is under way. */
  inbox: Inbox;
  /** A transaction that checks first that the lease is held still, and keeps it from being taken over meanwhile. Rejects with LeaseLost. */
  held<T>(lease: Lease, work: (records: HeldRecords) => Promise<T>): Promise<T>;
  /** The next job that is due; null when there is none that this process may take. */
  take<Q extends Queue>(queue: Q, seconds: number): Promise<Job<JobData[Q]> | null>;
  /** Prolongs all leases of this process; gives the epochs of those that it still has. */
  renew(seconds: number): Promise<ReadonlySet<number>>;
  /** Gives back the jobs of processes that let their leases end. Tells how many. */
  takeBack(): Promise<number>;
  onNews(hear: () => void): void;
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
  /** What to do about GitHub's refusal of a push, in words; null where its own are all there is to say. */
  wayOut(merge: Merge, refusal: string): Promise<string | null>;
  treeOf(origin: Origin, sha: string): Promise<Known<string>>;
  /** The pull requests that a commit belongs to. */
  pullsOf(origin: Origin, sha: string): Promise<Known<readonly { number: number; merged: boolean; base: string }[]>>;
  labelsOf(origin: Origin, number: number): Promise<Known<readonly string[]>>;
  /** Who opened a pull request, and who wrote what is in it. */
  contributionsTo(origin: Origin, number: number): Promise<Known<Pick<Snapshot, "number" | "opener" | "head" | "commits">>>;
  /** The numeric id of who merged a pull request; null for nobody. */
  mergerOf(origin: Origin, number: number): Promise<Known<number | null>>;
  /** Who moved a branch of this repository, newest first: what deliveries of pushes tell, for those that never came. */
  pushesTo(origin: Origin, branch: string): Promise<Known<readonly Push[]>>;
  /** All open changes of a repository, a request for each hundred. */
  openChanges(origin: Origin): Promise<OpenChange[]>;
  /** The policy of a repository's organisation; null where it has none. */
  organisationPolicy(origin: Origin): Promise<Known<PolicyText | null>>;
  /** Webhooks since then of which an attempt failed, newest first: a later one may have come through. GitHub keeps them for three days. */
  failedDeliveries(since: Date): Promise<FailedDelivery[]>;
  redeliver(id: string): Promise<void>;
  /** Where the App is installed; without those that are suspended. */
  installations(): Promise<number[]>;
  /** The repositories of one installation, those in the archive left out. */
  repositories(installation: number): Promise<Origin[]>;
  /** Organisations that chose the App's repositories and show it none where their policy would be: whether they have one it can't tell. */
  organisationsUnseen(): Promise<string[]>;
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
  /** Of the latest attempt that failed: what `redeliver` takes. */
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
