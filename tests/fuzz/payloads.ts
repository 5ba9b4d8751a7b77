import { marker } from "../../src/github/words.ts";

/** Webhooks as GitHub sends them, cut down to what is read of them: what hostile ones are made from. */

export const sha = "b".repeat(40);
const person = (id: number, login: string, type = "User"): object => ({ id, login, type });
const alice = person(1, "alice");
const bob = person(2, "bob");

export interface Context {
  installation: number;
  repository: { id: number; name: string; owner: { login: string } };
  number: number;
  head: string;
}

/** Of each event that means something here, some. */
export function payloadsOf({ installation, repository, number, head }: Context): (readonly [event: string, payload: object])[] {
  const common = { installation: { id: installation }, repository, sender: alice };
  const at = "2026-03-01T12:00:00Z";
  const pull = (action: string, more: object = {}): object => ({
    ...common,
    action,
    pull_request: { number, updated_at: at, user: alice, head: { sha: head, repo: { id: repository.id } } },
    ...more,
  });
  const review = (state: string, user: object): object => ({
    ...common,
    action: "submitted",
    pull_request: { number },
    review: { id: 21, user, state, commit_id: head, submitted_at: at },
  });
  const comment = (action: string, body: string, user: object, more: object = {}): object => ({
    ...common,
    action,
    issue: { number, pull_request: {} },
    comment: { id: 31, body, user },
    ...more,
  });
  const names = [{ id: repository.id, full_name: `${repository.owner.login}/${repository.name}` }];
  return [
    ["pull_request", pull("opened")],
    ["pull_request", pull("synchronize", { sender: bob })],
    ["pull_request", pull("labeled", { label: { name: "urgent" } })],
    ["pull_request_review", review("approved", bob)],
    ["pull_request_review", review("changes_requested", bob)],
    ["pull_request_review", review("dismissed", person(9, "x[bot]", "Bot"))],
    ["issue_comment", comment("created", "/merge", alice)],
    ["issue_comment", comment("edited", "/break-glass now", alice, { changes: { body: { from: "/why" } } })],
    ["issue_comment", comment("deleted", `${marker}\n### Ready`, person(9, "x[bot]", "Bot"))],
    [
      "push",
      {
        ...common,
        ref: "refs/heads/main",
        before: "a".repeat(40),
        after: head,
        forced: false,
        repository: { ...repository, pushed_at: 1_772_366_400 },
      },
    ],
    ["check_run", { ...common, action: "rerequested", check_run: { name: "puppet-gate", head_sha: head, app: { id: 44 } } }],
    ["check_suite", { ...common, action: "completed", check_suite: { head_sha: head, app: { id: 45 } } }],
    ["status", { ...common, sha: head }],
    ["member", common],
    ["team", common],
    ["merge_group", { ...common, action: "checks_requested", merge_group: { head_sha: head } }],
    ["installation", { ...common, action: "created", repositories: names }],
    ["installation_repositories", { ...common, action: "removed", repositories_added: [], repositories_removed: [{ id: 999_999 }] }],
  ];
}
