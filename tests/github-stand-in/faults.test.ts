import { expect, test } from "vitest";
import { createOctokit, openChange, repo, setStage, type Stage } from "./stage.ts";

/** Faults of the API, each on demand and once. */

const mergeRoute = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";

async function isMerged(stage: Stage, number: number): Promise<boolean> {
  return (await stage.octokit().rest.pulls.get({ ...repo, pull_number: number })).data.merged;
}

test.each([
  { kind: "error-before", effect: false },
  { kind: "error-after", effect: true },
] as const)("$kind: a merge that answers 502 has landed: $effect", async ({ kind, effect }) => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  stage.github.faults.next({ kind, route: mergeRoute });
  await expect(stage.octokit().rest.pulls.merge({ ...repo, pull_number: number, sha: head })).rejects.toMatchObject({ status: 502 });
  expect(await isMerged(stage, number)).toBe(effect);
  expect(stage.github.faults.armed()).toEqual([]);
});

test.each([
  { kind: "dropped-before", effect: false, http: false },
  { kind: "dropped-after", effect: true, http: false },
  { kind: "dropped-after", effect: true, http: true },
] as const)("$kind: a merge without an answer has landed: $effect (over HTTP: $http)", async ({ kind, effect, http }) => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const { app, installation, github } = stage;
  const auth = { appId: app.id, privateKey: app.privateKey, installationId: installation.id };
  const octokit = http ? createOctokit({ auth, baseUrl: `${(await github.listen()).origin}/api/v3` }) : stage.octokit();
  github.faults.next({ kind, route: mergeRoute });
  const failed = octokit.rest.pulls.merge({ ...repo, pull_number: number, sha: head });
  await expect(failed).rejects.toMatchObject({ name: "HttpError", status: 500, response: undefined });
  expect(await isMerged(stage, number)).toBe(effect);
});

test("a stale read answers what was read last, once", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const octokit = stage.octokit();
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews";
  const states = async (): Promise<string[]> =>
    (await octokit.rest.pulls.listReviews({ ...repo, pull_number: number })).data.map(({ state }) => state);
  stage.github.faults.next({ kind: "stale", route });
  expect(await states()).toEqual([]);
  expect(stage.github.faults.armed()).toHaveLength(1);
  await stage.github.as("bob").review("acme/control", number, { event: "APPROVE" });
  expect(await states()).toEqual([]);
  expect(await states()).toEqual(["APPROVED"]);
});

test("base moves between a request and its effect: the API merges all the same, onto another tree", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const run = async (): Promise<string> =>
    stage.github.as("bob").commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "In between" });
  stage.github.faults.next({ kind: "meanwhile", route: mergeRoute, run });
  const { data } = await stage.octokit().rest.pulls.merge({ ...repo, pull_number: number, sha: head });
  const landed = await stage.octokit().rest.repos.getContent({ ...repo, path: "b.pp", ref: data.sha });
  expect(landed.status).toBe(200);
});

test("head moves between a request and its effect: 409", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const run = async (): Promise<string> =>
    stage.github.as("alice").commit("acme/control", { branch: "change", files: { "b.pp": "b\n" }, message: "In between" });
  stage.github.faults.next({ kind: "meanwhile", route: mergeRoute, run });
  await expect(stage.octokit().rest.pulls.merge({ ...repo, pull_number: number, sha: head })).rejects.toMatchObject({ status: 409 });
  expect(await isMerged(stage, number)).toBe(false);
});

test("a fault that can't happen is refused", async () => {
  const { github } = await setStage();
  expect(() => github.faults.next({ kind: "error-before", route: "PUT /merge" })).toThrow(/No route is called "PUT \/merge"/);
  expect(() => github.faults.next({ kind: "lost", event: "pull_requests" })).toThrow(/No event is called "pull_requests"/);
});
