import { createHash } from "node:crypto";
import { chmodSync, existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Repo, World } from "./world.ts";

/** Nothing is written into the repository, and nothing of its configuration or content is run. */
let world: World;
let repo: Repo;
let canary = "";
beforeEach(() => {
  world = new World();
  repo = world.repo();
  canary = world.path("canary");
});
afterEach(() => world.end());

/** Every path with its kind, mode, times and content. */
const snapshot = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => {
      const file = join(folder, path);
      const { mode, mtimeMs, ctimeMs } = lstatSync(file);
      const content = lstatSync(file).isSymbolicLink()
        ? readlinkSync(file)
        : lstatSync(file).isFile()
          ? createHash("sha256").update(readFileSync(file)).digest("hex")
          : "";
      // Git freshens the time stamp of an object that it would have written and finds there already.
      const times = /\/objects\/.*[0-9a-f]{38}/u.test(file) ? [] : [mtimeMs, ctimeMs];
      return [path, mode.toString(8), ...times, content].join(" ");
    });

const everything = async (): Promise<void> => {
  const repository = await world.open(repo);
  const base = await repository.resolve("main");
  const head = await repository.resolve("head");
  const work = await repository.resolve("worktree");
  await repository.defaultBranch().catch(() => "the hostile remote has none");
  await repository.merge(base, head);
  const trees = [await repository.treeOf(base), await repository.treeOf(head), await repository.treeOf(work)] as const;
  await repository.changes(trees[0], trees[1]);
  await repository.changes(trees[0], trees[2]);
  await repository.list(trees[2]);
  await repository.read(trees[2], "a.pp");
  await repository.export(trees[2], world.path("out"));
  await repository.close();
};

const prepare = (): void => {
  repo.commit({ "a.pp": "1\n", "b.pp": "1\n", ".gitattributes": "*.pp filter=evil diff=evil merge=evil\n" });
  repo.branch("head").commit({ "a.pp": "2\n" });
  repo.git("switch", "--quiet", "main");
  repo.commit({ "b.pp": "2\n" });
  repo.write({ "c.pp": "uncommitted\n", "a.pp": "changed\n" });
};

describe("a repository that is judged", () => {
  it("is left as it is, index and work tree to the last time stamp", async () => {
    prepare();
    // The index does not know the work tree's times any more: whoever refreshes it, writes it.
    repo.git("read-tree", "HEAD");
    const before = snapshot(repo.folder);
    await everything();
    expect(snapshot(repo.folder)).toEqual(before);
  });

  it("leaves nothing in the folder for temporary files", async () => {
    prepare();
    const ours = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("puppet-gate-git-"));
    const before = new Set(ours());
    const repository = await world.open(repo);
    const opened = ours().filter((name) => !before.has(name));
    expect(opened.length).toBeGreaterThan(0);
    await repository.resolve("worktree");
    await repository.close();
    const scratch = opened.filter(
      (name) =>
        existsSync(join(tmpdir(), name, "scratch.git")) &&
        readFileSync(join(tmpdir(), name, "scratch.git/objects/info/alternates"), "utf8").includes(repo.folder),
    );
    expect(scratch).toEqual([]);
  });

  it("has nothing of its configuration run", async () => {
    prepare();
    const evil = world.path("evil");
    writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >> ${canary}\ncat\n`);
    chmodSync(evil, 0o755);
    for (const hook of [
      "post-index-change",
      "reference-transaction",
      "post-checkout",
      "pre-commit",
      "commit-msg",
      "fsmonitor-watchman",
      "pre-auto-gc",
    ]) {
      writeFileSync(join(repo.folder, ".git/hooks", hook), `#!/bin/sh\necho ${hook} >> ${canary}\n`);
      chmodSync(join(repo.folder, ".git/hooks", hook), 0o755);
    }
    const settings = {
      "core.fsmonitor": evil,
      "core.pager": evil,
      "core.editor": evil,
      "core.sshCommand": evil,
      "core.alternateRefsCommand": evil,
      "core.gitProxy": evil,
      "diff.external": evil,
      "diff.evil.textconv": evil,
      "diff.evil.command": evil,
      "merge.evil.driver": evil,
      "filter.evil.clean": evil,
      "filter.evil.smudge": evil,
      "filter.evil.required": "true",
      "credential.helper": `!${evil}`,
      "uploadpack.packObjectsHook": evil,
      "gpg.program": evil,
      "commit.gpgSign": "true",
      "alias.ls-tree": `!${evil}`,
      "remote.origin.url": `ext::${evil}`,
      "remote.origin.promisor": "true",
      "extensions.partialClone": "origin",
      "protocol.ext.allow": "always",
    };
    for (const [key, value] of Object.entries(settings)) repo.git("config", key, value);
    // The trap works: git itself walks into it.
    repo.git("update-ref", "refs/heads/probe", "HEAD");
    repo.git("add", "c.pp");
    const sprung = readFileSync(canary, "utf8");
    expect(sprung).toContain("reference-transaction");
    expect(sprung).toContain("evil");
    repo.git("config", "filter.evil.process", evil);

    await everything();
    expect(readFileSync(canary, "utf8")).toBe(sprung);
  });

  it("has no replaced objects in what is judged", async () => {
    prepare();
    const honest = repo.git("rev-parse", "head^{tree}");
    repo.git("replace", "head", "main");
    const repository = await world.open(repo);
    expect(await repository.treeOf(await repository.resolve("head"))).toBe(honest);
  });
});
