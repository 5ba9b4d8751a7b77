import { known, unknown, type Known, type Unknown } from "../policy/known.ts";
import type { Policy } from "../policy/schema.ts";
import type { ProblemText } from "../problem.ts";
import type { Report } from "./report.ts";

/**
 * Everything known about a change at one moment. Each item that has to be asked for is known, or unknown with the reason why it could
 * not be learnt: an unknown is never an empty list. People are their numeric user id; a login is only what is shown.
 */
export { known, unknown, type Known, type Unknown };

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
  /** True where GitHub itself made and signed it, in the browser: its co-authors are those whose suggestions were applied. */
  web?: boolean;
}

export interface ReviewFacts {
  id: number;
  /** ISO 8601, GitHub's clock. */
  submittedAt: string;
  /** Of a dismissed review: by whom, and what it was before; null for any other. */
  dismissal: Known<Dismissal> | null;
  /** Null once the account is deleted. */
  reviewer: Person | null;
  stance: "approved" | "changes-requested" | "dismissed" | "commented";
  /** The head that was reviewed; null where GitHub does not say. */
  commit: string | null;
}

export interface Dismissal {
  by: Person | null;
  was: "approved" | "changes-requested" | "commented";
}

/** Access to the repository as GitHub sums it up: `maintain` counts as write, `triage` as read. */
export type Permission = "admin" | "write" | "read" | "none";

export interface CommentFacts {
  id: number;
  author: Person | null;
  body: string;
  /** ISO 8601, GitHub's clock. */
  createdAt: string;
  /** Null where its text is as it was written. Unknown where that could not be learnt of a comment with a command that does something. */
  edited: Known<Edit | null>;
  /** Whether an app wrote it in the person's name. */
  byApp: boolean;
  /** Whether it came as a reply to a mail; asked for only where it matters. */
  byMail: Known<boolean>;
}

/** A change to a comment's text: whoever may write here may change anybody's. */
export interface Edit {
  /** Null where GitHub does not say. */
  by: Person | null;
  /** Whether it was somebody else than the comment's author, or an account that is gone. */
  foreign: boolean;
}

/** A check run or commit status that somebody reported on the head: the newest of its name, app and workflow. Without the gate's own. */
export interface CheckFacts {
  name: string;
  /** The App's id; null where a person or a token reported it. */
  app: number | null;
  state: "running" | "completed";
  /** As GitHub says it, `success` or `failure` of a status; null while it runs. */
  conclusion: string | null;
  /** ISO 8601. */
  startedAt: string | null;
  /** Path of the workflow file it came from; null where it is of none. */
  workflow: Known<string | null>;
}

/** What a pull request has been through, as far as it bears on its approvals: ISO 8601, the latest; null for never. */
export interface History {
  retargetedAt: string | null;
  forcePushedAt: string | null;
}

/** The organisation's policy; null where it has none. */
export interface PolicyText {
  path: string;
  text: string;
}

/** What a check of one pair gives. */
export interface Checked {
  report: Report;
  /** Of the base that was checked against, put together with the organisation's. */
  policy: Policy;
  /** sha256 of the repository's and the organisation's policy texts. */
  policyDigest: string;
  /** What becomes of the policy by this change. */
  policyChange: "same" | "tightens" | "loosens";
  /** Files that the merge result has otherwise than base, old and new name of a rename. */
  paths: readonly string[];
  /** Of these, the links and the files whose mode changes. */
  links: readonly string[];
  /** Base's CODEOWNERS; null where it has none. */
  codeowners: Known<PolicyText | null>;
  /** Digest of the patch from merge base to head, context and blanks included; null for an empty change. */
  patch: string | null;
  /** sha256 of what the change does to every node's catalog: equal for two pairs that do the same. */
  digest: string;
}

/** Where the check of this base tip and this head stands. */
export type CheckState =
  | { state: "running"; previous: { base: string; head: string } | null }
  /** `again`: when it is made anew by itself, since it missed what may be there by then. ISO 8601. */
  | ({ state: "done"; again?: string } & Checked)
  /** `final` when it will not be tried again by itself; `again`: when it is, at the earliest. */
  | { state: "failed"; problem: ProblemText; final: boolean; again?: string }
  /** There is no pair to check, because base's tip is unknown. */
  | { state: "impossible" }
  /** It comes from a fork, and nobody with write access has said `/ok-to-test` for this head. */
  | { state: "untrusted" };

/** What the source says about a change: read whole for each decision, and never taken from a webhook. */
export interface Snapshot {
  number: number;
  state: "open" | "closed" | "merged";
  draft: boolean;
  opener: Person | null;
  /** The gate itself opened it, from a branch of its own: what it takes back is not for any bot to land, and nobody's own change. */
  ofGate?: true;
  /** Whether the head is in another repository. */
  fork: boolean;
  changedFiles: number;
  head: string;
  /** The branch that the head is of, in its own repository. */
  headRef?: string;
  /** When anything was pushed last to the repository that the head is in: ISO 8601, GitHub's clock; missing once that is gone. */
  headPushedAt?: string;
  base: { ref: string; tip: Known<string> };
  /** ISO 8601, GitHub's clock: no later than the moment of reading. */
  updatedAt: string;
  /** When the pull request was opened: ISO 8601, GitHub's clock. */
  openedAt: string;
  commits: Known<readonly CommitFacts[]>;
  title: string;
  body: string;
  /** In the order of submission. */
  reviews: Known<readonly ReviewFacts[]>;
  checks: Known<readonly CheckFacts[]>;
  history: Known<History>;
  organisation: Known<PolicyText | null>;
  /** By user id: the reviewers with a stance, the opener, and who wrote a command. */
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

/** What an approval was given for, kept once the check of exactly that head was done. */
export interface Binding {
  base: string;
  baseRef: string;
  /** Of the merge result. */
  tree: string;
  patch: string | null;
  /** Of the catalog diff. */
  digest: string;
  /** The reviewer's, at that moment; null where nobody had asked by then. */
  permission: Permission | null;
}

export type CarryKind = "NO_CHANGE" | "MESSAGE_ONLY" | "TRIVIAL_REBASE" | "CLEAN_BASE_MERGE";

/** What git says of two heads: that nothing which was reviewed changed, and why that is so; or what did. */
export type Carry = { kind: CarryKind } | { kind: "changed"; why: string };

/** An approval as it came in. It can only narrow what GitHub says now: GitHub has been seen to move a review to a newer head. */
export interface Receipt {
  review: number;
  /** Numeric id. */
  reviewer: number;
  /** The head that was reviewed. */
  commit: string;
  /** `delivery`: its webhook said so; `api`: no delivery told of it, and it was first seen in this state. */
  source: "delivery" | "api";
  bound: Binding | null;
  /** The base that was shown with the change when the approval was given; null where nothing was decided on by then, and nobody has looked since. */
  shown?: ShownBase | null;
  /** From that head to the one now; null where they are one, and where that was not compared. */
  carry: Known<Carry> | null;
}

export interface ShownBase {
  /** Null where it is known only that it was another than when the approval was first read. */
  base: string | null;
  baseRef: string;
}

/** `/merge when ready` of the opener: bound to head, policy and message. */
export interface Wish {
  comment: number;
  by: Person;
  head: string;
  /** The branch that it was to land in. */
  baseRef: string;
  /** Empty while no check of this head has told which policy holds: the first that does fills it in. */
  policyDigest: string;
  /** Title and body of the pull request, by sha256. */
  message: string;
  method: MergeMethod | null;
}

/** `/break-glass`: somebody takes it on themselves, for a while. */
export interface Glass {
  comment: number;
  by: Person;
  reason: string;
  head: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** A review that is owed for a landing without one. */
export interface ReviewDebt {
  number: number;
  by: string;
  /** Their numeric id: nobody pays a debt of their own. */
  byId: number;
  reason: string;
  /** ISO 8601. */
  since: string;
  /** The branch that it landed in: where it bars the next. */
  baseRef: string;
  /** Which landing of the change it is for: `landingId`. */
  landing: string;
  /** Reviews that were there when it was decided to land: they don't pay. */
  seen: readonly number[];
}

/** Merging into a branch is stopped, until an administrator lifts that. */
export interface Frozen {
  number: number;
  why: string;
  since: string;
}

/** The snapshot, and what the gate itself remembers. */
export interface Facts extends Snapshot {
  /** ISO 8601, this machine's clock. */
  now: string;
  check: CheckState;
  /** Who pushed commits of this change, as far as deliveries and GitHub's own record of its pushes told. */
  pushers: readonly Person[];
  /** Who pushed the head; unknown where neither told. A fork's first head is its opener's: pushes into forks are told to nobody. */
  headPusher: Known<Person>;
  /** When the head was pushed, no earlier than it was: ISO 8601, GitHub's clock. */
  headSince: string;
  /**
   * When base's tip came to its branch, by a delivery or GitHub's own record of pushes: ISO 8601, GitHub's clock; null where that record was read
   * and has no push of the branch at all, which came with the repository then. Asked only for an approval of which nothing tells its base.
   */
  baseSince: Known<string | null>;
  /** What people were shown of this head until now, where that was another base: `binding` is of its check, null where that was not done. */
  shown?: (ShownBase & { base: string; binding: Binding | null }) | null;
  receipts: readonly Receipt[];
  /** By name in lower case (`acme/sre`): the members' ids of every team that the policy and the changed paths' CODEOWNERS name (`teamsAsked`). */
  teams: ReadonlyMap<string, Known<ReadonlySet<number>>>;
  /** Who said `/ok-to-test` for this very head. */
  trusted: Person | null;
  wish: Wish | null;
  glass: Glass | null;
  /** Of the base branch; and what this change owes itself, wherever it landed. */
  debts: readonly ReviewDebt[];
  /** Of the base branch. */
  frozen: Frozen | null;
}
