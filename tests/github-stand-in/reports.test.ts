import { expect, test } from "vitest";
import type { App } from "../../src/demo/github/state.ts";
import { openChange, repo, setStage, type Stage } from "./stage.ts";

/** What is reported of commits beside the gate's own check run: by other Apps, by workflows, as statuses and deployments. */

const events = ["check_run", "check_suite", "status", "workflow_run", "deployment", "deployment_status"];
const permissions = { checks: "write", statuses: "write", actions: "read", deployments: "write", contents: "read" } as const;

/** Another App on the same repository, which hears everything, and its Octokit. */
async function otherApp({
  github,
  octokit,
  ...stage
}: Stage): Promise<{ app: App; octokit: ReturnType<Stage["octokit"]>; told: string[] }> {
  const told: string[] = [];
  const { privateKey } = stage.app;
  const app = github.app({ name: "CI", owner: "acme", permissions, events, webhookSecret: "s", privateKey });
  github.webhooks(app, async ({ headers, body }) => {
    const { action } = JSON.parse(body) as { action?: string };
    told.push([headers["x-github-event"], action].filter((part) => part !== undefined).join("."));
  });
  const { id } = github.install(app, { on: "acme" });
  await github.settled();
  told.length = 0;
  return { app, octokit: octokit({ appId: app.id, privateKey, installationId: id }), told };
}

test("each App has a suite of its own on a commit, which ends with its last run", async () => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const ci = await otherApp(stage);
  const check = { ...repo, head_sha: head };
  await stage.octokit().rest.checks.create({ ...check, name: "ci", conclusion: "success" });
  const lint = await ci.octokit.rest.checks.create({ ...check, name: "lint", conclusion: "success" });
  const slow = await ci.octokit.rest.checks.create({ ...check, name: "ci", status: "in_progress" });
  const suites = await ci.octokit.rest.checks.listSuitesForRef({ ...repo, ref: head, app_id: ci.app.id });
  expect(suites.data.check_suites).toMatchObject([
    {
      id: lint.data.check_suite?.id,
      head_sha: head,
      head_branch: "change",
      status: "in_progress",
      conclusion: null,
      latest_check_runs_count: 2,
    },
  ]);
  await ci.octokit.rest.checks.update({ ...repo, check_run_id: slow.data.id, conclusion: "failure" });
  const suite = await ci.octokit.rest.checks.getSuite({ ...repo, check_suite_id: Number(slow.data.check_suite?.id) });
  expect(suite.data).toMatchObject({ status: "completed", conclusion: "failure", app: { id: ci.app.id } });
  const named = await stage.octokit().rest.checks.listForRef({ ...repo, ref: head, check_name: "ci" });
  expect(named.data.check_runs.map(({ app, conclusion }) => [app?.slug, conclusion])).toEqual([
    ["ci", "failure"],
    ["puppet-gate", "success"],
  ]);
  await stage.github.settled();
  // One of the gate's, and two of the other App's: it had ended already when its second run began.
  expect(ci.told.filter((name) => name.startsWith("check_suite"))).toEqual(Array.from({ length: 3 }, () => "check_suite.completed"));
});

test("only its maker changes a run, and a request to run again goes to its maker alone", async () => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const ci = await otherApp(stage);
  const run = await ci.octokit.rest.checks.create({ ...repo, name: "ci", head_sha: head, conclusion: "failure" });
  const theft = stage.octokit().rest.checks.update({ ...repo, check_run_id: run.data.id, conclusion: "success" });
  await expect(theft).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining("can only be modified by the app that created it"),
  });
  await stage.github.settled();
  stage.received.length = 0;
  ci.told.length = 0;
  await stage.github.as("alice").rerequestCheck("acme/control", run.data.id);
  const suite = Number(run.data.check_suite?.id);
  await stage.github.as("alice").request(`POST /repos/acme/control/check-suites/${suite}/rerequest`);
  await stage.github.settled();
  expect([ci.told, stage.told()]).toEqual([["check_run.rerequested", "check_suite.rerequested"], []]);
});

test("a run on a fork's head names no pull request", async () => {
  const stage = await setStage();
  const { github } = stage;
  github.collaborator("acme/control", "mallory", "read");
  await github.fork("acme/control", "mallory");
  const mallory = github.as("mallory");
  const head = await mallory.commit("mallory/control", { branch: "fix", files: { "f.pp": "f\n" }, message: "Fix" });
  await mallory.openPull("acme/control", { head: "mallory:fix", title: "Fix" });
  await stage.octokit().rest.checks.create({ ...repo, name: "ci", head_sha: head, conclusion: "success" });
  await github.settled();
  const event = JSON.parse(stage.received.at(-1)?.body ?? "{}") as { check_run?: object };
  expect(event.check_run).toMatchObject({ head_sha: head, pull_requests: [] });
});

test("a workflow's runs name its file, by which a check is bound to it", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const ci = await otherApp(stage);
  const { github } = stage;
  github.ruleset("acme/control", { checks: [{ name: "test", appId: 15_368 }] });
  const jobs = { test: "success", build: "skipped" } as const;
  const run = await github.workflow("acme/control", "alice", { path: ".github/workflows/ci.yml", head, jobs });
  await github.workflow("acme/control", "alice", { path: ".github/workflows/other.yml", head, event: "push", jobs: { test: null } });
  const { data } = await ci.octokit.rest.actions.listWorkflowRunsForRepo({ ...repo, head_sha: head, event: "pull_request" });
  expect(data).toMatchObject({
    total_count: 1,
    workflow_runs: [
      {
        id: run.id,
        path: ".github/workflows/ci.yml",
        status: "completed",
        conclusion: "success",
        check_suite_id: run.suiteId,
        head_branch: "change",
      },
    ],
  });
  const checks = await ci.octokit.rest.checks.listForSuite({ ...repo, check_suite_id: run.suiteId });
  expect(
    checks.data.check_runs.map(({ name, app, details_url }) => [name, app?.id, details_url?.includes(`/actions/runs/${run.id}/job/`)]),
  ).toEqual([
    ["build", 15_368, true],
    ["test", 15_368, true],
  ]);
  await github.settled();
  expect(ci.told).toEqual([
    "workflow_run.requested",
    "check_run.created",
    "check_run.completed",
    "check_suite.completed",
    "check_run.created",
    "check_run.completed",
    "check_suite.completed",
    "workflow_run.completed",
    "workflow_run.requested",
    "check_run.created",
  ]);
  // Another workflow's job of the same name is newer and still running: GitHub counts it.
  await expect(stage.octokit().rest.pulls.merge({ ...repo, pull_number: number })).rejects.toThrow(/"test" is in progress/);
});

test("statuses stand beside check runs: the newest of each context counts", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const ci = await otherApp(stage);
  const rest = ci.octokit.rest.repos;
  const combined = async () => (await rest.getCombinedStatusForRef({ ...repo, ref: "change" })).data;
  expect(await combined()).toMatchObject({ state: "pending", total_count: 0 });
  await rest.createCommitStatus({ ...repo, sha: head, state: "failure", context: "ci/lint" });
  await stage.github.as("bob").request(`POST /repos/acme/control/statuses/${head}`, { state: "success", context: "ci/spec" });
  expect(await combined()).toMatchObject({ state: "failure", total_count: 2 });
  await rest.createCommitStatus({ ...repo, sha: head, state: "success", context: "ci/lint", description: "mended" });
  expect(await combined()).toMatchObject({
    state: "success",
    sha: head,
    statuses: [{ context: "ci/lint", description: "mended" }, { context: "ci/spec" }],
  });
  const all = (await rest.listCommitStatusesForRef({ ...repo, ref: head })).data;
  expect(all.map(({ state, creator }) => [state, creator?.login])).toEqual([
    ["success", "ci[bot]"],
    ["success", "bob"],
    ["failure", "ci[bot]"],
  ]);
  await stage.github.settled();
  expect(ci.told).toEqual(["status", "status", "status"]);
  stage.github.ruleset("acme/control", { checks: [{ name: "ci/spec", appId: ci.app.id }] });
  await expect(stage.octokit().rest.pulls.merge({ ...repo, pull_number: number })).rejects.toThrow(/"ci\/spec" is expected/);
});

test("statuses are refused of commits that are not there, and to those who may only read", async () => {
  const stage = await setStage();
  const ci = await otherApp(stage);
  const unknown = ci.octokit.rest.repos.createCommitStatus({ ...repo, sha: "1".repeat(40), state: "success" });
  await expect(unknown).rejects.toMatchObject({ status: 422, message: expect.stringContaining("No commit found for SHA") });
  const { head } = await openChange(stage);
  await expect(stage.octokit().rest.repos.createCommitStatus({ ...repo, sha: head, state: "success" })).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining("Resource not accessible by integration"),
  });
});

test("a deployment waits for good reports, and a success ends the earlier ones of its environment", async () => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const ci = await otherApp(stage);
  const rest = ci.octokit.rest.repos;
  const request = { ...repo, ref: head, environment: "canary", payload: { lane: "canary" } };
  await rest.createCommitStatus({ ...repo, sha: head, state: "pending", context: "ci" });
  await expect(rest.createDeployment(request)).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining("Commit status checks failed"),
  });
  const deploy = async (): Promise<number> => {
    const { data } = await rest.createDeployment({ ...request, required_contexts: [] });
    if (!("id" in data)) throw new Error(data.message);
    return data.id;
  };
  const first = await deploy();
  const second = await deploy();
  for (const deployment_id of [first, second])
    await rest.createDeploymentStatus({ ...repo, deployment_id, state: "success", description: "done" });
  const states = async (deployment_id: number): Promise<string[]> =>
    (await rest.listDeploymentStatuses({ ...repo, deployment_id })).data.map(({ state }) => state);
  expect([await states(first), await states(second)]).toEqual([["inactive", "success"], ["success"]]);
  const { data } = await rest.listDeployments({ ...repo, environment: "canary" });
  expect(data.map(({ id, payload }) => [id, payload])).toEqual([
    [second, { lane: "canary" }],
    [first, { lane: "canary" }],
  ]);
  await stage.github.settled();
  expect(ci.told).toEqual([
    "status",
    "deployment.created",
    "deployment.created",
    ...Array.from({ length: 3 }, () => "deployment_status.created"),
  ]);
});

test("deployments are found by commit, task and environment, page by page, and refuse what GitHub refuses", async () => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const ci = await otherApp(stage);
  const rest = ci.octokit.rest.repos;
  const request = { ...repo, ref: head, required_contexts: [], auto_merge: false };
  const deploy = async (more: object): Promise<number> => {
    const { data } = await rest.createDeployment({ ...request, ...more });
    if (!("id" in data)) throw new Error(data.message);
    return data.id;
  };
  const ids = [await deploy({ environment: "a" }), await deploy({ environment: "b", task: "other" }), await deploy({ environment: "a" })];
  const found = async (more: object): Promise<number[]> => (await rest.listDeployments({ ...repo, ...more })).data.map(({ id }) => id);
  expect(await found({ environment: "a" })).toEqual([ids[2], ids[0]]);
  expect(await found({ task: "other" })).toEqual([ids[1]]);
  expect(await found({ sha: "1".repeat(40) })).toEqual([]);
  expect(await found({ sha: head, per_page: 2, page: 2 })).toEqual([ids[0]]);
  const status = { ...repo, deployment_id: ids[0] ?? 0, state: "success" } as const;
  await expect(rest.createDeploymentStatus({ ...status, description: "x".repeat(141) })).rejects.toMatchObject({ status: 422 });
  await expect(rest.createDeploymentStatus({ ...status, deployment_id: 1 })).rejects.toMatchObject({ status: 404 });
  await expect(rest.createDeployment({ ...request, ref: "1".repeat(40) })).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining("No ref found"),
  });
  const mayNot = stage.octokit().rest.repos.createDeployment(request);
  await expect(mayNot).rejects.toMatchObject({ status: 403, message: expect.stringContaining("Resource not accessible by integration") });
});

test("a success ends no earlier deployment of a production environment, nor where it is told not to", async () => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const rest = (await otherApp(stage)).octokit.rest.repos;
  const deploy = async (more: object): Promise<number> => {
    const { data } = await rest.createDeployment({ ...repo, ref: head, required_contexts: [], ...more });
    if (!("id" in data)) throw new Error(data.message);
    await rest.createDeploymentStatus({ ...repo, deployment_id: data.id, state: "success", auto_inactive: !("told" in more) });
    return data.id;
  };
  const states = async (deployment_id: number): Promise<string[]> =>
    (await rest.listDeploymentStatuses({ ...repo, deployment_id })).data.map(({ state }) => state);
  const production = await deploy({ environment: "production" });
  await deploy({ environment: "production" });
  const canary = await deploy({ environment: "canary" });
  await deploy({ environment: "canary", told: true });
  expect([await states(production), await states(canary)]).toEqual([["success"], ["success"]]);
});

test("a deployment of a commit that the default branch is ahead of needs to say that nothing is merged in", async () => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const rest = (await otherApp(stage)).octokit.rest.repos;
  await stage.github.as("carol").commit("acme/control", { branch: "main", files: { "later.pp": "" }, message: "Later" });
  const request = { ...repo, ref: head, required_contexts: [] };
  await expect(rest.createDeployment(request)).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining("Conflict merging main"),
  });
  expect((await rest.createDeployment({ ...request, auto_merge: false })).status).toBe(201);
});

test("the head branch of what was merged is removed where the repository says so", async () => {
  const stage = await setStage();
  for (const entry of stage.github.state.repos.values()) entry.deleteBranchOnMerge = true;
  const { number } = await openChange(stage);
  await stage.octokit().rest.pulls.merge({ ...repo, pull_number: number });
  await expect(stage.octokit().rest.repos.getBranch({ ...repo, branch: "change" })).rejects.toMatchObject({ status: 404 });
  await stage.github.settled();
  expect(stage.told().slice(-3)).toEqual(["pull_request.closed", "push", "push"]);
});
