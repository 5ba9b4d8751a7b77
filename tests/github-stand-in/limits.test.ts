import { expect, test } from "vitest";
import { openChange, repo, setStage } from "./stage.ts";

/** Where lists end, what a limit says, and what costs nothing. */

const secondary = { kind: "secondary-limit", route: "POST /repos/{owner}/{repo}/check-runs" } as const;

test.each([
  { name: "403 with a minute to wait", fault: secondary, status: 403, headers: { "retry-after": "60" } },
  { name: "429 with its own", fault: { ...secondary, status: 429, retryAfter: 7 } as const, status: 429, headers: { "retry-after": "7" } },
])("a secondary limit: $name, and nothing done", async ({ fault, status, headers }) => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  stage.github.faults.next(fault);
  const octokit = stage.octokit();
  const create = octokit.rest.checks.create({ ...repo, name: "puppet-gate", head_sha: head });
  await expect(create).rejects.toMatchObject({
    status,
    response: { headers, data: { message: expect.stringContaining("exceeded a secondary rate limit") } },
  });
  expect((await octokit.rest.checks.listForRef({ ...repo, ref: head })).data.total_count).toBe(0);
});

test("a secondary limit may come without a time to wait", async () => {
  const stage = await setStage();
  stage.github.faults.next({ kind: "secondary-limit", route: "GET /repos/{owner}/{repo}", retryAfter: null });
  const error = await stage
    .octokit()
    .rest.repos.get(repo)
    .then(
      () => null,
      (refused: { response: { headers: object } }) => refused,
    );
  expect(error?.response.headers).not.toHaveProperty("retry-after");
});

test("the primary limit names the installation and when it ends", async () => {
  const stage = await setStage({ now: () => new Date("2026-03-02T09:00:00Z") });
  stage.github.faults.next({ kind: "primary-limit", route: "GET /repos/{owner}/{repo}", resetAfter: 90 });
  const reset = String(Date.parse("2026-03-02T09:01:30Z") / 1000);
  await expect(stage.octokit().rest.repos.get(repo)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining(`API rate limit exceeded for installation ID ${stage.installation.id}.`),
    response: { headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset } },
  });
});

test("the last page of a list fails, and the pages before it do not", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  for (const words of ["a", "b", "c"]) await stage.github.as("bob").comment("acme/control", number, words);
  const octokit = stage.octokit();
  const ask = { ...repo, issue_number: number, per_page: 2 };
  stage.github.faults.next({ kind: "last-page-fails", route: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments" });
  expect((await octokit.rest.issues.listComments(ask)).data).toHaveLength(2);
  await expect(octokit.rest.issues.listComments({ ...ask, page: 2 })).rejects.toMatchObject({ status: 502 });
  expect(await octokit.paginate(octokit.rest.issues.listComments, ask)).toHaveLength(3);
});

test("lists end where GitHub ends them, and counts do not", async () => {
  const stage = await setStage({ limits: { pullCommits: 2, pullFiles: 1, comparedCommits: 2, comparedFiles: 1 } });
  const alice = stage.github.as("alice");
  for (const file of ["b", "c", "d"]) await alice.commit("acme/control", { branch: "long", files: { [file]: file }, message: file });
  const { number } = await alice.openPull("acme/control", { head: "long", title: "Long" });
  const octokit = stage.octokit();
  const ask = { ...repo, pull_number: number, per_page: 100 };
  expect((await octokit.rest.pulls.get(ask)).data).toMatchObject({ commits: 3, changed_files: 3 });
  expect(await octokit.paginate(octokit.rest.pulls.listCommits, ask)).toHaveLength(2);
  expect(await octokit.paginate(octokit.rest.pulls.listFiles, ask)).toHaveLength(1);
  const basehead = "main...long";
  const { data: whole } = await octokit.rest.repos.compareCommitsWithBasehead({ ...repo, basehead });
  expect(whole).toMatchObject({
    total_commits: 3,
    commits: [{ commit: { message: "b" } }, { commit: { message: "c" } }],
    files: [{ filename: "b" }],
  });
  const { data: second } = await octokit.rest.repos.compareCommitsWithBasehead({ ...repo, basehead, per_page: 2, page: 2 });
  expect(second).toMatchObject({ commits: [{ commit: { message: "d" } }], files: [] });
});

const conditional = [
  { name: "pull requests", route: "GET /repos/{owner}/{repo}/pulls" },
  { name: "a ref", route: "GET /repos/{owner}/{repo}/git/ref/{ref}", ref: "heads/change" },
  { name: "reviews", route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews" },
];

test.each(conditional)("what has not changed costs nothing: $name", async ({ route, ref }) => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const octokit = stage.octokit();
  const ask = { ...repo, pull_number: number, ref: ref ?? "" };
  const first = await octokit.request(route, ask);
  const used = (headers: Record<string, unknown>): number => Number(headers["x-ratelimit-used"]);
  const again = octokit.request(route, { ...ask, headers: { "if-none-match": first.headers.etag ?? "" } });
  const unchanged = await again.then(
    () => null,
    (refused: { status: number; response: { headers: Record<string, unknown> } }) => refused,
  );
  expect(unchanged?.status).toBe(304);
  expect(used(unchanged?.response.headers ?? {})).toBe(used(first.headers));
  await stage.github.as("bob").review("acme/control", number, { event: "APPROVE" });
  await stage.github.as("bob").commit("acme/control", { branch: "change", files: { b: "b" }, message: "On" });
  const changed = await octokit.request(route, { ...ask, headers: { "if-none-match": first.headers.etag ?? "" } });
  expect(changed.status).toBe(200);
  expect(used(changed.headers)).toBe(used(first.headers) + 1);
});
