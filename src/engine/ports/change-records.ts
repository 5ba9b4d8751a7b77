import type { ChangeKey, ChangeReach, Pair } from "./changes.ts";
import type { CheckResult } from "./judge.ts";
import type { Merge } from "../../gate/decide.ts";
import type { Binding, Carry, Glass, Person, Receipt, Wish } from "../../gate/facts.ts";
import type { Verdict } from "../../gate/verdict.ts";
import type { Answer, Landing, Standing } from "../../gate/view.ts";

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

/** What was decided on a change, with what lists and pages show of it. */
export interface DecidedChange {
  state: "open" | "closed" | "merged";
  baseRef: string;
  base: string | null;
  head: string;
  verdict: Verdict;
  standing: Standing;
  answers: readonly Answer[];
  /** `reach` null leaves what was kept. */
  about: ChangeTitle & { reach?: ChangeReach | null };
}

/** What a change is called, and whose it is. */
export interface ChangeTitle {
  title: string;
  opener: string | null;
  /** ISO 8601, GitHub's clock. */
  openedAt: string;
}

/** What is remembered of one change, and of the open ones: what was decided, said, approved and landed. */
export interface ChangeRecords {
  openChanges(repository: number): Promise<KnownChange[]>;
  /** `changes` in the order of their numbers; null says nothing. */
  saveSeen(repository: number, changes: readonly { number: number; seen: string | null }[]): Promise<void>;
  findChange(
    change: ChangeKey,
  ): Promise<{ pair: Pair | null; baseRef: string | null; answers: readonly Answer[]; verdict: Verdict | null } | null>;
  /** Open changes that go into this branch, or whose head this commit is. */
  openChangesMoved(repository: number, moved: { branch: string; sha: string }): Promise<{ number: number; into: boolean }[]>;
  openChangesAt(repository: number, head: string): Promise<{ number: number; standing: Standing }[]>;
  /** All of them, or those that go into a branch, in the order of their numbers. */
  openChangesOf(repository: number, branch?: string): Promise<number[]>;
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
