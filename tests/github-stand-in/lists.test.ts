import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { openChange, repo, setStage } from "./stage.ts";

/** Pages, their limits, and what GitHub leaves out of long lists without saying so. */

test("lists come in pages of 30, at most 100, and Octokit finds them all", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  const bob = stage.github.as("bob");
  for (let n = 1; n <= 105; n += 1) await bob.comment("acme/control", number, `comment ${n}`);
  const octokit = stage.octokit();
  const about = { ...repo, issue_number: number };

  const first = await octokit.rest.issues.listComments(about);
  expect(first.data).toHaveLength(30);
  expect(first.headers.link).toContain('page=2>; rel="next"');
  expect(first.headers.link).toContain('page=4>; rel="last"');
  const most = await octokit.rest.issues.listComments({ ...about, per_page: 1000 });
  expect(most.data).toHaveLength(100);
  const all = await octokit.paginate(octokit.rest.issues.listComments, { ...about, per_page: 10 });
  expect(all.map(({ body }) => body)).toEqual(Array.from({ length: 105 }, (_none, n) => `comment ${n + 1}`));
  const beyond = await octokit.rest.issues.listComments({ ...about, page: 9 });
  expect(beyond.data).toEqual([]);
});

test("a pull request lists 250 of its commits and 3,000 of its files, and counts them all", async () => {
  const stage = await setStage();
  const [entry] = [...stage.github.state.repos.values()];
  const folder = entry?.folder ?? "";
  const commit = (n: number, files: number): string =>
    [
      "commit refs/heads/huge",
      `committer bob <bob@acme.example> ${1_770_000_000 + n} +0000`,
      `data ${String(n).length}\n${n}`,
      ...(n === 0 ? ["from refs/heads/main^0"] : []),
      ...Array.from({ length: files }, (_none, file) => `M 100644 inline data/${n}/${file}.yaml\ndata 2\na\n`),
    ].join("\n");
  const input = Array.from({ length: 260 }, (_none, n) => commit(n, n === 0 ? 3005 : 1)).join("\n");
  execFileSync("git", ["-C", folder, "fast-import", "--quiet"], { input: `${input}\n` });
  await stage.github.pushed("acme/control", "bob");
  const { number } = await stage.github.as("bob").openPull("acme/control", { head: "huge", title: "Huge" });

  const octokit = stage.octokit();
  const about = { ...repo, pull_number: number, per_page: 100 };
  const pull = await octokit.rest.pulls.get(about);
  expect(pull.data).toMatchObject({ commits: 260, changed_files: 3264 });
  const commits = await octokit.paginate(octokit.rest.pulls.listCommits, about);
  expect(commits).toHaveLength(250);
  expect(commits[0]).toMatchObject({ commit: { message: "0", author: { email: "bob@acme.example" } }, author: { login: "bob" } });
  expect(await octokit.paginate(octokit.rest.pulls.listFiles, about)).toHaveLength(3000);
});

test("files tell of renames, removals, modes and binary content", async () => {
  const stage = await setStage();
  const bob = stage.github.as("bob");
  const files = {
    "old.pp": "class old {\n  $a = 1\n  $b = 2\n  $c = 3\n}\n",
    "gone.pp": "gone\n",
    "run.sh": "#!/bin/sh\n",
    "pixel.bin": Buffer.from([0, 1, 2]),
  };
  await bob.commit("acme/control", { branch: "main", files, message: "Before" });
  const after = {
    "old.pp": null,
    "new.pp": "class old {\n  $a = 1\n  $b = 2\n  $c = 4\n}\n",
    "gone.pp": null,
    "run.sh": { content: "#!/bin/sh\n", mode: "100755" as const },
    "pixel.bin": Buffer.from([0, 3]),
    "link.pp": { content: "site.pp", mode: "120000" as const },
  };
  const head = await bob.commit("acme/control", { branch: "shapes", from: "main", files: after, message: "After" });
  const { number } = await bob.openPull("acme/control", { head: "shapes", title: "Shapes" });
  const octokit = stage.octokit();
  const { data } = await octokit.rest.pulls.listFiles({ ...repo, pull_number: number });
  expect(data.map(({ filename, status, previous_filename, patch }) => ({ filename, status, previous_filename, patch }))).toEqual([
    { filename: "gone.pp", status: "removed", previous_filename: undefined, patch: "@@ -1 +0,0 @@\n-gone" },
    { filename: "link.pp", status: "added", previous_filename: undefined, patch: "@@ -0,0 +1 @@\n+site.pp\n\\ No newline at end of file" },
    {
      filename: "new.pp",
      status: "renamed",
      previous_filename: "old.pp",
      patch: "@@ -1,5 +1,5 @@\n class old {\n   $a = 1\n   $b = 2\n-  $c = 3\n+  $c = 4\n }",
    },
    { filename: "pixel.bin", status: "modified", previous_filename: undefined, patch: undefined },
    { filename: "run.sh", status: "changed", previous_filename: undefined, patch: undefined },
  ]);
  const link = await octokit.rest.repos.getContent({ ...repo, path: "link.pp", ref: head });
  expect(link.data).toMatchObject({ type: "symlink", target: "site.pp" });
  const file = await octokit.rest.repos.getContent({ ...repo, path: "new.pp", ref: "shapes" });
  expect(Buffer.from("content" in file.data ? file.data.content : "", "base64").toString()).toBe(after["new.pp"]);
});

test("an unchanged answer is a 304 that costs no request", async () => {
  const stage = await setStage();
  const { token } = stage.github.as("alice");
  const get = async (headers: Record<string, string>): Promise<Response> =>
    stage.github.fetch("https://api.github.com/repos/acme/control/labels", { headers: { authorization: `token ${token}`, ...headers } });
  const first = await get({});
  const etag = first.headers.get("etag") ?? "";
  const second = await get({ "if-none-match": etag });
  expect(second.status).toBe(304);
  expect(second.headers.get("x-ratelimit-used")).toBe(first.headers.get("x-ratelimit-used"));
  await stage.github.as("alice").request("POST /repos/acme/control/labels", { name: "new" });
  expect((await get({ "if-none-match": etag })).status).toBe(200);
});

test("requests beyond the hour's limit are refused until it is over", async () => {
  let present = new Date("2026-03-02T09:00:00Z");
  const stage = await setStage({ now: () => present, rateLimit: 2 });
  const get = async (): Promise<Response> =>
    stage.github.fetch("https://api.github.com/user", { headers: { authorization: `token ${stage.github.as("bob").token}` } });
  expect([(await get()).status, (await get()).status]).toEqual([200, 200]);
  const refused = await get();
  expect([refused.status, refused.headers.get("x-ratelimit-remaining")]).toEqual([403, "0"]);
  present = new Date("2026-03-02T10:00:00Z");
  expect((await get()).status).toBe(200);
});

test("commits are listed by branch, path, and author's login or address", async () => {
  const stage = await setStage();
  const bob = stage.github.as("bob");
  await bob.commit("acme/control", { branch: "main", files: { "b.pp": "b\n" }, message: "By bob" });
  await bob.commit("acme/control", {
    branch: "main",
    files: { "c.pp": "c\n" },
    message: "By a guest",
    author: "Guest <guest@elsewhere.example>",
  });
  const list = async (query: object): Promise<unknown> =>
    (await stage.octokit().rest.repos.listCommits({ ...repo, ...query })).data.map(({ commit, author }) => [commit.message, author?.login]);
  expect(await list({})).toEqual([
    ["By a guest", undefined],
    ["By bob", "bob"],
    ["Begin", "alice"],
  ]);
  expect(await list({ author: "BOB" })).toEqual([["By bob", "bob"]]);
  expect(await list({ author: "guest@elsewhere.example" })).toEqual([["By a guest", undefined]]);
  expect(await list({ path: "site.pp" })).toEqual([["Begin", "alice"]]);
  expect(await list({ author: "nobody@elsewhere.example" })).toEqual([]);
  await stage.github.repository("acme/empty");
  await expect(stage.octokit().rest.repos.listCommits({ owner: "acme", repo: "empty" })).rejects.toMatchObject({ status: 409 });
});
