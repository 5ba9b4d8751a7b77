import { expect, test } from "vitest";
import { openChange, repo, setStage, type Stage } from "./stage.ts";

/** Git's objects and refs by the REST API. */

async function main(stage: Stage): Promise<string> {
  return (await stage.octokit().rest.git.getRef({ ...repo, ref: "heads/main" })).data.object.sha;
}

test("a tree, a commit and a branch are made by the API, and a pull request of them", async () => {
  const stage = await setStage();
  const { git, pulls } = stage.octokit().rest;
  const base = await main(stage);
  const blob = await git.createBlob({ ...repo, content: Buffer.from([0, 255]).toString("base64"), encoding: "base64" });
  const tree = await git.createTree({
    ...repo,
    base_tree: base,
    tree: [
      { path: "data/binary", mode: "100644", type: "blob", sha: blob.data.sha },
      { path: "data/text.txt", mode: "100644", type: "blob", content: "text\n" },
      { path: "a.txt", mode: "100644", type: "blob", sha: null },
    ],
  });
  const listing = await git.getTree({ ...repo, tree_sha: tree.data.sha, recursive: "1" });
  expect(listing.data.tree.map(({ path, type, size }) => [path, type, size])).toEqual([
    ["data", "tree", undefined],
    ["data/binary", "blob", 2],
    ["data/text.txt", "blob", 5],
    ["site.pp", "blob", 16],
  ]);
  const whole = await git.createTree({
    ...repo,
    base_tree: base,
    tree: [{ path: "copy", mode: "040000", type: "tree", sha: listing.data.tree[0]?.sha ?? "" }],
  });
  const copied = await git.getTree({ ...repo, tree_sha: whole.data.sha, recursive: "1" });
  expect(copied.data.tree.map(({ path }) => path)).toEqual(["a.txt", "copy", "copy/binary", "copy/text.txt", "site.pp"]);
  const commit = await git.createCommit({ ...repo, message: "By the API", tree: tree.data.sha, parents: [base] });
  // A bot that does not say by whom has its commits signed by GitHub.
  expect(commit.data).toMatchObject({
    author: { name: "puppet-gate[bot]" },
    committer: { name: "GitHub" },
    verification: { verified: true },
  });
  await git.createRef({ ...repo, ref: "refs/heads/by-api", sha: commit.data.sha });
  const { data } = await pulls.create({ ...repo, head: "by-api", base: "main", title: "By the API" });
  expect(data).toMatchObject({ head: { sha: commit.data.sha }, changed_files: 3, user: { login: "puppet-gate[bot]" } });
  const read = await git.getBlob({ ...repo, file_sha: blob.data.sha });
  expect([...Buffer.from(read.data.content, "base64")]).toEqual([0, 255]);
});

test("a commit whose author is said is not signed", async () => {
  const stage = await setStage();
  const { git } = stage.octokit().rest;
  const base = await git.getCommit({ ...repo, commit_sha: await main(stage) });
  const author = { name: "Alice", email: "alice@acme.example", date: "2026-03-02T09:00:00Z" };
  const { data } = await git.createCommit({ ...repo, message: "As alice", tree: base.data.tree.sha, parents: [base.data.sha], author });
  expect(data).toMatchObject({ author, committer: author, verification: { verified: false, reason: "unsigned" } });
});

test("refs are moved, found by how they begin, and removed; pull requests follow", async () => {
  const stage = await setStage();
  const { git, pulls } = stage.octokit().rest;
  const { number, head } = await openChange(stage);
  const base = await main(stage);
  await git.updateRef({ ...repo, ref: "heads/change", sha: base, force: true });
  await git.updateRef({ ...repo, ref: "heads/change", sha: head });
  const matching = await git.listMatchingRefs({ ...repo, ref: "heads/cha" });
  expect(matching.data.map(({ ref, object }) => [ref, object.sha])).toEqual([["refs/heads/change", head]]);
  await git.deleteRef({ ...repo, ref: "heads/change" });
  expect((await pulls.get({ ...repo, pull_number: number })).data).toMatchObject({ state: "closed", merged: false });
  await stage.github.settled();
  expect(stage.told().slice(-6)).toEqual([
    "push",
    "pull_request.synchronize",
    "push",
    "pull_request.synchronize",
    "push",
    "pull_request.closed",
  ]);
});

interface Refused {
  name: string;
  granted?: Record<string, "read" | "write">;
  act: (stage: Stage, at: { main: string; head: string }) => Promise<unknown>;
  status: number;
  words: RegExp;
}

const cases: Refused[] = [
  {
    name: "commits left behind without force",
    act: async (stage, { main: sha }) => stage.octokit().rest.git.updateRef({ ...repo, ref: "heads/change", sha }),
    status: 422,
    words: /^Update is not a fast forward/,
  },
  {
    name: "a branch that exists",
    act: async (stage, { head: sha }) => stage.octokit().rest.git.createRef({ ...repo, ref: "refs/heads/change", sha }),
    status: 422,
    words: /^Reference already exists/,
  },
  {
    name: "a branch that does not exist, moved",
    act: async (stage, { head: sha }) => stage.octokit().rest.git.updateRef({ ...repo, ref: "heads/none", sha }),
    status: 422,
    words: /^Reference does not exist/,
  },
  {
    name: "a branch that does not exist, removed",
    act: async (stage) => stage.octokit().rest.git.deleteRef({ ...repo, ref: "heads/none" }),
    status: 422,
    words: /^Reference does not exist/,
  },
  {
    name: "a commit that does not exist",
    act: async (stage) => stage.octokit().rest.git.createRef({ ...repo, ref: "refs/heads/new", sha: "1".repeat(40) }),
    status: 422,
    words: /^Object does not exist/,
  },
  {
    name: "a short name",
    act: async (stage, { head: sha }) => stage.octokit().rest.git.createRef({ ...repo, ref: "new", sha }),
    status: 422,
    words: /^Reference name must start with 'refs\/'/,
  },
  {
    name: "a tree of nothing known",
    act: async (stage) =>
      stage.octokit().rest.git.createTree({ ...repo, tree: [{ path: "a", mode: "100644", type: "blob", sha: "1".repeat(40) }] }),
    status: 422,
    words: /is not a valid blob/,
  },
  {
    name: "a move by an App that may only read",
    granted: { contents: "read" },
    act: async (stage, { main: sha }) => stage.octokit().rest.git.updateRef({ ...repo, ref: "heads/change", sha, force: true }),
    status: 403,
    words: /^Resource not accessible by integration/,
  },
  {
    name: "an empty repository",
    act: async (stage, { main: sha }) => {
      await stage.github.repository("acme/empty");
      return stage.octokit().rest.git.createRef({ owner: "acme", repo: "empty", ref: "refs/heads/new", sha });
    },
    status: 409,
    words: /^Git Repository is empty\./,
  },
];

test.each(cases)("git data refused: $name", async ({ granted, act, status, words }) => {
  const stage = await setStage();
  const { head } = await openChange(stage);
  const base = await main(stage);
  if (granted !== undefined) Object.assign(stage.installation, { permissions: granted });
  await expect(act(stage, { main: base, head })).rejects.toMatchObject({ status, message: expect.stringMatching(words) });
});
