import { appendFileSync, chmodSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Repo, World } from "./world.ts";

let world: World;
let repo: Repo;
beforeEach(() => {
  world = new World();
  repo = world.repo();
  vi.stubEnv("HOME", world.folder);
  vi.stubEnv("XDG_CONFIG_HOME", undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.end();
});

/** The uncommitted work as git lists it: status and path of what differs from HEAD. */
const uncommitted = async (folder: string = repo.folder): Promise<string[]> => {
  const repository = await world.open(folder);
  const head = await repository.resolve("HEAD");
  const work = await repository.resolve("worktree");
  expect(work).toMatchObject({ ref: "worktree", sha: null });
  const changes = await repository.changes(await repository.treeOf(head), await repository.treeOf(work));
  expect(work.oid === head.oid).toBe(changes.length === 0);
  return changes.map(({ status, path }) => `${status} ${path}`);
};

describe("uncommitted work", () => {
  it("is HEAD where nothing differs", async () => {
    repo.commit({ a: "1", "b/c": "2" });
    expect(await uncommitted()).toEqual([]);
  });

  it("is everything that git add --all would take", async () => {
    repo.commit({ staged: "1", changed: "1", removed: "1", "untouched/a": "1", ".gitignore": "*.log\n", tolink: "x", torun: "x" });
    repo.write({ staged: "2" });
    repo.git("add", "staged");
    repo.write({ changed: "2", removed: null, "new/file": "quite another", "debug.log": "1", tolink: null });
    symlinkSync("/etc/passwd", join(repo.folder, "tolink"));
    chmodSync(join(repo.folder, "torun"), 0o755);
    repo.git("add", "--intent-to-add", "new/file");
    expect(await uncommitted()).toEqual([
      "modified changed",
      "added new/file",
      "removed removed",
      "modified staged",
      "modified tolink",
      "modified torun",
    ]);
    expect(repo.git("status", "--porcelain", "staged")).toBe("M  staged");
  });

  it("has an id that depends on the work alone", async () => {
    repo.commit({ a: "1" });
    repo.write({ a: "2" });
    const ids = [];
    for (let turn = 0; turn < 2; turn += 1) ids.push((await (await world.open(repo)).resolve("worktree")).oid);
    expect(ids[0]).toBe(ids[1]);
  });

  it("can be merged like a commit", async () => {
    repo.commit({ a: "1\n2\n3\n4\n5\n" });
    repo.branch("work");
    repo.git("switch", "--quiet", "main");
    repo.commit({ a: "base\n2\n3\n4\n5\n" });
    repo.git("switch", "--quiet", "work");
    repo.write({ a: "1\n2\n3\n4\nwork\n" });
    const repository = await world.open(repo);
    const result = await repository.merge(await repository.resolve("main"), await repository.resolve("worktree"));
    expect(result.ok && String(await repository.read(result.tree, "a"))).toBe("base\n2\n3\n4\nwork\n");
  });

  it("is seen in a subfolder's, a linked work tree's and a submodule's way", async () => {
    repo.commit({ "dir/a": "a", b: "1" });
    repo.write({ b: "2" });
    expect(await uncommitted(join(repo.folder, "dir"))).toEqual(["modified b"]);
    symlinkSync(join(repo.folder, "dir"), world.path("link"));
    expect(await uncommitted(world.path("link"))).toEqual(["modified b"]);
    repo.git("worktree", "add", "--quiet", "../linked");
    expect(await uncommitted(world.path("linked"))).toEqual([]);
    writeFileSync(join(world.path("linked"), "b"), "3");
    expect(await uncommitted(world.path("linked"))).toEqual(["modified b"]);
    const inner = world.repo("clone/module");
    inner.commit({ inside: "1" });
    expect(await uncommitted()).toEqual(["modified b", "added module"]);
  });

  it("is seen when the file is as young as the index, and of the same size", async () => {
    repo.commit({ a: "1" });
    const index = join(repo.folder, ".git/index");
    const now = Date.now() / 1000;
    utimesSync(join(repo.folder, "a"), now, now);
    repo.git("update-index", "--refresh");
    writeFileSync(join(repo.folder, "a"), "2");
    utimesSync(join(repo.folder, "a"), now, now);
    utimesSync(index, now, now);
    expect(await uncommitted()).toEqual(["modified a"]);
  });

  it("is not what this person's git ignores everywhere, nor what their file system can't keep", async () => {
    writeFileSync(world.path(".gitconfig"), `[core]\n\texcludesFile = ~/ignored\n`);
    writeFileSync(world.path("ignored"), "*.swp\n");
    repo.commit({ a: "1" });
    appendFileSync(join(repo.folder, ".git/info/exclude"), "notes\n");
    repo.git("config", "core.fileMode", "false");
    repo.git("config", "core.autocrlf", "input");
    chmodSync(join(repo.folder, "a"), 0o755);
    repo.write({ "a.swp": "1", notes: "1", "crlf.pp": "1\r\n" });
    expect(await uncommitted()).toEqual(["added crlf.pp"]);
    const repository = await world.open(repo);
    expect(await repository.read(await repository.treeOf(await repository.resolve("worktree")), "crlf.pp")).toEqual(Buffer.from("1\n"));
  });

  it("is not what a sparse checkout left out", async () => {
    repo.commit({ "in/a": "1", "out/b": "1", top: "1" });
    for (const options of [
      ["--cone", "--no-sparse-index"],
      ["--cone", "--sparse-index"],
    ]) {
      repo.git("sparse-checkout", "init", ...options);
      repo.git("sparse-checkout", "set", "in");
      expect(await uncommitted()).toEqual([]);
      repo.write({ "in/a": "2" });
      expect(await uncommitted()).toEqual(["modified in/a"]);
      repo.write({ "in/a": "1" });
    }
  });

  it("is the same with a split index, or without an index", async () => {
    repo.commit({ a: "1", b: "1" });
    repo.git("update-index", "--split-index");
    repo.git("config", "core.splitIndex", "true");
    repo.write({ b: "2" });
    repo.git("add", "b");
    expect(await uncommitted()).toEqual(["modified b"]);
    repo.git("update-index", "--no-split-index");
    repo.git("config", "core.splitIndex", "false");
    repo.write({ [".git/index"]: null });
    expect(await uncommitted()).toEqual(["modified b"]);
  });

  it("is a Problem in the middle of a merge, and in a bare repository", async () => {
    repo.commit({ a: "1" });
    repo.branch("other").commit({ a: "2" });
    repo.git("switch", "--quiet", "main");
    repo.commit({ a: "3" });
    expect(() => repo.git("merge", "other")).toThrow("merge other");
    await expect((await world.open(repo)).resolve("worktree")).rejects.toMatchObject({
      code: "unmerged-worktree",
      text: expect.stringMatching(/without a decision yet: a\./u),
    });
    const bare = world.clone(repo, "bare", "--bare");
    await expect((await world.open(bare)).resolve("worktree")).rejects.toMatchObject({ code: "no-work-tree" });
    expect(readFileSync(join(repo.folder, "a"), "utf8")).toContain("<<<<<<<");
  });
});
