import { expect, test } from "vitest";
import { openChange, repo, setStage, type Stage } from "./stage.ts";

/** What the three methods leave on the base branch, and how a pull request learns of its mergeability. */

async function tip({ octokit }: Stage, ref = "main") {
  const { data } = await octokit().rest.repos.getCommit({ ...repo, ref });
  return {
    sha: data.sha,
    parents: data.parents.map(({ sha }) => sha),
    message: data.commit.message,
    author: data.author?.login,
    committer: data.commit.committer?.name,
    files: data.files?.map(({ filename }) => filename),
  };
}

/** A change of two commits on a base that has moved since. */
async function setTwoCommits(): Promise<{ stage: Stage; number: number; head: string; base: string }> {
  const stage = await setStage();
  const alice = stage.github.as("alice");
  await alice.commit("acme/control", { branch: "two", from: "main", files: { "one.pp": "1\n" }, message: "One" });
  const head = await alice.commit("acme/control", {
    branch: "two",
    files: { "two.pp": "2\n" },
    message: "Two",
    author: "Bob <bob@acme.example>",
  });
  const { number } = await alice.openPull("acme/control", { head: "two", title: "Both" });
  const base = await stage.github.as("bob").commit("acme/control", { branch: "main", files: { "base.pp": "b\n" }, message: "Base moved" });
  return { stage, number, head, base };
}

test("merge makes a commit of two parents by whoever merges", async () => {
  const { stage, number, head, base } = await setTwoCommits();
  const { data } = await stage.octokit().rest.pulls.merge({ ...repo, pull_number: number, sha: head });
  expect(await tip(stage)).toEqual({
    sha: data.sha,
    parents: [base, head],
    message: `Merge pull request #${number} from acme/two\n\nBoth`,
    author: "puppet-gate[bot]",
    committer: "GitHub",
    files: ["one.pp", "two.pp"],
  });
});

test("squash makes one commit by the pull request's author, and names the others who wrote", async () => {
  const { stage, number, base } = await setTwoCommits();
  const { sha } = await stage.github.as("bob").merge("acme/control", number, { merge_method: "squash" });
  expect(await tip(stage)).toEqual({
    sha,
    parents: [base],
    message: `Both (#${number})\n\n* One\n\n* Two\n\n---------\n\nCo-authored-by: Bob <bob@acme.example>`,
    author: "alice",
    committer: "GitHub",
    files: ["one.pp", "two.pp"],
  });
});

test("rebase replays each commit with its author and the merger as committer", async () => {
  const { stage, number, base, head } = await setTwoCommits();
  const { sha } = await stage.github.as("bob").merge("acme/control", number, { merge_method: "rebase" });
  const last = await tip(stage);
  expect(last).toMatchObject({ sha, message: "Two", author: "bob", committer: "bob of acme", files: ["two.pp"] });
  expect(await tip(stage, last.parents[0])).toMatchObject({
    parents: [base],
    message: "One",
    author: "alice",
    committer: "bob of acme",
    files: ["one.pp"],
  });
  const pull = await stage.octokit().rest.pulls.get({ ...repo, pull_number: number });
  expect(pull.data).toMatchObject({ merged: true, merge_commit_sha: sha, head: { sha: head } });
});

test("mergeability is unknown until asked twice, and again whenever either branch moves", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const octokit = stage.octokit();
  const ask = async (): Promise<unknown> => {
    const { data } = await octokit.rest.pulls.get({ ...repo, pull_number: number });
    return [data.mergeable, data.mergeable_state];
  };
  expect([await ask(), await ask()]).toEqual([
    [null, "unknown"],
    [true, "clean"],
  ]);
  await octokit.rest.checks.create({ ...repo, name: "ci", head_sha: head, conclusion: "failure" });
  expect(await ask()).toEqual([true, "unstable"]);
  await stage.github.as("bob").commit("acme/control", { branch: "main", files: { "a.txt": "1\nzwei\n3\n" }, message: "Conflict" });
  expect([await ask(), await ask()]).toEqual([
    [null, "unknown"],
    [false, "dirty"],
  ]);
  await stage.github
    .as("alice")
    .commit("acme/control", { branch: "change", from: "main", files: { "a.txt": "1\nzwei und drei\n" }, message: "Again" });
  await stage.github.as("alice").setDraft("acme/control", number, true);
  expect([await ask(), await ask()]).toEqual([
    [null, "unknown"],
    [true, "draft"],
  ]);
});

test("the base that a pull request names is the one its head last saw", async () => {
  const { stage, number, base } = await setTwoCommits();
  const octokit = stage.octokit();
  const before = await octokit.rest.pulls.get({ ...repo, pull_number: number });
  expect(before.data.base.sha).not.toBe(base);
  await stage.github.as("alice").commit("acme/control", { branch: "two", files: { "three.pp": "3\n" }, message: "Three" });
  const after = await octokit.rest.pulls.get({ ...repo, pull_number: number });
  expect(after.data.base.sha).toBe(base);
});
