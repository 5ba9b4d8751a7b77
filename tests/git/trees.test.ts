import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ChangedFile, Repository } from "../../src/engine/ports/repository.ts";
import { type Repo, World } from "./world.ts";

let world: World;
let repo: Repo;
beforeEach(() => {
  world = new World();
  repo = world.repo();
});
afterEach(() => world.end());

const treesOf = async (repository: Repository, ...refs: string[]): Promise<string[]> => {
  const trees: string[] = [];
  for (const ref of refs) trees.push(await repository.treeOf(await repository.resolve(ref)));
  return trees;
};

describe("changes between two trees", () => {
  const lines = (...of: Array<string | number>): string => of.map((line) => `${line}\n`).join("");
  const told = ({ path, oldPath, status, mode, added }: ChangedFile) => ({ path, oldPath, status, mode, added: [...added] });
  type Told = ReturnType<typeof told>;
  const regular = { oldPath: null, mode: "100644" };

  const cases: Array<{
    name: string;
    before: Record<string, string | Buffer>;
    after: Record<string, string | Buffer | null>;
    expected: Told[];
  }> = [
    { name: "nothing", before: { a: "1" }, after: { a: "1" }, expected: [] },
    { name: "a new file", before: {}, after: { a: lines(1, 2) }, expected: [{ ...regular, path: "a", status: "added", added: [1, 2] }] },
    { name: "an empty one", before: {}, after: { a: "" }, expected: [{ ...regular, path: "a", status: "added", added: [] }] },
    {
      name: "a file less",
      before: { a: lines(1) },
      after: { a: null },
      expected: [{ ...regular, path: "a", status: "removed", added: [] }],
    },
    {
      name: "lines added, changed and removed",
      before: { a: lines(1, 2, 3, 4, 5, 6) },
      after: { a: lines(1, "new", 2, 3, "four", 5) },
      expected: [{ ...regular, path: "a", status: "modified", added: [2, 5] }],
    },
    {
      name: "a last line without its end",
      before: { a: "1\n2" },
      after: { a: "1\n2\n3" },
      expected: [{ ...regular, path: "a", status: "modified", added: [2, 3] }],
    },
    {
      name: "a rename with a change",
      before: { "data/a": lines(1, 2, 3, 4, 5, 6, 7, 8) },
      after: { "data/a": null, "data/b": lines(1, 2, 3, 4, 5, 6, 7, 8, 9) },
      expected: [{ path: "data/b", oldPath: "data/a", status: "renamed", mode: "100644", added: [9] }],
    },
    {
      name: "two empty files, which are no rename",
      before: { a: "" },
      after: { a: null, b: "" },
      expected: [
        { ...regular, path: "a", status: "removed", added: [] },
        { ...regular, path: "b", status: "added", added: [] },
      ],
    },
    {
      name: "attributes that would hide the lines",
      before: { "a.pp": lines(1), ".gitattributes": "*.pp -diff binary\n" },
      after: { "a.pp": lines(1, 2) },
      expected: [{ ...regular, path: "a.pp", status: "modified", added: [2] }],
    },
    {
      name: "a NUL byte that would hide them",
      before: { "a.pp": "# \0\n" },
      after: { "a.pp": "# \0\n# lint:ignore:all\n" },
      expected: [{ ...regular, path: "a.pp", status: "modified", added: [2] }],
    },
    {
      name: "CRLF",
      before: { a: "1\r\n2\r\n" },
      after: { a: "1\r\n2\r\n3\r\n" },
      expected: [{ ...regular, path: "a", status: "modified", added: [3] }],
    },
    {
      name: "names as nobody gives them",
      before: {},
      after: { "a\nb": "1", 'q"q': "1", "tab\there": "1", ünïcode: "1", "-rf": "1", " ": "1" },
      expected: [" ", "-rf", String.raw`"a\nb"`, String.raw`"q\"q"`, String.raw`"tab\there"`, "ünïcode"].map((path) => ({
        path,
        oldPath: null,
        mode: "100644",
        status: "added" as const,
        added: [1],
      })),
    },
  ];

  it.each(cases)("$name", async ({ before, after, expected }) => {
    repo.commit(before);
    repo.commit(after);
    const repository = await world.open(repo);
    const [from = "", to = ""] = await treesOf(repository, "HEAD~1", "HEAD");
    expect((await repository.changes(from, to)).map(told)).toEqual(expected);
  });

  it("keeps the modes of executables, links and submodules, and has no lines of what is no text", async () => {
    repo.commit({ run: "1\n", link: "a text\n" });
    repo.write({ link: null });
    repo.git("update-index", "--add", "--cacheinfo", `120000,${repo.blob("/etc/passwd")},link`);
    repo.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`);
    repo.git("update-index", "--chmod=+x", "run");
    repo.git("commit", "--quiet", "-m", "modes");
    const repository = await world.open(repo);
    const [from = "", to = ""] = await treesOf(repository, "HEAD~1", "HEAD");
    expect((await repository.changes(from, to)).map(told)).toEqual([
      { path: "link", oldPath: null, status: "modified", mode: "120000", added: [] },
      { path: "module", oldPath: null, status: "added", mode: "160000", added: [] },
      { path: "run", oldPath: null, status: "modified", mode: "100755", added: [] },
    ]);
    expect((await repository.changes(to, from)).map(told)).toMatchObject([
      { path: "link", status: "modified", mode: "100644", added: [1] },
      { path: "module", status: "removed", mode: "160000" },
      { path: "run", status: "modified", mode: "100644" },
    ]);
  });

  it("takes a file of 50 MB, and neither reads it", async () => {
    repo.commit({ small: "1" });
    repo.commit({ "files/large.bin": Buffer.alloc(50 * 2 ** 20, "line\n") });
    const repository = await world.open(repo);
    const [from = "", to = ""] = await treesOf(repository, "HEAD~1", "HEAD");
    const [change] = await repository.changes(from, to);
    expect(change?.added.has(10_000_000)).toBe(true);
    const [entry] = await repository.list(to);
    expect(entry).toMatchObject({ path: "files/large.bin", size: 50 * 2 ** 20 });
    await expect(repository.read(to, "files/large.bin")).rejects.toMatchObject({
      code: "file-too-large",
      text: "files/large.bin has 50 MiB; files are read up to 20 MiB.",
    });
    expect(await repository.readObject(entry?.oid ?? "")).toBeNull();
    expect(await repository.read(to, "small")).toEqual(Buffer.from("1"));
  });
});

describe("files of a tree", () => {
  it("are listed with mode and size, in git's order", async () => {
    repo.commit({ "b/c": "12", a: "1", "b.d": "" });
    repo.git("update-index", "--add", "--cacheinfo", `120000,${repo.blob("a")},link`);
    repo.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`);
    repo.git("commit", "--quiet", "-m", "more");
    const repository = await world.open(repo);
    const [tree = ""] = await treesOf(repository, "HEAD");
    expect((await repository.list(tree)).map(({ path, mode, size }) => [path, mode, size])).toEqual([
      ["a", "100644", 1],
      ["b.d", "100644", 0],
      ["b/c", "100644", 2],
      ["link", "120000", 1],
      ["module", "160000", 0],
    ]);
  });

  it("are read byte for byte; what is no regular file is null", async () => {
    const latin = Buffer.from("caf\xe9", "latin1");
    const odd = Buffer.from([0, 255, 10, 13, 0]);
    const blob = repo.blob("x");
    const inner = repo.rawTree([{ mode: "100644", name: latin, oid: blob }]);
    repo.commit({ odd });
    const link = repo.blob("..");
    const tree = repo.rawTree([
      { mode: "40000", name: "dir", oid: inner },
      { mode: "120000", name: "link", oid: link },
      { mode: "100644", name: "odd", oid: repo.git("rev-parse", "HEAD:odd") },
    ]);
    const repository = await world.open(repo);
    expect(await repository.read(tree, "odd")).toEqual(odd);
    expect(await repository.read(tree, String.raw`"dir/caf\351"`)).toEqual(Buffer.from("x"));
    for (const path of ["link", "dir", "nowhere", "dir/nowhere", "odd/below", "link/odd", "", "/odd", "dir/../odd", "./odd", "odd/"]) {
      expect({ path, content: await repository.read(tree, path) }).toEqual({ path, content: null });
    }
    expect(await repository.readObject(blob)).toEqual(Buffer.from("x"));
  });

  it("can't be asked for once the repository is closed", async () => {
    repo.commit({ a: "1" });
    const repository = await world.open(repo);
    const [tree = ""] = await treesOf(repository, "HEAD");
    await repository.close();
    await expect(repository.read(tree, "a")).rejects.toThrow("the repository is closed");
  });

  it("can be read many at a time", async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`d${index % 7}/f${index}`, `${index}\n`.repeat(index)]));
    repo.commit(files);
    const repository = await world.open(repo);
    const [tree = ""] = await treesOf(repository, "HEAD");
    const read = await Promise.all(Object.keys(files).map((path) => repository.read(tree, path)));
    expect(read.map(String)).toEqual(Object.values(files));
  });

  it.each([
    ["list", (repository: Repository) => repository.list("--help")],
    ["read", (repository: Repository) => repository.read("HEAD", "a")],
    ["changes", (repository: Repository) => repository.changes("HEAD", "HEAD")],
    ["readObject", (repository: Repository) => repository.readObject("HEAD:a")],
    ["export", (repository: Repository) => repository.export("HEAD", world.path("out"))],
  ])("are asked for by full object ids alone: %s", async (_, ask) => {
    repo.commit({ a: "1" });
    const repository = await world.open(repo);
    await expect(ask(repository)).rejects.toThrow("is not a full object id");
  });

  it("end at a path that git would not write out", async () => {
    repo.commit();
    const blob = repo.blob("x");
    const inside = (name: string) =>
      repo.rawTree([{ mode: "40000", name, oid: repo.rawTree([{ mode: "100644", name: "config", oid: blob }]) }]);
    const empty = repo.rawTree([]);
    const repository = await world.open(repo);
    for (const name of ["..", ".git", ".GIT", "."]) {
      await expect(repository.list(inside(name))).rejects.toMatchObject({
        code: "unsafe-path",
        text: expect.stringContaining(`${name}/config`),
      });
      await expect(repository.changes(empty, inside(name))).rejects.toMatchObject({ code: "unsafe-path" });
      await expect(repository.export(inside(name), world.path(`out${name}`))).rejects.toMatchObject({ code: "git-failed" });
    }
    for (const name of ["git~1", ".git\u200C"])
      await expect(repository.export(inside(name), world.path(`out${name}`))).rejects.toMatchObject({ code: "git-failed" });
    expect(readdirSync(world.folder).sort()).toEqual(["clone", "out.GIT", "out.git", "out.git\u200C", "outgit~1", "out.", "out.."].sort());
  });
});

describe("a tree written out", () => {
  it("has the blobs' own bytes, whatever .gitattributes asks for", async () => {
    const files = {
      ".gitattributes":
        "* text eol=crlf ident export-subst\nhidden export-ignore\n*.utf16 working-tree-encoding=UTF-16\n*.lfs filter=lfs\n",
      "a.pp": "# $Id$ $Format:%H$\nclass a {}\n",
      hidden: "not hidden\n",
      "b.utf16": "text\n",
      "c.lfs": "pointer\n",
    };
    repo.git("config", "core.autocrlf", "false");
    repo.write(files);
    for (const [path, content] of Object.entries(files))
      repo.git("update-index", "--add", "--cacheinfo", `100644,${repo.blob(content)},${path}`);
    repo.git("commit", "--quiet", "-m", "attributes");
    const repository = await world.open(repo);
    const [tree = ""] = await treesOf(repository, "HEAD");
    await repository.export(tree, world.path("out"));
    for (const [path, content] of Object.entries(files)) {
      expect(readFileSync(join(world.path("out"), path), "utf8")).toBe(content);
      expect(String(await repository.read(tree, path))).toBe(content);
    }
  });

  it("has links as links and executables as such, readable by everybody under any umask", async () => {
    repo.commit({ "dir/run": "#!/bin/sh\n" });
    repo.git("update-index", "--chmod=+x", "dir/run");
    repo.git("update-index", "--add", "--cacheinfo", `120000,${repo.blob("/etc/passwd")},link`);
    repo.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`);
    repo.git("commit", "--quiet", "-m", "modes");
    const repository = await world.open(repo);
    const [tree = ""] = await treesOf(repository, "HEAD");
    const out = world.path("out");
    mkdirSync(out);
    const umask = process.umask(0o077);
    try {
      await repository.export(tree, out);
    } finally {
      process.umask(umask);
    }
    expect(statSync(join(out, "dir")).mode & 0o777).toBe(0o755);
    expect(statSync(join(out, "dir/run")).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(out, "link")).isSymbolicLink() && readlinkSync(join(out, "link"))).toBe("/etc/passwd");
    expect(existsSync(join(out, ".git"))).toBe(false);
  });

  it("never goes through a link, and never over what is there", async () => {
    repo.commit();
    const victim = world.path("victim");
    mkdirSync(victim);
    // A link and a folder of one name: no git makes such a tree.
    const twice = repo.rawTree([
      { mode: "120000", name: "a", oid: repo.blob(victim) },
      { mode: "40000", name: "a", oid: repo.rawTree([{ mode: "100644", name: "canary", oid: repo.blob("x") }]) },
    ]);
    const repository = await world.open(repo);
    await repository.export(twice, world.path("out")).catch(() => "refused");
    expect(readdirSync(victim)).toEqual([]);
    writeFileSync(join(victim, "mine"), "");
    await expect(repository.export(twice, victim)).rejects.toMatchObject({ code: "export-folder-not-empty" });
  });
});
