import type { Effect, Merge } from "../../gate/decide.ts";
import type { Known, PolicyText, Snapshot } from "../../gate/facts.ts";
import type { Origin, Push } from "../../gate/event.ts";
import type { Report } from "../../gate/report.ts";

/** What became of one request to merge. After `unclear` nobody knows whether it was merged: read before anything is tried again. */
export type MergeOutcome =
  | { kind: "merged"; sha: string }
  | { kind: "refused"; reason: "head-moved" | "base-moved" | "other"; text: string }
  | { kind: "unclear"; text: string };

/** Where changes live and what is said there. */
export interface Forge {
  /** Reads a change whole. Rejects where the pull request itself can't be read. */
  snapshot(origin: Origin, number: number): Promise<Snapshot>;
  /**
   * Numeric ids of everybody in `acme/sre` and the teams below it, asked for at every call. Of another organisation, too, if the App is
   * installed there. Unknown where GitHub would not say, with what to do about it.
   */
  teamMembers(origin: Origin, team: string): Promise<Known<ReadonlySet<number>>>;
  /** Makes an effect true; any number of times is the same as once. `report` is that of the pair the effect was decided on. */
  perform(origin: Origin, number: number, effect: Effect, report: Report | null): Promise<void>;
  /** Acknowledges a command before anything is read. */
  react(origin: Origin, comment: number): Promise<void>;
  /** Says on the commit of a merge queue that the gate takes no part in it. */
  refuseMergeGroup(origin: Origin, head: string): Promise<void>;
  merge(origin: Origin, number: number, merge: Merge): Promise<MergeOutcome>;
  /** What to do about GitHub's refusal of a push, in words; null where its own are all there is to say. */
  wayOut(merge: Merge, refusal: string): Promise<string | null>;
  treeOf(origin: Origin, sha: string): Promise<Known<string>>;
  /** The pull requests that a commit belongs to, `base` their target branch. */
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

/** A webhook of which an attempt failed. */
export interface FailedDelivery {
  /** Of the latest attempt that failed: what `redeliver` takes. Digits, more than a number holds. */
  id: string;
  /** Equal for all attempts, and the one that webhooks carry. */
  guid: string;
  event: string;
  /** ISO 8601. */
  at: string;
}
