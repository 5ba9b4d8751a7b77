import { known, unknown, type Known } from "../policy/known.ts";
import type { Rule } from "../policy/schema.ts";
import type { ProblemText } from "../problem.ts";
import type { Report } from "./report.ts";

/**
 * Everything known about a change at one moment. Each item that has to be asked for is known, or unknown with the reason why it could
 * not be learnt: an unknown is never an empty list. People are their numeric user id; a login is only what is shown.
 */
export { known, unknown, type Known };

export interface Person {
  id: number;
  login: string;
  /** An app or another account that is nobody in particular: it can't approve. */
  bot: boolean;
}

/** One person's part in a commit. `person` is null where GitHub knows no account for the e-mail; `as` is what the commit says. */
export interface Contribution {
  role: "author" | "committer" | "co-author";
  person: Person | null;
  as: string;
}

export interface CommitFacts {
  sha: string;
  /** Without GitHub itself: the committer of commits made in the browser says nothing about who wrote them. */
  contributions: readonly Contribution[];
}

export interface ReviewFacts {
  /** Null once the account is deleted. */
  reviewer: Person | null;
  stance: "approved" | "changes-requested" | "dismissed" | "commented";
  /** The head that was reviewed; null where GitHub does not say. */
  commit: string | null;
}

/** Access to the repository as GitHub sums it up: `maintain` counts as write, `triage` as read. */
export type Permission = "admin" | "write" | "read" | "none";

export interface CommentFacts {
  id: number;
  author: Person | null;
  body: string;
  /** ISO 8601, GitHub's clock. */
  createdAt: string;
  edited: boolean;
}

/** What a check of one pair gives. */
export interface Checked {
  report: Report;
  /** The policy's, of the base that was checked against. */
  rules: readonly Rule[];
  /** Files that the merge result has otherwise than base, old and new name of a rename. */
  paths: readonly string[];
}

/** Where the check of this base tip and this head stands. */
export type CheckState =
  | { state: "running"; previous: { base: string; head: string } | null }
  | ({ state: "done" } & Checked)
  /** `final` when it will not be tried again by itself. */
  | { state: "failed"; problem: ProblemText; final: boolean }
  /** There is no pair to check, because base's tip is unknown. */
  | { state: "impossible" };

/** What the source says about a change: read whole for each decision, and never taken from a webhook. */
export interface Snapshot {
  number: number;
  state: "open" | "closed" | "merged";
  draft: boolean;
  opener: Person | null;
  /** Whether the head is in another repository. */
  fork: boolean;
  changedFiles: number;
  head: string;
  base: { ref: string; tip: Known<string> };
  /** ISO 8601, GitHub's clock: no later than the moment of reading. */
  updatedAt: string;
  commits: Known<readonly CommitFacts[]>;
  /** In the order of submission. */
  reviews: Known<readonly ReviewFacts[]>;
  /** By user id: the reviewers with a stance, and the opener. */
  permissions: ReadonlyMap<number, Known<Permission>>;
  /** Without the gate's own. */
  comments: Known<readonly CommentFacts[]>;
  /** Whether the gate's comment is there; false too where the comments are unknown. */
  hasOwnComment: boolean;
  labels: readonly string[];
  /** How this repository allows a merge, the preferred first. */
  mergeMethods: Known<readonly MergeMethod[]>;
  /** Once merged: by whom, whether that was this gate, and as which commit. */
  merged: { by: Person | null; byGate: boolean; sha: string | null } | null;
}

export type MergeMethod = "merge" | "squash" | "rebase";

/** The snapshot, and what the gate itself remembers. */
export interface Facts extends Snapshot {
  check: CheckState;
  /** Who pushed commits of this change, as far as deliveries told. */
  pushers: readonly Person[];
  /** When the head was pushed, no earlier than it was: ISO 8601, GitHub's clock. */
  headSince: string;
}
