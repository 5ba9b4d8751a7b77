import { expect, test } from "vitest";
import { repo, setStage } from "./stage.ts";

/** What moved a repository's branches: https://docs.github.com/en/rest/repos/repos#list-repository-activities */

test("tells who moved a branch, from which commit to which and how, newest first, page by page", async () => {
  const stage = await setStage();
  const [alice, bob] = [stage.github.as("alice"), stage.github.as("bob")];
  const first = await alice.commit("acme/control", { branch: "topic", from: "main", files: { "a.pp": "" }, message: "one" });
  const second = await bob.commit("acme/control", { branch: "topic", files: { "b.pp": "" }, message: "two" });
  const third = await bob.commit("acme/control", { branch: "topic", from: "main", files: { "c.pp": "" }, message: "three" });
  await alice.moveBranch("acme/control", "topic", null);
  const octokit = stage.octokit();
  const about = { ...repo, ref: "refs/heads/topic" };
  const { data } = await octokit.rest.repos.listActivities(about);
  const nothing = "0".repeat(40);
  expect(data.map(({ actor, before, after, activity_type, ref }) => [actor?.login, before, after, activity_type, ref])).toEqual([
    ["alice", third, nothing, "branch_deletion", "refs/heads/topic"],
    ["bob", second, third, "force_push", "refs/heads/topic"],
    ["bob", first, second, "push", "refs/heads/topic"],
    ["alice", nothing, first, "branch_creation", "refs/heads/topic"],
  ]);
  expect(data[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u);
  const forced = await octokit.rest.repos.listActivities({ ...about, activity_type: "force_push", direction: "asc" });
  expect(forced.data.map(({ after }) => after)).toEqual([third]);
  const page = await octokit.rest.repos.listActivities({ ...about, per_page: 3 });
  expect(page.data).toHaveLength(3);
  const next = /<(?<address>[^>]+)>; rel="next"/u.exec(page.headers.link ?? "")?.groups?.["address"];
  const rest = await octokit.request(`GET ${next ?? ""}`);
  expect((rest.data as { after: string }[]).map(({ after }) => after)).toEqual([first]);
  expect(rest.headers.link).toBeUndefined();
});
