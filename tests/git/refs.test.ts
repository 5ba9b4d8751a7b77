import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { notYours } from "../../src/git/problems.ts";
import { World } from "./world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.end();
});

describe("what a name means", () => {
  it("is a commit: of a branch, a tag, an id, a step back, HEAD", async () => {
    const repo = world.repo();
    const first = repo.commit({ a: "1" });
    repo.git("tag", "-a", "v1", "-m", "one");
    const second = repo.commit({ a: "2" });
    const repository = await world.open(repo);
    for (const [ref, oid] of Object.entries({
      main: second,
      HEAD: second,
      v1: first,
      "HEAD~1": first,
      [first]: first,
      [first.slice(0, 10)]: first,
      "refs/heads/main": second,
    })) {
      expect(await repository.resolve(ref)).toEqual({ ref, sha: oid, oid });
    }
  });

  it("is found from a subfolder, a linked work tree, a bare repository", async () => {
    const repo = world.repo();
    const first = repo.commit({ "manifests/site.pp": "" });
    repo.git("worktree", "add", "--quiet", "../linked", "-b", "other");
    expect((await (await world.open(join(repo.folder, "manifests"))).resolve("HEAD")).oid).toBe(first);
    const linked = await world.open(world.path("linked"));
    expect((await linked.resolve("other")).oid).toBe(first);
    expect(await linked.read(await linked.treeOf(await linked.resolve("HEAD")), "manifests/site.pp")).toEqual(Buffer.from(""));
    const bare = world.clone(repo, "bare", "--bare");
    expect((await (await world.open(bare)).resolve("main")).oid).toBe(first);
  });

  it("is the same where objects are borrowed, and where ids are SHA-256", async () => {
    const repo = world.repo();
    const first = repo.commit({ a: "1" });
    const borrowing = world.clone(repo, 'borrowing "one"\\', "--shared");
    const repository = await world.open(borrowing);
    expect(await repository.read(await repository.treeOf(await repository.resolve("HEAD")), "a")).toEqual(Buffer.from("1"));
    expect((await repository.resolve("HEAD")).oid).toBe(first);

    const long = world.repo("sha256", "--object-format=sha256");
    const oid = long.commit({ a: "1", "b/c": "2" });
    const other = await world.open(long);
    const head = await other.resolve("HEAD");
    expect(head.oid).toBe(oid);
    expect(await other.read(await other.treeOf(head), "b/c")).toEqual(Buffer.from("2"));
    expect(await other.merge(head, head)).toEqual({ ok: true, tree: await other.treeOf(head) });
  });

  it.each([
    ["a typo", "mian", "unknown-ref", /"mian" is no branch, tag or commit/u, /Did you mean main or origin\/main\?/u],
    ["a branch that only the remote has", "feature", "unknown-ref", /"feature" is no branch/u, /Did you mean origin\/feature\?/u],
    ["nothing near", "zzzzzzzzzz", "unknown-ref", /./u, /There are heads\/both, main, origin\/feature, origin\/main, tags\/both\./u],
    ["an option", "--output=/tmp/x", "unknown-ref", /"--output=\/tmp\/x" can't be the name/u, /./u],
    ["an empty name", "", "unknown-ref", /"" can't be the name/u, /./u],
    ["a line break", "main\nHEAD", "unknown-ref", /can't be the name/u, /./u],
    ["a range", "main..origin/main", "unknown-ref", /is no branch, tag or commit/u, /./u],
    ["a tree", "main:", "unknown-ref", /is no branch, tag or commit/u, /./u],
    ["an id that is not there", "1234567890123456789012345678901234567890", "unknown-ref", /is no branch, tag or commit/u, /./u],
    [
      "a branch and a tag of one name",
      "both",
      "ambiguous-ref",
      /"both" names more than one thing/u,
      /refs\/heads\/both or refs\/tags\/both/u,
    ],
  ])("is a Problem for %s", async (_, ref, code, text, hint) => {
    const upstream = world.repo("upstream");
    upstream.commit({ a: "1" });
    upstream.git("branch", "feature");
    const repo = world.clone(upstream, "clone");
    repo.git("branch", "both");
    repo.git("tag", "both", repo.commit({ a: "2" }));
    const repository = await world.open(repo);
    await expect(repository.resolve(ref)).rejects.toMatchObject({
      code,
      text: expect.stringMatching(text),
      hint: expect.stringMatching(hint),
    });
  });

  it("is a Problem where there are no commits", async () => {
    const empty = await world.open(world.repo("empty"));
    await expect(empty.resolve("HEAD")).rejects.toMatchObject({ code: "no-commits", text: expect.stringMatching(/has no commits yet/u) });
    const orphan = world.repo("orphan");
    orphan.commit();
    orphan.git("switch", "--quiet", "--orphan", "fresh");
    await expect((await world.open(orphan)).resolve("HEAD")).rejects.toMatchObject({
      code: "no-commits",
      text: "HEAD is the branch fresh, which has no commits yet.",
    });
  });
});

describe("the default branch", () => {
  const upstream = (branch: string) => {
    const repo = world.repo("upstream");
    repo.git("symbolic-ref", "HEAD", `refs/heads/${branch}`);
    repo.commit();
    return repo;
  };

  it("is what the remote's HEAD says", async () => {
    const repo = world.clone(upstream("trunk"), "clone");
    const repository = await world.open(repo);
    expect(await repository.defaultBranch()).toBe("origin/trunk");
    expect((await repository.resolve("origin/trunk")).oid).toBe(repo.git("rev-parse", "HEAD"));
  });

  it("is the one of the usual names that the only remote has", async () => {
    const repo = world.clone(upstream("production"), "clone", "--origin", "company");
    repo.git("remote", "set-head", "company", "--delete");
    repo.git("branch", "main");
    expect(await (await world.open(repo)).defaultBranch()).toBe("company/production");
  });

  it("is the local one of the usual names where there is no remote", async () => {
    expect(await (await world.open(upstream("master"))).defaultBranch()).toBe("master");
  });

  it("is a Problem where it could be two, or none, or one of two remotes'", async () => {
    const repo = upstream("main");
    repo.git("branch", "production");
    await expect((await world.open(repo)).defaultBranch()).rejects.toMatchObject({
      code: "no-default-branch",
      text: expect.stringMatching(/could be main or production/u),
      hint: expect.stringMatching(/--base REF/u),
    });
    const clone = world.clone(repo, "clone");
    clone.git("remote", "set-head", "origin", "--delete");
    clone.git("remote", "add", "fork", "https://example.com/fork.git");
    await expect((await world.open(clone)).defaultBranch()).rejects.toMatchObject({
      code: "no-default-branch",
      hint: expect.stringMatching(/--base REF/u),
    });
    const odd = world.repo("odd");
    odd.git("switch", "--quiet", "--orphan", "odd");
    odd.commit();
    await expect((await world.open(odd)).defaultBranch()).rejects.toMatchObject({
      code: "no-default-branch",
      text: expect.stringMatching(/does not say which branch is the default one\./u),
    });
  });
});

describe("a folder that can't be opened", () => {
  it("is not there, is a file, or is no repository", async () => {
    mkdirSync(world.path("plain"));
    writeFileSync(world.path("file"), "");
    await expect(world.open(world.path("nowhere"))).rejects.toMatchObject({
      code: "not-a-repository",
      text: expect.stringMatching(/There is no folder .*nowhere/u),
    });
    await expect(world.open(world.path("file"))).rejects.toMatchObject({ code: "not-a-repository" });
    await expect(world.open(world.path("plain"))).rejects.toMatchObject({
      code: "not-a-repository",
      text: expect.stringMatching(/plain is not a git repository/u),
      hint: expect.stringMatching(/--repo/u),
    });
  });

  it("is of a format that this git does not know", async () => {
    const repo = world.repo();
    repo.commit();
    repo.git("config", "core.repositoryFormatVersion", "1");
    repo.git("config", "extensions.fromTheFuture", "true");
    await expect(world.open(repo)).rejects.toMatchObject({ code: "repository-unreadable", text: expect.stringMatching(/fromthefuture/iu) });
  });

  it("is named as a person can paste it into a shell", () => {
    expect(notYours("/srv/it's ours").hint).toBe(String.raw`If you trust it: git config --global --add safe.directory '/srv/it'\''s ours'`);
    expect(notYours("/srv/ours").hint).toMatch(/ \/srv\/ours$/u);
  });

  const isRoot = process.getuid?.() === 0;
  it.skipIf(!isRoot)("belongs to somebody else, until this person says that they trust it", async () => {
    const repo = world.repo();
    const head = repo.commit({ a: "1" });
    for (const path of ["", ".git"]) chownSync(join(repo.folder, path), 65_534, 65_534);
    vi.stubEnv("HOME", world.folder);
    vi.stubEnv("SUDO_UID", undefined);
    await expect(world.open(repo)).rejects.toMatchObject({
      code: "not-your-repository",
      hint: `If you trust it: git config --global --add safe.directory ${repo.folder}`,
    });
    writeFileSync(world.path(".gitconfig"), `[safe]\n\tdirectory = ${repo.folder}\n`);
    expect((await (await world.open(repo)).resolve("HEAD")).oid).toBe(head);
  });

  it("needs git, and a new enough one", async () => {
    const repo = world.repo();
    mkdirSync(world.path("bin"));
    vi.stubEnv("PATH", world.path("bin"));
    await expect(world.open(repo)).rejects.toMatchObject({ code: "git-missing", hint: expect.stringMatching(/apt-get install git/u) });
    writeFileSync(world.path("bin/git"), "#!/bin/sh\necho git version 2.37.9\n", { mode: 0o755 });
    await expect(world.open(repo)).rejects.toMatchObject({
      code: "git-too-old",
      text: expect.stringMatching(/git 2\.37\.9.*2\.38 or newer/u),
    });
  });
});
