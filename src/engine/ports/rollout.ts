import type { Before, Run } from "../../rollout/runs.ts";
import type { Event } from "../../rollout/effects.ts";
import type { HeldRecords, Records } from "./records.ts";
import type { Known } from "../../policy/known.ts";
import type { Lease } from "./lease.ts";
import type { Line } from "../../rollout/line.ts";
import type { Member, Seated } from "../../rollout/members.ts";
import type { NodeCatalog } from "../../rollout/catalog-check.ts";
import type { OrderAnswer } from "../../rollout/orders.ts";
import type { Origin } from "../../gate/event.ts";
import type { Policy } from "../../policy/schema.ts";
import type { PolicyText } from "../../gate/facts.ts";
import type { Rollout } from "../../rollout/state.ts";
import type { SharesRecords } from "../rollout/shares.ts";
import type { Sight } from "../../rollout/sight.ts";
import type { Stayings } from "../../rollout/going-back.ts";
import type { Trails } from "../../rollout/trail.ts";
import type { Untold } from "../../rollout/status.ts";
import type { WaitedRecords } from "../rollout/waited.ts";

/** What a rollout needs of the edges. Times are milliseconds since 1970. */

/** What agents tell of their runs: PuppetDB, or a folder of Puppet's own stored reports. */
export interface RunReports {
  /**
   * Runs in an environment that arrived after `since`, in any order, with the source's own time of the answer. `active`: certnames that are not
   * deactivated or expired; null where the source can't tell. Unknown where it can't be asked, is behind, or its clock can't be right.
   * `unread`: nodes whose newest report can't be read, each with the reason; they are as good as silent.
   */
  since(
    environment: string,
    since: number,
  ): Promise<Known<{ runs: readonly Run[]; active: ReadonlySet<string> | null; now: number; unread: ReadonlyMap<string, string> }>>;
}

/** What one compiler serves for an environment, by what its deploy tool wrote last. */
export interface Served {
  compiler: string;
  /** Null where the deploy is incomplete or failed, or nothing tells. */
  commit: string | null;
  /** Why there is no commit; null where there is one. */
  why: string | null;
  /** Modules by name, with the commit or version that was deployed; sorted by name. */
  modules: readonly { name: string; version: string }[];
}

/** The machines that compile catalogs. */
export interface Compilers {
  /**
   * Has every compiler deploy an environment, one tool's run at a time on each, and flush what it keeps of it. That it ended well proves nothing:
   * `served` does. Gives what failed, a sentence for each compiler.
   */
  deploy(environment: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Unknown where one of them does not answer. */
  served(environment: string): Promise<Known<readonly Served[]>>;
}

/** The rollout of a repository is to be looked at. */
export interface RollJob {
  repository: number;
}

/** What was learnt of a commit on the base branch's own line. */
export interface LearntStep {
  sha: string;
  /** The pull request that it landed; null for a push around the gate. */
  number: number | null;
  /** Whether that asked to be alone in its release. */
  solo: boolean;
}

/** What is remembered of rollouts. */
export interface RolloutRecords
  extends
    Pick<Records, "allOrigins" | "originOf" | "landingsAt" | "pushersOf" | "openOrders" | "askRolls">,
    Omit<WaitedRecords, "rolloutOf">,
    SharesRecords {
  /** `learntAt`: when it was asked for first. */
  stepsOf(repository: number, shas: readonly string[]): Promise<readonly (LearntStep & { learntAt: Date })[]>;
  /** What was learnt of a commit with a pull request stays. */
  saveSteps(repository: number, steps: readonly LearntStep[], at: Date): Promise<void>;
  /** What the last look saw; null before the first. */
  sightOf(repository: number): Promise<{ sight: Sight; at: Date } | null>;
  /** Of a look that came to nothing. */
  saveSight(repository: number, sight: Sight, at: Date): Promise<void>;
  /** Places that have not heard all that happened, or lost some after `since`. */
  placesBehind(repository: number, since: Date): Promise<readonly Untold[]>;
  /** Has news told that are committed. */
  askTells(repositories: readonly number[]): Promise<void>;
  /** The base branch's own line as looks found it, from a commit on with that; all of it where it is not on it. */
  lineFrom(repository: number, sha: string): Promise<readonly { sha: string; number: number | null; seenAt: Date }[]>;
  /** Null before the first look. */
  rolloutOf(repository: number): Promise<{ rollout: Rollout } | null>;
  /** What a lane's nodes were like before a release came to it, by certname; null where that was not taken. */
  baselineOf(repository: number, of: { lane: string; name: string }): Promise<Record<string, Before> | null>;
  predictionOf(repository: number, pair: { before: string; release: string }): Promise<object | null>;
  savePrediction(repository: number, made: { before: string; release: string; prediction: object }, at: Date): Promise<void>;
}

/** What only whoever holds the lease of a rollout may write. */
export interface HeldRollouts extends Pick<HeldRecords, "appendEntries" | "wake"> {
  /** The first answer stays. */
  answerOrder(repository: number, key: string, answer: OrderAnswer, at: Date): Promise<boolean>;
  saveSight(repository: number, sight: Sight, at: Date): Promise<void>;
  saveRollout(repository: number, kept: { rollout: Rollout }, at: Date): Promise<void>;
  /** The piece of the base branch's own line that this look saw, the oldest first. */
  saveLine(repository: number, line: Line, at: Date): Promise<void>;
  /** What happened, to be told at every place (`news.ts`); at least one. */
  addNews(repository: number, events: readonly Event[], at: Date): Promise<void>;
  /** Those that were kept before stay; when a node was seen last is kept with it, to the day. */
  keepBuckets(repository: number, now: ReadonlyMap<string, number>, at: Date): Promise<void>;
  /** Forgets what is older than `before` and no part of what is in use. */
  forgetRollout(repository: number, before: Date, inUse: { commits: readonly string[]; baselines: readonly string[] }): Promise<void>;
  /** Of nodes that were not seen for `days` while others were, and that none of these baselines has. */
  forgetBuckets(repository: number, days: number, baselines: readonly string[]): Promise<void>;
  saveBaseline(repository: number, taken: { lane: string; name: string; before: Record<string, Before> }, at: Date): Promise<void>;
}

/** The part of the store that rollouts need. */
export interface RolloutStore {
  records: RolloutRecords;
  transaction<T>(work: (records: Pick<RolloutRecords, "askRolls" | "askTells">) => Promise<T>): Promise<T>;
  held<T>(lease: Lease, work: (records: HeldRollouts) => Promise<T>): Promise<T>;
}

/** What a release does to the fleet: nodes whose catalogs differ in the same way are one class. */
export interface Prediction {
  classes: readonly { name: string; certnames: readonly string[]; /** As `File[/etc/motd]`. */ touched: readonly string[] }[];
  /** Where what it changes comes from, and what going back would not undo; missing in those that were kept before this was looked at. */
  trails?: Trails;
  stayings?: Stayings;
  /**
   * Resources that differ in a catalog although no system does by that (parameters of classes, orders, what is written otherwise), with the nodes. Missing where not all that differs
   * is told: what the policy leaves out, or in a prediction of before.
   */
  besides?: readonly { resource: string; certnames: readonly string[] }[];
}

/** What compilers gave nodes last, by certname; nodes of which there is none are left out. Unknown where it can't be asked. */
export interface NodeCatalogs {
  of(certnames: readonly string[]): Promise<Known<ReadonlyMap<string, NodeCatalog>>>;
}

/** What a rollout needs to know of a commit. */
export interface RolloutJudge {
  /** The policy of a commit of the base branch, and its nodes with what decides their lanes. */
  survey(asked: { origin: Origin; commit: string; organisation: PolicyText | null }, signal: AbortSignal): Promise<Surveyed>;
  /** What differs between two commits of the base branch, compiled for every node. */
  predict(
    asked: { origin: Origin; before: string; release: string; organisation: PolicyText | null },
    signal: AbortSignal,
  ): Promise<Prediction>;
}

export interface Surveyed {
  policy: Policy;
  /** Of the file and the organisation's. */
  policyDigest: string;
  members: readonly Member[];
}

/** What a site says of its rollout: the machines that compile, and where runs are told. */
export interface RolloutSite {
  /** `OWNER/NAME` of the control repo that it serves: its environments are of no other. */
  repository: string;
  /** Has nodes get the environments of their lanes; null where the site itself sees to that. Throws a Problem. */
  assign: ((seated: readonly Seated[]) => Promise<void>) | null;
  compilers: Compilers;
  reports: RunReports;
  /** Null where nobody keeps catalogs: a folder of stored reports has none. */
  catalogs?: NodeCatalogs | null;
}
