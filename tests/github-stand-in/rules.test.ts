import { join } from "node:path";
import { expect, test } from "vitest";
import type { RulesetRequest } from "../../src/demo/github/rules/making.ts";
import { git, installationToken, listen } from "./client.ts";
import { openChange, repo, setStage, type Stage } from "./stage.ts";

/** Rulesets: what they refuse to whom, by merging, by the API for refs, by GraphQL and by git, and what they say of themselves. */

interface Case {
  name: string;
  rules: (stage: Stage) => RulesetRequest;
  words: RegExp;
}

const merges: (Case & { method?: "merge" | "squash"; ready?: (stage: Stage, at: { number: number; head: string }) => Promise<unknown> })[] =
  [
    {
      name: "a check that nobody reported",
      rules: () => ({ checks: [{ name: "ci" }] }),
      words: /^Repository rule violations found\n\nRequired status check "ci" is expected\./,
    },
    {
      name: "a check that another App reported",
      rules: () => ({ checks: [{ name: "ci", appId: 15368 }] }),
      ready: async (stage, { head }) => stage.octokit().rest.checks.create({ ...repo, name: "ci", head_sha: head, conclusion: "success" }),
      words: /Required status check "ci" is expected\./,
    },
    {
      name: "a check that failed",
      rules: () => ({ checks: [{ name: "ci" }] }),
      ready: async (stage, { head }) => stage.octokit().rest.checks.create({ ...repo, name: "ci", head_sha: head, conclusion: "failure" }),
      words: /Required status check "ci" is failing\./,
    },
    {
      name: "checks of which some are missing and some not over",
      rules: () => ({ checks: [{ name: "ci" }, { name: "lint" }, { name: "spec" }] }),
      ready: async (stage, { head }) => {
        await stage.octokit().rest.checks.create({ ...repo, name: "ci", head_sha: head, conclusion: "success" });
        await stage.octokit().rest.checks.create({ ...repo, name: "lint", head_sha: head, status: "in_progress" });
      },
      words: /2 of 3 required status checks have not succeeded: 1 expected and 1 in progress\./,
    },
    {
      name: "too few approvals by people who may write",
      rules: () => ({ pullRequest: { approvals: 2 } }),
      ready: async ({ github }, { number }) => {
        github.collaborator("acme/control", "mallory", "read");
        for (const login of ["bob", "mallory"]) await github.as(login).review("acme/control", number, { event: "APPROVE" });
      },
      words: /At least 2 approving reviews are required by reviewers with write access\./,
    },
    { name: "a merge commit where history is linear", rules: () => ({ linearHistory: true }), words: /must not contain merge commits/ },
    {
      name: "a method that the rules leave out",
      rules: () => ({ pullRequest: { methods: ["squash"] } }),
      words: /Merge method merge is not allowed/,
    },
    {
      name: "a head that base went past",
      rules: () => ({ checks: [{ name: "ci" }], upToDate: true }),
      ready: async (stage, { head }) => {
        await stage.octokit().rest.checks.create({ ...repo, name: "ci", head_sha: head, conclusion: "success" });
        await stage.github.pushed("acme/control", "bob");
        await stage.github.as("carol").commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "Past" });
      },
      words: /Head branch is out of date/,
    },
    {
      name: "an organisation's admin who is not on the list",
      rules: () => ({ restrictUpdates: true, bypass: [{ who: "write" }] }),
      words: /Cannot update this protected ref\./,
    },
  ];

test.each(merges)("a merge refused: $name", async ({ rules, ready, words }) => {
  const stage = await setStage();
  const change = await openChange(stage);
  const request = rules(stage);
  // Carol may push past the rules, for a case where base must move.
  stage.github.ruleset("acme/control", { ...request, bypass: request.bypass ?? [{ who: "organization-admins" }] });
  await ready?.(stage, change);
  await expect(stage.octokit().rest.pulls.merge({ ...repo, pull_number: change.number })).rejects.toMatchObject({
    status: 405,
    message: expect.stringMatching(words),
  });
});

test("what is asked for is enough, and whoever bypasses needs none of it", async () => {
  const stage = await setStage();
  stage.github.ruleset("acme/control", {
    pullRequest: { approvals: 1, methods: ["squash"] },
    checks: [{ name: "ci", appId: stage.app.id }],
    linearHistory: true,
  });
  const first = await openChange(stage);
  const octokit = stage.octokit();
  const state = async (): Promise<unknown> => {
    await octokit.rest.pulls.get({ ...repo, pull_number: first.number });
    return (await octokit.rest.pulls.get({ ...repo, pull_number: first.number })).data.mergeable_state;
  };
  expect(await state()).toBe("blocked");
  await octokit.rest.checks.create({ ...repo, name: "ci", head_sha: first.head, conclusion: "neutral" });
  await stage.github.as("bob").review("acme/control", first.number, { event: "APPROVE" });
  expect(await state()).toBe("clean");
  await octokit.rest.pulls.merge({ ...repo, pull_number: first.number, merge_method: "squash" });

  stage.github.ruleset("acme/control", { restrictUpdates: true, bypass: [{ who: stage.app }] });
  for (const ruleset of stage.github.state.repos.values().flatMap(({ rulesets }) => rulesets.values()))
    ruleset.bypass = [{ actor_type: "Integration", actor_id: stage.app.id, bypass_mode: "pull_request" }];
  const second = await openChange(stage, "second");
  await expect(stage.github.as("alice").merge("acme/control", second.number)).rejects.toThrow(/Cannot update this protected ref/);
  await octokit.rest.pulls.merge({ ...repo, pull_number: second.number });
});

test("a head behind its base is said to be, where the rules want it up to date", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  await stage.github.as("bob").commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "Past" });
  stage.github.ruleset("acme/control", { checks: [], upToDate: true });
  await stage.octokit().rest.pulls.get({ ...repo, pull_number: number });
  expect((await stage.octokit().rest.pulls.get({ ...repo, pull_number: number })).data.mergeable_state).toBe("behind");
});

const pushes: Case[] = [
  { name: "a pull request is wanted", rules: () => ({ pullRequest: {} }), words: /Changes must be made through a pull request\./ },
  { name: "only the list may update", rules: () => ({ restrictUpdates: true }), words: /Cannot update this protected ref\./ },
  {
    name: "checks are wanted",
    rules: () => ({ checks: [{ name: "ci" }, { name: "lint" }] }),
    words: /2 of 2 required status checks are expected\./,
  },
  { name: "history is linear", rules: () => ({ linearHistory: true }), words: /must not contain merge commits\.\n.*Found 1 violation/ },
  {
    name: "signatures are wanted",
    rules: () => ({ signatures: true }),
    words: /Commits must have verified signatures\.\n.*Found \d violations?:/,
  },
];

test.each(pushes)("the base branch can't be moved by API, GraphQL or git where $name", async ({ rules, words }) => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const octokit = stage.octokit();
  const base = (await octokit.rest.git.getRef({ ...repo, ref: "heads/main" })).data.object.sha;
  const { api, as } = await listen(stage);
  const clone = join(stage.folder, "clone");
  await git(stage.folder, "clone", "-q", as(await installationToken(stage, api)), "clone");
  await git(clone, "merge", "-q", "--no-ff", "-m", "Land", "origin/change");
  const landing = (await git(clone, "rev-parse", "HEAD")).text.trim();
  await git(clone, "push", "-q", "origin", "HEAD:refs/heads/landing");
  const ruleset = stage.github.ruleset("acme/control", rules(stage));

  const patched = octokit.rest.git.updateRef({ ...repo, ref: "heads/main", sha: landing });
  await expect(patched).rejects.toMatchObject({ status: 422, message: expect.stringMatching(words) });
  const { node_id: repositoryId } = (await octokit.rest.repos.get(repo)).data;
  const input = { repositoryId, refUpdates: [{ name: "refs/heads/main", beforeOid: base, afterOid: landing }] };
  const mutation = "mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }";
  await expect(octokit.graphql(mutation, { input })).rejects.toMatchObject({
    errors: [{ type: "UNPROCESSABLE", message: expect.stringMatching(words) }],
  });
  const pushed = await git(clone, "push", "origin", "HEAD:refs/heads/main");
  expect(pushed).toMatchObject({
    code: 1,
    text: expect.stringContaining("remote: error: GH013: Repository rule violations found for refs/heads/main."),
  });
  expect(pushed.text.replaceAll(/^remote: /gm, "").replaceAll(/ +$/gm, "")).toMatch(words);
  expect(pushed.text).toContain("! [remote rejected] HEAD -> main (push declined due to repository rule violations)");
  expect((await octokit.rest.git.getRef({ ...repo, ref: "heads/main" })).data.object.sha).toBe(base);

  // The App on the list does what nobody else may.
  ruleset.bypass.push({ actor_type: "Integration", actor_id: stage.app.id, bypass_mode: "always" });
  expect(await git(clone, "push", `--force-with-lease=refs/heads/main:${base}`, "origin", "HEAD:refs/heads/main")).toMatchObject({
    code: 0,
  });
  expect((await octokit.rest.git.getRef({ ...repo, ref: "heads/main" })).data.object.sha).toBe(landing);
  expect(head).not.toBe(landing);
});

test("people push past the rules by their role or team, and not otherwise", async () => {
  const { github } = await setStage();
  const team = github.team("acme/releasers", { members: ["bob"] });
  github.ruleset("acme/control", { pullRequest: {}, bypass: [{ who: team }, { who: "admin" }] });
  const commit = async (login: string): Promise<string> =>
    github.as(login).commit("acme/control", { branch: "main", files: { [`${login}.pp`]: "x\n" }, message: login });
  await expect(commit("alice")).rejects.toThrow(/GH013: Repository rule violations found for refs\/heads\/main/);
  await commit("bob");
  await commit("carol");
});

test("rules of a branch can be read by whoever reads the repository, and who bypasses them by its administrators", async () => {
  const stage = await setStage();
  const ruleset = stage.github.ruleset("acme/control", { name: "main", checks: [{ name: "ci", appId: 7 }], bypass: [{ who: stage.app }] });
  const rest = stage.octokit().rest;
  const { data: rules } = await rest.repos.getBranchRules({ ...repo, branch: "main" });
  expect(rules).toMatchObject([
    {
      type: "required_status_checks",
      ruleset_id: ruleset.id,
      ruleset_source: "acme/control",
      parameters: { required_status_checks: [{ context: "ci", integration_id: 7 }] },
    },
  ]);
  expect((await rest.repos.getBranchRules({ ...repo, branch: "other" })).data).toEqual([]);
  const read = await rest.repos.getRepoRuleset({ ...repo, ruleset_id: ruleset.id });
  expect(read.data).toMatchObject({ name: "main", enforcement: "active", current_user_can_bypass: "always" });
  expect(read.data).not.toHaveProperty("bypass_actors");
  const told = await stage.github.as("carol").request(`GET /repos/acme/control/rulesets/${ruleset.id}`);
  expect(told).toMatchObject({ bypass_actors: [{ actor_type: "Integration", actor_id: stage.app.id, bypass_mode: "always" }] });
});

test("a change of a workflow needs a permission of its own, however an App brings it to a branch", async () => {
  const stage = await setStage();
  const alice = stage.github.as("alice");
  const workflow = { ".github/workflows/ci.yml": "on: push\n" };
  const head = await alice.commit("acme/control", { branch: "ci", from: "main", files: workflow, message: "CI" });
  const { number } = await alice.openPull("acme/control", { head: "ci", title: "CI" });
  const octokit = stage.octokit();
  const words = /refusing to allow a GitHub App to create or update workflow `\.github\/workflows\/ci\.yml` without `workflows` permission/;
  const refusal = { status: 403, message: expect.stringMatching(words) };
  await expect(octokit.rest.pulls.merge({ ...repo, pull_number: number })).rejects.toMatchObject(refusal);
  await expect(octokit.rest.git.updateRef({ ...repo, ref: "heads/main", sha: head })).rejects.toMatchObject(refusal);
  const { api, as } = await listen(stage);
  const bare = join(stage.folder, "repositories", "acme+control.git");
  const pushed = await git(bare, "push", as(await installationToken(stage, api)), `${head}:refs/heads/main`);
  expect(pushed).toMatchObject({ code: 1, text: expect.stringMatching(words) });
  await alice.merge("acme/control", number);
});
