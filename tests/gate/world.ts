import type {
  Binding,
  CheckFacts,
  Checked,
  CommentFacts,
  CommitFacts,
  Contribution,
  Facts,
  Person,
  Receipt,
  ReviewFacts,
  Wish,
} from "../../src/gate/facts.ts";
import { known } from "../../src/gate/facts.ts";
import { messageDigest } from "../../src/gate/wish.ts";
import type { Memory, Merge } from "../../src/gate/decide.ts";
import type { Approvals, Approvers, RequiredCheck, Requirement } from "../../src/policy/requirement.ts";
import { defaultPolicy, type Policy, type Rule } from "../../src/policy/schema.ts";
import type { Report } from "../../src/gate/report.ts";

/** A change in order but for whatever a case says: alice opened and wrote it, bob approved it, the checks pass. */
export const alice: Person = { id: 1, login: "alice", bot: false };
export const bob: Person = { id: 2, login: "bob", bot: false };
export const carol: Person = { id: 3, login: "carol", bot: false };
export const dave: Person = { id: 4, login: "dave", bot: false };
export const renovate: Person = { id: 5, login: "renovate[bot]", bot: true };

export const head = "b".repeat(40);
export const base = "a".repeat(40);
export const older = "c".repeat(40);
export const tree = "d".repeat(40);

export const commit = (
  contributions: readonly Contribution[] = [by("author", alice), by("committer", alice)],
  sha = head,
): CommitFacts => ({
  sha,
  contributions,
});
export const by = (role: Contribution["role"], person: Person | null, as = "Someone <someone@example.org>"): Contribution => ({
  role,
  person,
  as,
});
let lastReview = 1000;
export const review = (reviewer: Person | null, stance: ReviewFacts["stance"] = "approved", at: string | null = head): ReviewFacts => ({
  id: ++lastReview,
  reviewer,
  stance,
  commit: at,
  submittedAt: "2026-03-01T12:20:00.000Z",
  dismissal: stance === "dismissed" ? known({ by: carol, was: "changes-requested" }) : null,
});
let lastComment = 100;
export const comment = (author: Person | null, body: string, more: Partial<CommentFacts> = {}): CommentFacts => ({
  id: ++lastComment,
  author,
  body,
  createdAt: "2026-03-01T12:30:00.000Z",
  edited: known(null),
  byApp: false,
  byMail: known(false),
  ...more,
});

/** What a check says that has nothing against it: the policy's rules wait for people. */
const passing = (rules: readonly Rule[]): Report["verdict"] => ({
  outcome: "pass",
  reasons: [
    { rule: "merge", outcome: "pass", text: "base and head merge cleanly" },
    { rule: "compile", outcome: "pass", text: "60 nodes compile" },
    ...rules.map(({ name }) => ({ rule: name, outcome: "pending" as const, text: "asked for on the pull request" })),
  ],
});

export const report = (more: Partial<Report> = {}): Report => ({
  schema: "puppet-gate/report@1",
  base: { ref: "main", sha: base },
  head: { ref: "change", sha: head },
  tree,
  verdict: passing(peer),
  findings: [],
  debt: { lint: 0 },
  nodes: [],
  groups: [],
  radius: { nodes: 2, share: 0.03, services: ["playlist"], datacentres: ["sto"], restarts: [], size: "small" },
  timing: { total: 1200 },
  ...more,
});

/** So many approvals by anybody with write access. */
export const approvals = (count: number, from: Partial<Approvers> = {}): { approvals: Approvals } => ({
  approvals: { count, from: { users: [], teams: [], permission: "write", owners: null, codeowners: null, ...from } },
});
export const rule = (name: string, require: Requirement = approvals(1), when = "true"): Rule => ({ name, mode: "enforce", when, require });
export const peer: readonly Rule[] = [rule("peer")];
export const checked = (
  more: Partial<Report> = {},
  rules: readonly Rule[] = peer,
  paths: readonly string[] = ["site-modules/profile/manifests/playlist.pp"],
): Checked => ({
  report: report({ verdict: passing(rules), ...more }),
  policy: { ...defaultPolicy, rules },
  policyDigest: "e".repeat(64),
  policyChange: "same",
  paths,
  links: [],
  codeowners: known(null),
  patch: "f".repeat(40),
  digest: "1".repeat(64),
});

export const done = (...given: Parameters<typeof checked>): Facts["check"] => ({ state: "done", ...checked(...given) });
export const merge = (more: Partial<Merge> = {}): Merge => ({
  comment: 1,
  by: "alice",
  head,
  base,
  baseRef: "main",
  landing: "exact",
  message: { title: "Raise the limit", body: "" },
  author: alice,
  tree,
  method: "merge",
  glass: null,
  seen: [],
  ...more,
});

export const facts = (more: Partial<Facts> = {}): Facts => ({
  number: 7,
  state: "open",
  draft: false,
  opener: alice,
  fork: false,
  changedFiles: 1,
  head,
  base: { ref: "main", tip: known(base) },
  updatedAt: "2026-03-01T12:40:00.000Z",
  openedAt: "2026-03-01T12:00:00.000Z",
  commits: known([commit()]),
  reviews: known([review(bob)]),
  permissions: new Map([alice, bob, carol].map(({ id }) => [id, known("write" as const)])),
  comments: known([]),
  hasOwnComment: true,
  labels: [],
  mergeMethods: known(["merge"]),
  title: "Raise the limit",
  body: "",
  checks: known([]),
  history: known({ retargetedAt: null, forcePushedAt: null }),
  organisation: known(null),
  merged: null,
  now: "2026-03-01T12:45:00.000Z",
  receipts: [],
  teams: new Map(),
  trusted: null,
  wish: null,
  glass: null,
  debts: [],
  frozen: null,
  check: done(),
  pushers: [],
  headPusher: known(alice),
  headSince: "2026-03-01T12:00:00.000Z",
  baseSince: known(null),
  ...more,
});

export const memory = (more: Partial<Memory> = {}): Memory => ({
  answered: new Set(),
  answers: [],
  labels: [],
  siblings: [],
  landing: null,
  previous: null,
  told: new Map(),
  verdict: null,
  refusal: null,
  ...more,
});

/** A check that is done, by another policy or with another outcome. */
export const doneWith = (policy: Partial<Policy>, more: Partial<Checked> = {}): Facts["check"] => {
  const whole = checked({}, policy.rules ?? peer);
  return { state: "done", ...whole, ...more, policy: { ...whole.policy, ...policy } };
};

export const binding = (more: Partial<Binding> = {}): Binding => ({
  base,
  baseRef: "main",
  tree,
  patch: "f".repeat(40),
  digest: "1".repeat(64),
  permission: "write",
  ...more,
});

/** What the delivery of a review left; `review` is what GitHub shows of it now. */
export const receipt = (review: ReviewFacts, more: Partial<Receipt> = {}): Receipt => ({
  review: review.id,
  reviewer: review.reviewer?.id ?? 0,
  commit: review.commit ?? head,
  source: "delivery",
  bound: binding(),
  carry: null,
  ...more,
});

export const checkRun = (more: Partial<CheckFacts> = {}): CheckFacts => ({
  name: "ci",
  app: 15_368,
  state: "completed",
  conclusion: "success",
  startedAt: "2026-03-01T12:10:00.000Z",
  workflow: known(".github/workflows/ci.yml"),
  ...more,
});

/** That check, required. */
export const ci = (more: Partial<RequiredCheck> = {}): { check: RequiredCheck } => ({
  check: { name: "ci", appId: 15_368, accept: ["success"], workflow: null, timeoutMinutes: 60, ...more },
});

/** Exactly this check is asked for, besides a peer, and these were reported. */
export const required = (more: Partial<RequiredCheck>, checks: readonly CheckFacts[]): Partial<Facts> => ({
  checks: known(checks),
  check: done({}, [...peer, rule("ci", ci(more))]),
});

/** Alice's `/merge when ready` in comment 90, of the change as it is in `facts()`. */
export const wish = (more: Partial<Wish> = {}): Wish => ({
  comment: 90,
  by: alice,
  head,
  policyDigest: "e".repeat(64),
  baseRef: "main",
  message: messageDigest({ title: "Raise the limit", body: "" }),
  method: null,
  ...more,
});
