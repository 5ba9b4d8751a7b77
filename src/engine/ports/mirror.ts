import type { Carry } from "../../gate/facts.ts";
import type { Judged } from "../besides.ts";
import type { Origin } from "../../gate/event.ts";
import type { Pair } from "./changes.ts";

/** Whoever a commit names. */
export interface Signature {
  name: string;
  email: string;
}

/** A merge commit to make: all of it is given, so that the same request gives the same id each time. */
export interface MergeCommit {
  base: string;
  head: string;
  message: string;
  author: Signature;
  committer: Signature;
  /** ISO 8601, to the second. */
  date: string;
}

/** What became of a push. After `unclear` nobody knows: read before anything is tried again. */
export type PushOutcome =
  | { kind: "merged"; sha: string }
  | { kind: "refused"; reason: "base-moved" | "other"; text: string }
  | { kind: "unclear"; text: string };

/** A copy of a repository, which tells what git itself says of commits, and moves branches. */
export interface GateMirror extends Judged {
  /** Fetches commits by their ids and keeps them for a change. Gives those that the remote has no more. Each takes no longer than `seconds`. */
  keep(number: number, commits: readonly string[], seconds?: number): Promise<string[]>;
  compare(from: Pair, to: Pair): Promise<Carry>;
  /** Null where base and head conflict. */
  makeMerge(merge: MergeCommit): Promise<{ commit: string; tree: string } | null>;
  /** Moves a branch from `expected`, and from nothing else. */
  push(move: { branch: string; expected: string; commit: string }): Promise<PushOutcome>;
  isReachable(commit: string, branch: string): Promise<boolean>;
  /** A branch's own line since `after`, the oldest first; null where that is not behind the tip any more. `told` as in `tipOf`. */
  lineOf(branch: string, after: string, told?: string): Promise<{ tip: string; steps: { sha: string; parents: string[] }[] | null }>;
  /** `told`: where the remote just said that it is; asks for nothing where that is here already. */
  tipOf(branch: string, told?: string): Promise<string>;
  /** The commits that a step of a line takes back, by what its messages say. */
  revertsOf(step: { sha: string; parents: string[] }): Promise<string[]>;
}

export type OpenMirror = (origin: Origin) => Promise<GateMirror>;
