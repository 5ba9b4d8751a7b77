import { describe, expect, it } from "vitest";
import { readEvent } from "../../src/github/inbound.ts";
import { marker } from "../../src/github/words.ts";

/** Payloads cut down to what is read of them, in GitHub's form, and the event that comes of each. */
const sha = "b".repeat(40);
const common = {
  installation: { id: 5 },
  repository: { id: 9, name: "control", owner: { login: "acme" }, private: true },
  sender: { id: 1, login: "alice", type: "User" },
};
const origin = { installation: 5, repository: { id: 9, owner: "acme", name: "control" } };
const alice = { id: 1, login: "alice", bot: false };
const pull = (action: string, from = 9): object => ({
  ...common,
  action,
  pull_request: { number: 7, updated_at: "2026-03-01T12:00:00Z", user: common.sender, head: { sha, repo: { id: from } } },
});
const pullOf = (): object => ({ number: 7, updated_at: "2026-03-01T12:00:00Z", user: common.sender, head: { sha, repo: { id: 9 } } });
const comment = (body: string, more: object = {}): object => ({
  ...common,
  action: "created",
  issue: { number: 7, pull_request: {} },
  comment: { id: 31, body, user: common.sender },
  ...more,
});
const bot = { id: 5, login: "x[bot]", type: "Bot" };
const own = { id: 32, body: `${marker}\n### Ready`, user: bot };
const review = (action: string, more: object = {}): object => ({
  ...common,
  action,
  pull_request: { number: 7 },
  review: { id: 21, user: common.sender, state: "approved", commit_id: sha, submitted_at: "2026-03-01T12:00:00Z", ...more },
});
const touched = (push: object | null, more: object = {}): object => ({ kind: "change-touched", ...origin, number: 7, push, ...more });
const edited = { comment: 31, by: alice };
const received = { id: 21, reviewer: 1, commit: sha, submittedAt: "2026-03-01T12:00:00.000Z", state: "approved" };
const headTouched = { kind: "head-touched", ...origin, head: sha };
const installed = { id: 5, account: { login: "acme" } };
const listed = [{ id: 9, name: "control", full_name: "acme/control" }];
const checkRun = (more: object): object => ({
  ...common,
  action: "rerequested",
  check_run: { name: "puppet-gate", head_sha: sha, app: { id: 44 }, ...more },
});

/** What the fuzz found: signed by GitHub's secret, and yet nothing that GitHub sends. */
const malformed: [name: string, event: string, payload: object][] = [
  ["a pull request of no instant", "pull_request", { ...pull("opened"), pull_request: { ...pullOf(), updated_at: "yesterday" } }],
  [
    "a pull request of a year that no database has",
    "pull_request",
    { ...pull("opened"), pull_request: { ...pullOf(), updated_at: "+275760-09-13T00:00:00Z" } },
  ],
  ["a pull request beyond all numbers", "pull_request", { ...pull("opened"), pull_request: { ...pullOf(), number: 2 ** 40 } }],
  ["a review of no instant", "pull_request_review", review("submitted", { submitted_at: "2026-02-31T99:00:00Z" })],
  [
    "a push of no instant",
    "push",
    { ...common, ref: "refs/heads/main", after: sha, repository: { ...common.repository, pushed_at: 1e15 } },
  ],
  ["a branch with a NUL", "push", { ...common, ref: "refs/heads/ma\0in", after: sha }],
  ["a repository with a NUL", "member", { ...common, repository: { ...common.repository, name: "a\0b" } }],
];

const cases: [name: string, event: string, payload: object, meaning: object | null][] = [
  ["opened: the head is as old as that", "pull_request", pull("opened"), touched({ sha, by: null, at: "2026-03-01T12:00:00.000Z" })],
  [
    "opened from a fork, whose pushes nobody is told of: its opener answers for it",
    "pull_request",
    pull("opened", 10),
    touched({ sha, by: alice, at: "2026-03-01T12:00:00.000Z" }),
  ],
  [
    "a push to it: who pushed is known from here alone",
    "pull_request",
    pull("synchronize"),
    touched({ sha, by: alice, at: "2026-03-01T12:00:00.000Z" }),
  ],
  ["edited", "pull_request", pull("edited"), touched(null)],
  ["closed", "pull_request", pull("closed"), touched(null)],
  ["ready for review", "pull_request", pull("ready_for_review"), touched(null)],
  ["labelled, which the gate does itself", "pull_request", { ...pull("labeled"), label: { name: "radius/large" } }, null],
  ["labelled by others, for a rule may ask for it", "pull_request", { ...pull("unlabeled"), label: { name: "urgent" } }, touched(null)],
  ["an action that GitHub may invent", "pull_request", pull("enqueued"), null],
  ["case 32: a review, with the head that was reviewed", "pull_request_review", review("submitted"), touched(null, { review: received })],
  [
    "an objection",
    "pull_request_review",
    review("submitted", { state: "changes_requested" }),
    touched(null, { review: { ...received, state: "changes-requested" } }),
  ],
  ["a dismissed review", "pull_request_review", review("dismissed", { state: "dismissed" }), touched(null)],
  ["case 26: an edited review", "pull_request_review", review("edited"), touched(null)],
  ["case 15: a review of a deleted account", "pull_request_review", review("submitted", { user: null }), touched(null)],
  ["a review that names no head", "pull_request_review", review("submitted", { commit_id: null }), touched(null)],
  ["case 12: a bot's review, of which no receipt is kept", "pull_request_review", review("submitted", { user: bot }), touched(null)],
  ["the gate's own suggestions", "pull_request_review", review("submitted", { user: bot, state: "commented" }), null],
  ["a command, with the comment to react to", "issue_comment", comment("/merge"), touched(null, { comment: 31 })],
  ["talk", "issue_comment", comment("nice"), null],
  ["a quoted command", "issue_comment", comment("> /merge"), null],
  ["case 24: a command that was edited in", "issue_comment", comment("/merge", { action: "edited" }), touched(null, { edited })],
  [
    "case 24: a command that was edited away",
    "issue_comment",
    comment("never mind", { action: "edited", changes: { body: { from: "/merge" } } }),
    touched(null, { edited }),
  ],
  ["talk that was edited", "issue_comment", comment("nice", { action: "edited", changes: { body: { from: "nic" } } }), null],
  ["case 25: a command that was deleted", "issue_comment", comment("/merge", { action: "deleted" }), touched(null)],
  ["the gate's comment as it writes it", "issue_comment", comment("", { comment: own, sender: bot }), null],
  ["the gate's comment, edited by itself", "issue_comment", comment("", { action: "edited", comment: own, sender: bot }), null],
  ["the gate's comment, deleted by a person", "issue_comment", comment("", { action: "deleted", comment: own }), touched(null)],
  ["a bot's command", "issue_comment", comment("", { comment: { id: 31, body: "/merge", user: bot } }), null],
  ["a deleted account's command", "issue_comment", comment("", { comment: { id: 31, body: "/merge", user: null } }), null],
  ["a command on an issue", "issue_comment", comment("/merge", { issue: { number: 7 } }), null],
  [
    "a push, whose time is in seconds",
    "push",
    { ...common, ref: "refs/heads/release/1", after: sha, repository: { ...common.repository, pushed_at: 1_772_366_400 } },
    {
      kind: "branch-pushed",
      ...origin,
      branch: "release/1",
      push: { sha, by: alice, at: "2026-03-01T12:00:00.000Z" },
      before: null,
      forced: false,
    },
  ],
  [
    "a push that rewrites history",
    "push",
    { ...common, ref: "refs/heads/main", before: "a".repeat(40), after: sha, forced: true },
    { kind: "branch-pushed", ...origin, branch: "main", push: { sha, by: alice, at: null }, before: "a".repeat(40), forced: true },
  ],
  [
    "a new branch",
    "push",
    { ...common, ref: "refs/heads/new", before: "0".repeat(40), after: sha },
    { kind: "branch-pushed", ...origin, branch: "new", push: { sha, by: alice, at: null }, before: null, forced: false },
  ],
  ["a deleted branch", "push", { ...common, ref: "refs/heads/x", after: "0".repeat(40), deleted: true }, null],
  ["a tag", "push", { ...common, ref: "refs/tags/v1", after: sha }, null],
  ["Re-run on our check run", "check_run", checkRun({}), { kind: "recheck-asked", ...origin, head: sha }],
  ["Re-run on another App's", "check_run", checkRun({ app: { id: 45 } }), null],
  ["Re-run on another of our names", "check_run", checkRun({ name: "other" }), null],
  [
    "case 55: another App's check ended, of no pull request that GitHub would name",
    "check_run",
    { ...checkRun({ app: { id: 45 }, pull_requests: [] }), action: "completed" },
    headTouched,
  ],
  ["case 53: another App's check began anew", "check_run", { ...checkRun({ app: { id: 45 } }), action: "created" }, headTouched],
  ["our own check ended", "check_run", { ...checkRun({}), action: "completed" }, null],
  ["case 78: a check of our name by somebody else", "check_run", { ...checkRun({ app: { id: 45 } }), action: "completed" }, headTouched],
  [
    "case 72: a suite ended",
    "check_suite",
    { ...common, action: "completed", check_suite: { head_sha: sha, app: { id: 45 } } },
    headTouched,
  ],
  [
    "Re-run of all our checks",
    "check_suite",
    { ...common, action: "rerequested", check_suite: { head_sha: sha, app: { id: 44 } } },
    { kind: "recheck-asked", ...origin, head: sha },
  ],
  [
    "a suite that is asked for at every push",
    "check_suite",
    { ...common, action: "requested", check_suite: { head_sha: sha, app: { id: 44 } } },
    null,
  ],
  ["a status", "status", { ...common, sha, context: "ci", state: "failure" }, headTouched],
  ["case 17: a collaborator came, went or changed", "member", { ...common, action: "removed" }, { kind: "repository-touched", ...origin }],
  ...["membership", "team", "organization"].map((event): [string, string, object, object] => [
    `case 17: an event of an organisation's people: ${event}`,
    event,
    { action: "removed", installation: { id: 5 }, organization: { login: "acme" } },
    { kind: "people-changed", installation: 5 },
  ]),
  [
    "case 80: a merge queue's commit",
    "merge_group",
    { ...common, action: "checks_requested", merge_group: { head_sha: sha } },
    { kind: "merge-group", ...origin, head: sha },
  ],
  ["a merge queue's commit that is gone", "merge_group", { ...common, action: "destroyed", merge_group: { head_sha: sha } }, null],
  [
    "installed",
    "installation",
    { action: "created", installation: installed, repositories: listed },
    { kind: "installation", installation: 5, state: "active", added: [origin.repository], removed: [] },
  ],
  [
    "suspended",
    "installation",
    { action: "suspend", installation: installed, repositories: listed },
    { kind: "installation", installation: 5, state: "suspended", added: [], removed: [9] },
  ],
  [
    "taken away",
    "installation",
    { action: "deleted", installation: installed, repositories: listed },
    { kind: "installation", installation: 5, state: "deleted", added: [], removed: [9] },
  ],
  [
    "granted more, so that what was refused can be asked again",
    "installation",
    { action: "new_permissions_accepted", installation: installed },
    { kind: "people-changed", installation: 5 },
  ],
  [
    "repositories that came and went",
    "installation_repositories",
    { action: "added", installation: installed, repositories_added: listed, repositories_removed: [{ id: 8 }] },
    { kind: "installation", installation: 5, state: "active", added: [origin.repository], removed: [8] },
  ],
  ["an event that means nothing", "star", { action: "created" }, null],
  ["an event by a name that every object has", "constructor", { action: "created" }, null],
  ["another of them", "__proto__", pull("opened"), null],
];

describe("readEvent", () => {
  it.each(cases)("%s", (_name, event, payload, meaning) => {
    expect(readEvent(event, payload, 44)).toEqual(meaning);
  });

  it.each(malformed)("refuses %s", (_name, event, payload) => {
    expect(() => readEvent(event, payload, 44)).toThrow(`A ${event} webhook is not of the form that GitHub documents`);
  });

  it("refuses what GitHub does not send, with the place", () => {
    const wrong = { ...pull("opened"), pull_request: { number: "7", updated_at: "", head: { sha } } };
    expect(() => readEvent("pull_request", wrong, 44)).toThrow(
      "A pull_request webhook is not of the form that GitHub documents: pull_request.number",
    );
  });
});
