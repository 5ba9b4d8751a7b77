import type { Answer, Landing, Standing } from "../../gate/view.ts";
import type { Binding, Carry, Frozen, Glass, Person, Receipt, ReviewDebt, Wish } from "../../gate/facts.ts";
import type { ChangeKey, ChangeReach, Pair } from "./changes.ts";
import type { CheckResult, JudgeRequest } from "./judge.ts";
import type { Draft, Entry } from "../../ledger/entry.ts";
import type { Effect, Merge } from "../../gate/decide.ts";
import type { Event, Origin, Push } from "../../gate/event.ts";
import type { Job, Queue, Turn } from "./jobs.ts";
import type { OrderRecords } from "./orders.ts";
import type { Proofs } from "./night.ts";
import type { RevertRecords } from "../expect/reverted.ts";
import type { Verdict } from "../../gate/verdict.ts";

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
