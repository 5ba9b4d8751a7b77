import { describe, expect, it } from "vitest";
import { readEvent } from "../../src/github/inbound.ts";

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
const comment = (body: string, more: object = {}): object => ({
  ...common,
  action: "created",
  issue: { number: 7, pull_request: {} },
  comment: { body, user: { id: 1, login: "alice", type: "User" } },
  ...more,
});
const touched = (push: object | null): object => ({ kind: "change-touched", ...origin, number: 7, push });
const checkRun = (more: object): object => ({
  ...common,
  action: "rerequested",
  check_run: { name: "puppet-gate", head_sha: sha, app: { id: 44 }, ...more },
});

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
  ["labelled, which the gate does itself", "pull_request", pull("labeled"), null],
  ["an action that GitHub may invent", "pull_request", pull("enqueued"), null],
  ["a review", "pull_request_review", { ...common, action: "submitted", pull_request: { number: 7 } }, touched(null)],
  ["a dismissed review", "pull_request_review", { ...common, action: "dismissed", pull_request: { number: 7 } }, touched(null)],
  ["a command", "issue_comment", comment("/merge"), touched(null)],
  ["talk", "issue_comment", comment("nice"), null],
  ["a quoted command", "issue_comment", comment("> /merge"), null],
  ["a command that was edited in", "issue_comment", comment("/merge", { action: "edited" }), null],
  [
    "a bot's command",
    "issue_comment",
    comment("/merge", { comment: { body: "/merge", user: { id: 5, login: "x[bot]", type: "Bot" } } }),
    null,
  ],
  ["a deleted account's command", "issue_comment", comment("/merge", { comment: { body: "/merge", user: null } }), null],
  ["a command on an issue", "issue_comment", comment("/merge", { issue: { number: 7 } }), null],
  [
    "a push, whose time is in seconds",
    "push",
    { ...common, ref: "refs/heads/release/1", after: sha, repository: { ...common.repository, pushed_at: 1_772_366_400 } },
    { kind: "branch-pushed", ...origin, branch: "release/1", push: { sha, by: alice, at: "2026-03-01T12:00:00.000Z" } },
  ],
  ["a deleted branch", "push", { ...common, ref: "refs/heads/x", after: "0".repeat(40), deleted: true }, null],
  ["a tag", "push", { ...common, ref: "refs/tags/v1", after: sha }, null],
  ["Re-run on our check run", "check_run", checkRun({}), { kind: "recheck-asked", ...origin, head: sha }],
  ["Re-run on another App's", "check_run", checkRun({ app: { id: 45 } }), null],
  ["Re-run on another of our names", "check_run", checkRun({ name: "other" }), null],
  ["an event that means nothing", "star", { action: "created" }, null],
  ["an event of no repository", "installation", { action: "created", installation: { id: 5 } }, null],
];

describe("readEvent", () => {
  it.each(cases)("%s", (_name, event, payload, meaning) => {
    expect(readEvent(event, payload, 44)).toEqual(meaning);
  });

  it("refuses what GitHub does not send, with the place", () => {
    const wrong = { ...pull("opened"), pull_request: { number: "7", updated_at: "", head: { sha } } };
    expect(() => readEvent("pull_request", wrong, 44)).toThrow(
      "A pull_request webhook is not of the form that GitHub documents: pull_request.number",
    );
  });
});
