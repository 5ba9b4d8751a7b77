import { expect, test } from "vitest";
import { openChange, repo, setStage } from "./stage.ts";

/** The button "Update branch". */

test("base is merged into head by whoever presses, and GitHub commits it", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const base = await stage.github.as("bob").commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "Meanwhile" });
  const sha = await stage.github.as("bob").updateBranch("acme/control", number);
  const { data } = await stage.octokit().rest.repos.getCommit({ ...repo, ref: sha });
  expect(data).toMatchObject({
    parents: [{ sha: head }, { sha: base }],
    author: { login: "bob" },
    committer: { login: "web-flow" },
    commit: { message: "Merge branch 'main' into change" },
  });
  await stage.github.settled();
  expect(stage.told().slice(-2)).toEqual(["push", "pull_request.synchronize"]);
});

test("a fork's branch takes the base of its parent", async () => {
  const stage = await setStage();
  const { github } = stage;
  github.collaborator("acme/control", "mallory", "read");
  await github.fork("acme/control", "mallory");
  const mallory = github.as("mallory");
  const head = await mallory.commit("mallory/control", { branch: "mine", files: { m: "m" }, message: "Mine" });
  const { number } = await mallory.openPull("acme/control", { head: "mallory:mine", title: "Mine" });
  const base = await github.as("bob").commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "Meanwhile" });
  const denied = github.as("alice").updateBranch("acme/control", number);
  await expect(denied).rejects.toMatchObject({ status: 403 });
  const sha = await mallory.updateBranch("acme/control", number);
  const { data } = await stage.octokit().rest.repos.getCommit({ ...repo, ref: sha });
  expect(data.parents).toMatchObject([{ sha: head }, { sha: base }]);
});

test.each([
  { name: "nothing new on base", files: null, expected: undefined, words: "There are no new commits on the base branch." },
  { name: "another head than expected", files: { "b.pp": "b\n" }, expected: "0".repeat(40), words: "expected head sha" },
  { name: "a conflict", files: { "a.txt": "1\nzwei\n3\n" }, expected: undefined, words: "merge conflict between base and head" },
])("refused: $name", async ({ files, expected, words }) => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  if (files !== null) await stage.github.as("bob").commit("acme/control", { branch: "main", files, message: "Meanwhile" });
  const asked = stage
    .octokit()
    .rest.pulls.updateBranch({ ...repo, pull_number: number, ...(expected === undefined ? {} : { expected_head_sha: expected }) });
  await expect(asked).rejects.toMatchObject({ status: 422, message: expect.stringContaining(words) });
});
