import { expect, test } from "vitest";
import { repo, setStage } from "./stage.ts";

test("a pull request from a fork brings its commits along, and the fork's owner can't write here", async () => {
  const stage = await setStage();
  const { github } = stage;
  github.collaborator("acme/control", "mallory", "read");
  await github.fork("acme/control", "mallory");
  const mallory = github.as("mallory");
  const first = await mallory.commit("mallory/control", { branch: "evil", files: { "a.txt": "evil\n" }, message: "Evil" });
  const { number } = await mallory.openPull("acme/control", { head: "mallory:evil", title: "Harmless" });
  const octokit = stage.octokit();
  const about = { ...repo, pull_number: number };
  expect((await octokit.rest.pulls.get(about)).data).toMatchObject({
    head: { sha: first, label: "mallory:evil", repo: { fork: true, full_name: "mallory/control" } },
    commits: 1,
  });

  const second = await mallory.commit("mallory/control", { branch: "evil", files: { "b.txt": "more\n" }, message: "More" });
  expect((await octokit.rest.pulls.get(about)).data).toMatchObject({ head: { sha: second }, commits: 2, changed_files: 2 });
  const ref = await octokit.rest.git.getRef({ ...repo, ref: `pull/${number}/head` });
  expect(ref.data.object).toMatchObject({ sha: second, type: "commit" });
  await github.settled();
  expect(stage.told()).toEqual(["pull_request.opened", "pull_request.synchronize"]);
  await expect(mallory.commit("acme/control", { branch: "evil", files: {}, message: "Here" })).rejects.toThrow(
    /Write access to acme\/control is not granted to mallory/,
  );
});
