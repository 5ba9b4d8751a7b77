import { expect, test } from "vitest";
import { openChange, repo, setStage } from "./stage.ts";

test("a pull request is opened, judged, approved and landed through Octokit", async () => {
  const stage = await setStage();
  const { github, app } = stage;
  const { number, head } = await openChange(stage);
  const octokit = stage.octokit();

  const first = await octokit.rest.pulls.get({ ...repo, pull_number: number });
  expect(first.data).toMatchObject({
    mergeable: null,
    mergeable_state: "unknown",
    merged: false,
    commits: 1,
    changed_files: 1,
    additions: 1,
    deletions: 1,
  });
  expect(first.data.user).toMatchObject({ login: "alice", id: github.as("alice").account.id });
  const second = await octokit.rest.pulls.get({ ...repo, pull_number: number });
  expect(second.data).toMatchObject({
    mergeable: true,
    mergeable_state: "clean",
    head: { sha: head, ref: "change" },
    base: { ref: "main" },
  });

  const run = await octokit.rest.checks.create({
    ...repo,
    name: "puppet-gate",
    head_sha: head,
    conclusion: "action_required",
    output: { title: "Waiting", summary: "One approval" },
  });
  expect(run.data).toMatchObject({ status: "completed", app: { id: app.id }, pull_requests: [{ number }] });
  await octokit.rest.issues.addLabels({ ...repo, issue_number: number, labels: ["radius/small"] });
  await github.as("bob").review("acme/control", number, { event: "APPROVE" });
  const reviews = await octokit.rest.pulls.listReviews({ ...repo, pull_number: number });
  expect(reviews.data).toMatchObject([{ user: { login: "bob" }, state: "APPROVED", commit_id: head }]);
  const comment = await github.as("alice").comment("acme/control", number, "/merge");
  await octokit.rest.reactions.createForIssueComment({ ...repo, comment_id: Number(comment.id), content: "+1" });

  const merged = await octokit.rest.pulls.merge({ ...repo, pull_number: number, sha: head });
  const after = await octokit.rest.pulls.get({ ...repo, pull_number: number });
  expect(after.data).toMatchObject({
    merged: true,
    state: "closed",
    merge_commit_sha: merged.data.sha,
    merged_by: { login: "puppet-gate[bot]", type: "Bot" },
    labels: [{ name: "radius/small" }],
  });
  const branch = await octokit.rest.repos.getBranch({ ...repo, branch: "main" });
  expect(branch.data.commit).toMatchObject({ sha: merged.data.sha, parents: [{ sha: first.data.base.sha }, { sha: head }] });
  expect(branch.data.commit.commit.message).toBe(`Merge pull request #${number} from acme/change\n\nChange change`);

  await github.settled();
  expect(stage.told()).toEqual([
    "push",
    "pull_request.opened",
    "check_run.created",
    "check_run.completed",
    "pull_request.labeled",
    "pull_request_review.submitted",
    "issue_comment.created",
    "pull_request.closed",
    "push",
  ]);
});
