import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { MergeResult } from "../../src/engine/ports/repository.ts";
import { type Repo, World } from "./world.ts";

let world: World;
let repo: Repo;
beforeEach(() => {
  world = new World();
  repo = world.repo();
});
afterEach(() => world.end());

const TEN = Array.from({ length: 10 }, (_, index) => `line ${index}\n`).join("");

/** Two sides of one start: what the base became and what the head became. */
const diverge = (start: Record<string, string>, base: Record<string, string | null>, head: Record<string, string | null>): void => {
  repo.commit(start);
  repo.branch("head").commit(head);
  repo.git("switch", "--quiet", "main");
  repo.commit(base);
};

const merge = async (from: Repo = repo, base = "main", head = "head"): Promise<MergeResult> => {
  const repository = await world.open(from);
  return repository.merge(await repository.resolve(base), await repository.resolve(head));
};

describe("the merge result", () => {
  it("is the tree that git merge makes", async () => {
    diverge(
      { a: TEN, b: "1\n", old: TEN },
      { a: TEN.replace("line 0", "base"), old: null, renamed: TEN },
      { a: TEN.replace("line 9", "head"), b: "2\n", old: `${TEN}more\n` },
    );
    const result = await merge();
    repo.git("merge", "--quiet", "--no-edit", "head");
    expect(result).toEqual({ ok: true, tree: repo.git("rev-parse", "HEAD^{tree}") });
    expect(repo.git("show", "HEAD:renamed")).toContain("more");
  });

  it("is base's own tree where head is merged already, and head's where base did not move", async () => {
    repo.commit({ a: "1" });
    repo.branch("head").commit({ a: "2" });
    expect(await merge()).toEqual({ ok: true, tree: repo.git("rev-parse", "head^{tree}") });
    expect(await merge(repo, "head", "main")).toEqual({ ok: true, tree: repo.git("rev-parse", "head^{tree}") });
  });

  it.each([
    ["both changed a line", { a: TEN }, { a: TEN.replace("line 5", "base") }, { a: TEN.replace("line 5", "head") }, ["a"]],
    ["one changed what the other removed", { a: TEN, "dir/b": TEN }, { "dir/b": null }, { "dir/b": `${TEN}more\n` }, ["dir/b"]],
    ["both added a file", { a: "1" }, { café: "1" }, { café: "2" }, ["café"]],
    ["a file met a folder", { a: "1" }, { x: "file" }, { "x/y": "folder" }, expect.arrayContaining([expect.stringMatching(/^x/u)])],
    [
      "a folder was renamed under a new file",
      { "a/1": TEN, "a/2": `${TEN}2` },
      { "a/1": null, "a/2": null, "b/1": TEN, "b/2": `${TEN}2` },
      { "a/3": "new" },
      expect.arrayContaining([expect.stringMatching(/3$/u)]),
    ],
    [
      "a folder was renamed to two places under a new file, which leaves no path behind",
      { "a/1": `1${TEN}`, "a/2": `2${TEN}` },
      { "a/1": null, "a/2": null, "b/1": `1${TEN}`, "c/2": `2${TEN}` },
      { "a/3": "new" },
      ["a"],
    ],
    [
      "attributes asked for a union",
      { a: TEN, ".gitattributes": "* merge=union\n" },
      { a: TEN.replace("line 5", "base") },
      { a: TEN.replace("line 5", "head") },
      ["a"],
    ],
  ])("is a conflict where %s", async (_, start, base, head, conflicts) => {
    diverge(start, base, head);
    expect(await merge()).toEqual({ ok: false, conflicts });
  });

  it("is a Problem where there is no commit in common", async () => {
    repo.commit({ a: "1" });
    repo.git("switch", "--quiet", "--orphan", "head");
    repo.commit({ b: "1" });
    await expect(merge()).rejects.toMatchObject({
      code: "unrelated-histories",
      text: "main and head have no commit in common, so there is no merge result.",
    });
  });
});

describe("a shallow clone", () => {
  const upstream = (): Repo => {
    repo.commit({ a: TEN });
    for (let index = 0; index < 4; index += 1) repo.commit({ b: `${index}` });
    repo.branch("head", "HEAD~2").commit({ a: `${TEN}more\n` });
    repo.git("switch", "--quiet", "main");
    return repo;
  };

  it("is no hindrance where the history it has is enough", async () => {
    const whole = upstream();
    const shallow = world.clone(whole, "shallow", "--depth=4", "--no-single-branch");
    shallow.git("branch", "head", "origin/head");
    const result = await merge(shallow);
    expect(result).toEqual(await merge(whole));
    expect(result.ok).toBe(true);
  });

  it.each([1, 2])("is a Problem where the two sides' common commit is cut off at depth %i", async (depth) => {
    const shallow = world.clone(upstream(), "shallow", `--depth=${depth}`, "--no-single-branch");
    shallow.git("branch", "head", "origin/head");
    await expect(merge(shallow)).rejects.toMatchObject({
      code: "shallow-clone",
      text: expect.stringMatching(/where head left main lies beyond the history/u),
      hint: expect.stringMatching(/git fetch --unshallow/u),
    });
    shallow.git("fetch", "--quiet", "--unshallow");
    expect(await merge(shallow)).toMatchObject({ ok: true });
  });

  it("is a Problem where a better common commit may be cut off behind the one that is there", async () => {
    // main: 1 - 2 - 3 - M (merge of 1's side branch); the side keeps commit 1 in sight, while 2, where head left, is behind the edge.
    const first = repo.commit({ a: TEN });
    repo.commit({ b: "2" });
    const second = repo.commit({ b: "3" });
    repo.branch("head").commit({ c: "4" });
    repo.commit({ c: "5" });
    repo.git("merge", "--quiet", "--no-edit", "-s", "ours", repo.commitTree(repo.git("rev-parse", `${first}^{tree}`), first));
    repo.git("switch", "--quiet", "main");
    repo.commit({ b: "6" });
    repo.git("merge", "--quiet", "--no-edit", "-s", "ours", repo.commitTree(repo.git("rev-parse", `${first}^{tree}`), first));
    const shallow = world.clone(repo, "shallow", "--depth=3", "--no-single-branch");
    shallow.git("branch", "head", "origin/head");
    expect(shallow.git("merge-base", "main", "head")).not.toBe(second);
    await expect(merge(shallow)).rejects.toMatchObject({ code: "shallow-clone" });
  });

  it("tells a commit that is cut off from a name that is mistyped", async () => {
    const whole = upstream();
    const cut = whole.git("rev-parse", "main~3");
    const repository = await world.open(world.clone(whole, "shallow", "--depth=1"));
    for (const ref of [cut, "HEAD~3"])
      await expect(repository.resolve(ref)).rejects.toMatchObject({
        code: "shallow-clone",
        text: expect.stringContaining("is not in this clone, which is shallow"),
      });
    await expect(repository.resolve("mian")).rejects.toMatchObject({ code: "unknown-ref" });
  });
});

describe("a partial clone", () => {
  it("is never completed behind one's back: missing objects are a Problem", async () => {
    repo.commit({ a: "1", b: "1" });
    repo.commit({ a: "2" });
    repo.git("config", "uploadpack.allowFilter", "true");
    const partial = world.clone(repo, "partial", "--filter=blob:none", "--no-checkout");
    const missing = (): string[] =>
      partial
        .git("rev-list", "--objects", "--all", "--missing=print")
        .split("\n")
        .filter((line) => line.startsWith("?"));
    const before = missing();
    expect(before).toHaveLength(2);

    const repository = await world.open(partial);
    const head = await repository.resolve("HEAD");
    const [tree, parent] = [await repository.treeOf(head), await repository.treeOf(await repository.resolve("HEAD~1"))];
    const problem = {
      code: "missing-objects",
      text: expect.stringContaining("which is a partial one"),
      hint: "Get them all: git fetch --refetch --no-filter",
    };
    for (const ask of [
      () => repository.list(tree),
      () => repository.read(tree, "a"),
      () => repository.changes(parent, tree),
      () => repository.export(tree, world.path("out")),
    ]) {
      await expect(ask()).rejects.toMatchObject(problem);
    }
    expect(missing()).toEqual(before);

    partial.git("fetch", "--quiet", "--refetch", "--no-filter");
    expect(await (await world.open(partial)).read(tree, "a")).toEqual(Buffer.from("2"));
  });
});
