import { createHash } from "node:crypto";
import type { CheckSuite, CommitStatus, Deployment, WorkflowRun } from "./commit-records.ts";
import type { CommitData, FileChange } from "./history.ts";
import type { Ruleset } from "./rules/ruleset.ts";

/**
 * Everything the stand-in knows, in one place. Commits, trees and branches live in the bare repositories; `refs` and a pull
 * request's `head.sha` are what GitHub has noticed of them.
 */

export type Permission = "none" | "read" | "triage" | "write" | "maintain" | "admin";

/** A person, an organisation, or the bot account of an App. */
export interface Account {
  id: number;
  login: string;
  type: "User" | "Bot" | "Organization";
  name: string | null;
  /** Verified addresses: a commit by one of them is this account's. The first is shown. */
  emails: string[];
  createdAt: string;
  /** An organisation's members, by account id. */
  members: Map<number, "member" | "admin">;
  /** Whoever deleted their account is shown as `ghost`, or not at all. */
  deleted: boolean;
}

/** A team of an organisation. Members of the teams below it are its members too, and have its access to repositories. */
export interface Team {
  id: number;
  organizationId: number;
  parentId: number | null;
  name: string;
  slug: string;
  /** A secret team is seen by its members and the organisation's owners; Apps see it. */
  privacy: "closed" | "secret";
  /** Direct members by account id; a pending one was invited and has not answered. */
  members: Map<number, { role: "member" | "maintainer"; state: "active" | "pending" }>;
  /** Permissions by repository id. */
  access: Map<number, Permission>;
  createdAt: string;
}

export type AppPermissions = Record<string, "read" | "write">;

export interface App {
  id: number;
  slug: string;
  name: string;
  ownerId: number;
  botId: number;
  privateKey: string;
  publicKey: string;
  permissions: AppPermissions;
  events: string[];
  webhookSecret: string;
  /** For people who sign in with it. */
  client: { id: string; secret: string; callbacks: readonly string[] } | null;
  createdAt: string;
}

/** That somebody let an App know who they are, until it asked. */
interface Code {
  appId: number;
  accountId: number;
  redirect: string | null;
  /** SHA-256 of what only whoever asked knows, as base64url. */
  challenge: string | null;
  expiresAt: Date;
}

export interface Installation {
  id: number;
  appId: number;
  accountId: number;
  /** What the account's owner granted, which may be less than the App asks for. */
  permissions: AppPermissions;
  events: string[];
  /** Repository ids, or every one the account has. */
  repositories: Set<number> | "all";
  createdAt: string;
  suspendedAt: string | null;
}

export type TokenHolder =
  | { kind: "user"; accountId: number; via: Via }
  | { kind: "installation"; installationId: number; permissions: AppPermissions; repositories: Set<number> | "all" };

/** How a person's request reaches GitHub: by themselves, through an App that acts for them, or as a reply to a mail. */
export type Via = { kind: "self" } | { kind: "app"; appId: number } | { kind: "email" };

interface Token {
  token: string;
  holder: TokenHolder;
  /** Null: never. */
  expiresAt: Date | null;
}

export type MergeMethod = "merge" | "squash" | "rebase";

export interface Repo {
  id: number;
  ownerId: number;
  name: string;
  description: string | null;
  private: boolean;
  defaultBranch: string;
  /** The bare repository on disk. */
  folder: string;
  parentId: number | null;
  collaborators: Map<number, Permission>;
  mergeMethods: Set<MergeMethod>;
  deleteBranchOnMerge: boolean;
  /** Branches as GitHub last noticed them: name to commit. */
  refs: Map<string, string>;
  /** What moved its branches, oldest first. */
  activities: Activity[];
  nextNumber: number;
  pulls: Map<number, Pull>;
  comments: Map<number, Comment>;
  lineComments: Map<number, LineComment>;
  labels: Map<number, Label>;
  checkRuns: Map<number, CheckRun>;
  suites: Map<number, CheckSuite>;
  workflowRuns: Map<number, WorkflowRun>;
  /** Oldest first. */
  statuses: CommitStatus[];
  deployments: Map<number, Deployment>;
  rulesets: Map<number, Ruleset>;
  createdAt: string;
  pushedAt: string;
}

/** A move of a branch. */
export interface Activity {
  id: number;
  branch: string;
  before: string | null;
  after: string | null;
  type: "push" | "force_push" | "branch_creation" | "branch_deletion" | "pr_merge";
  actorId: number;
  at: string;
}

export interface Pull {
  id: number;
  repoId: number;
  number: number;
  title: string;
  body: string | null;
  userId: number;
  state: "open" | "closed";
  draft: boolean;
  head: { repoId: number; ref: string; sha: string };
  /** `sha` is the branch's tip when the head last moved, not its tip now: GitHub does not follow the base branch. */
  base: { ref: string; sha: string };
  labelIds: number[];
  reviews: Review[];
  requestedReviewers: Set<number>;
  requestedTeams: Set<number>;
  /** What happened to it, oldest first. */
  events: IssueEvent[];
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  merged: { at: string; by: number; sha: string } | null;
  /** The last test merge: `key` names the pair of commits it was made of. */
  test: { key: string; sha: string | null; behind: boolean } | null;
  /** Its commits and files, read once for each pair of commits. */
  comparison: { key: string; value: Promise<Comparison> } | null;
}

export interface Comparison {
  /** The merge base, or null where the histories share nothing. */
  from: string | null;
  commits: CommitData[];
  files: FileChange[];
}

export interface Review {
  id: number;
  userId: number;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED";
  body: string;
  commitId: string;
  submittedAt: string;
  /** What it was before it was dismissed, why, and the commit that a push dismissed it with. */
  dismissal: { was: "APPROVED" | "CHANGES_REQUESTED"; message: string; commitId: string | null } | null;
}

/** An entry of a pull request's history. */
export interface IssueEvent {
  id: number;
  event: string;
  actorId: number;
  commitId: string | null;
  createdAt: string;
  /** Who was asked for a review, or is not any more. */
  requested: { reviewerId: number } | { teamId: number } | null;
  /** What this kind of event alone says, as the API says it. */
  detail: Record<string, unknown>;
}

export interface Comment {
  id: number;
  number: number;
  userId: number;
  /** The App that wrote it, where one did. */
  appId: number | null;
  viaEmail: boolean;
  body: string;
  createdAt: string;
  updatedAt: string;
  /** Who changed it last, and when; null: nobody did. */
  edited: { by: number; at: string } | null;
  reactions: Reaction[];
}

/** A comment on lines of a pull request's diff. */
export interface LineComment {
  id: number;
  reviewId: number;
  number: number;
  userId: number;
  path: string;
  body: string;
  line: number;
  side: "LEFT" | "RIGHT";
  startLine: number | null;
  startSide: "LEFT" | "RIGHT" | null;
  position: number;
  diffHunk: string;
  /** The commit that was commented on, and its file's blob: with another it is outdated. */
  commitId: string;
  blob: string;
  inReplyTo: number | null;
  createdAt: string;
  updatedAt: string;
}

export const reactionContents = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"] as const;

export interface Reaction {
  id: number;
  userId: number;
  content: (typeof reactionContents)[number];
  createdAt: string;
}

export interface Label {
  id: number;
  name: string;
  color: string;
  description: string | null;
}

export interface Annotation {
  path: string;
  start_line: number;
  end_line: number;
  start_column: number | null;
  end_column: number | null;
  annotation_level: "notice" | "warning" | "failure";
  message: string;
  title: string | null;
  raw_details: string | null;
}

export interface CheckRun {
  id: number;
  appId: number;
  suiteId: number;
  name: string;
  headSha: string;
  status: "queued" | "in_progress" | "completed";
  conclusion: "success" | "failure" | "neutral" | "cancelled" | "skipped" | "timed_out" | "action_required" | null;
  startedAt: string;
  completedAt: string | null;
  externalId: string | null;
  detailsUrl: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: Annotation[];
  actions: { label: string; description: string; identifier: string }[];
}

/** Gives out identifiers, the same ones on every run with the same seed. */
export interface Ids {
  /** For everything that GitHub numbers; a delivery alone is numbered apart. */
  next(): number;
  /** A version-4-shaped GUID, as in `X-GitHub-Delivery`. */
  guid(): string;
  /** A token's random part. */
  secret(): string;
}

export interface State {
  accounts: Map<number, Account>;
  apps: Map<number, App>;
  installations: Map<number, Installation>;
  teams: Map<number, Team>;
  repos: Map<number, Repo>;
  tokens: Map<string, Token>;
  /** Of people on their way back from signing in. */
  codes: Map<string, Code>;
  /** Commits with a signature that GitHub verifies: its own, and those that a story says people signed. */
  signed: Set<string>;
  ids: Ids;
}

export function emptyState(seed: string): State {
  return {
    accounts: new Map(),
    apps: new Map(),
    installations: new Map(),
    teams: new Map(),
    repos: new Map(),
    tokens: new Map(),
    codes: new Map(),
    signed: new Set(),
    ids: createIds(seed),
  };
}

/** Each purpose draws from a row of its own: how many tokens were asked for must not change the next delivery's GUID. */
function createIds(seed: string): Ids {
  let id = 1000;
  const drawn = new Map<string, number>();
  const draw = (purpose: string): string => {
    const count = drawn.get(purpose) ?? 0;
    drawn.set(purpose, count + 1);
    return createHash("sha256").update(`${seed}:${purpose}:${count}`).digest("hex");
  };
  return {
    next: () => ++id,
    guid: () => {
      const hex = draw("guid");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
    secret: () => draw("secret").slice(0, 36),
  };
}
