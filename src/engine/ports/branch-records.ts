import type { ChangeKey } from "./changes.ts";
import type { Frozen, ReviewDebt } from "../../gate/facts.ts";

/** What is remembered of a base branch: how far its commits are accounted for, reviews owed, and whether merging is stopped. */
export interface BranchRecords {
  /** What is owed for landings in a branch, and for those of this change. */
  debtsOf(change: ChangeKey, branch: string): Promise<ReviewDebt[]>;
  oweReview(repository: number, debt: ReviewDebt): Promise<void>;
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
}
