import { join } from "node:path";
import { expect, test } from "vitest";
import { git, installationToken, listen } from "./client.ts";
import { openChange, repo, setStage, type Stage } from "./stage.ts";

/** Git itself as the client, over HTTP with a token, as the gate's mirror uses it. */

test("an installation clones, fetches a pull request's head, and pushes with a lease", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const { api, as } = await listen(stage);
  const remote = as(await installationToken(stage, api));
  expect(await git(stage.folder, "clone", "-q", remote, "clone")).toMatchObject({ code: 0 });
  const clone = join(stage.folder, "clone");
  await git(clone, "fetch", "-q", "origin", `refs/pull/${number}/head`);
  expect((await git(clone, "rev-parse", "FETCH_HEAD")).text.trim()).toBe(head);

  const base = (await git(clone, "rev-parse", "HEAD")).text.trim();
  await git(clone, "merge", "-q", "--no-ff", "-m", "Land exactly", "FETCH_HEAD");
  const landing = (await git(clone, "rev-parse", "HEAD")).text.trim();
  const lease = `--force-with-lease=refs/heads/main:${base}`;
  expect(await git(clone, "push", "-q", lease, "origin", "HEAD:refs/heads/main")).toMatchObject({ code: 0 });

  const pull = await stage.octokit().rest.pulls.get({ ...repo, pull_number: number });
  expect(pull.data).toMatchObject({
    merged: true,
    merge_commit_sha: landing,
    merged_by: { login: "puppet-gate[bot]" },
    base: { sha: base },
  });
  await stage.github.settled();
  expect(stage.told().slice(-2)).toEqual(["push", "pull_request.closed"]);

  const late = await git(clone, "push", "-q", lease, "origin", `${head}:refs/heads/main`);
  expect(late).toMatchObject({ code: 1, text: expect.stringContaining("stale info") });
});

test("a push over HTTP moves the pull request along", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const { as } = await listen(stage);
  const clone = join(stage.folder, "clone");
  await git(stage.folder, "clone", "-q", "--branch", "change", as(stage.github.as("alice").token), "clone");
  await git(clone, "commit", "-q", "--allow-empty", "-m", "More");
  await git(clone, "push", "-q", "origin", "change");
  const after = (await git(clone, "rev-parse", "HEAD")).text.trim();
  const pull = await stage.octokit().rest.pulls.get({ ...repo, pull_number: number });
  expect(pull.data).toMatchObject({ head: { sha: after }, commits: 2 });
  expect((await git(clone, "ls-remote", "origin", `refs/pull/${number}/head`)).text).toContain(after);
  await stage.github.settled();
  const event = JSON.parse(stage.received.at(-1)?.body ?? "{}") as object;
  expect(event).toMatchObject({ action: "synchronize", before: head, after, sender: { login: "alice" } });
});

const refused: [string, (stage: Stage, api: string) => Promise<string>, string[], RegExp][] = [
  ["a stranger's token does not see a private repository", async ({ github }) => github.as("mallory").token, ["ls-remote"], /not found/],
  ["a token that nobody gave out is refused", async () => "ghs_invented", ["ls-remote"], /Authentication failed/],
  [
    "a token with contents:read can't push",
    async (stage, api) => installationToken(stage, api, { permissions: { contents: "read" } }),
    ["push"],
    /403/,
  ],
  [
    "a token without contents can't read",
    async (stage, api) => installationToken(stage, api, { permissions: { checks: "write" } }),
    ["ls-remote"],
    /not found/,
  ],
  [
    "nobody pushes over a pull request's ref",
    async ({ github }) => github.as("alice").token,
    ["push", "refs/pull/1/head"],
    /deny updating a hidden ref/,
  ],
];

test.each(refused)("%s", async (_name, token, [command = "", ref = "refs/heads/new"], words) => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const { api, as } = await listen(stage);
  const bare = join(stage.folder, "repositories", "acme+control.git");
  const remote = as(await token(stage, api));
  const outcome = await git(bare, command, remote, ...(command === "push" ? [`${head}:${ref}`] : []));
  expect(outcome.code).not.toBe(0);
  expect(outcome.text).toMatch(words);
});

test.each([
  { kind: "dropped-before", landed: false },
  { kind: "dropped-after", landed: true },
  { kind: "error-before", landed: false },
  { kind: "error-after", landed: true },
] as const)("$kind: a push whose end the client never hears of has landed: $landed", async ({ kind, landed }) => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const { api, as } = await listen(stage);
  const bare = join(stage.folder, "repositories", "acme+control.git");
  stage.github.faults.next({ kind, route: "git-receive-pack" });
  const pushed = await git(bare, "push", as(await installationToken(stage, api)), `${head}:refs/heads/main`);
  expect(pushed.code).not.toBe(0);
  expect((await stage.octokit().rest.pulls.get({ ...repo, pull_number: number })).data.merged).toBe(landed);
});

test("base moves between a push's arrival and its effect: the lease refuses", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const { api, as } = await listen(stage);
  const bare = join(stage.folder, "repositories", "acme+control.git");
  const base = (await git(bare, "rev-parse", "main")).text.trim();
  let moved = "";
  const run = async (): Promise<void> => {
    moved = await stage.github.as("bob").commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "In between" });
  };
  stage.github.faults.next({ kind: "meanwhile", route: "git-receive-pack", run });
  const lease = `--force-with-lease=refs/heads/main:${base}`;
  const pushed = await git(bare, "push", lease, as(await installationToken(stage, api)), `${head}:refs/heads/main`);
  expect(pushed).toMatchObject({ code: 1, text: expect.stringContaining("[remote rejected]") });
  expect((await git(bare, "rev-parse", "main")).text.trim()).toBe(moved);
  expect((await stage.octokit().rest.pulls.get({ ...repo, pull_number: number })).data.merged).toBe(false);
});
