import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import type { Repository } from "../../src/engine/ports/repository.ts";
import { type Repo, World } from "./world.ts";

/**
 * What makes a large repository quick is that no question takes a process for each file. That is counted. Measured with 20,000 files on two very busy cores: list 0.5 s,
 * compare 0.09 s, merge 0.02 s, 1,000 reads 0.2 s, write out 2 to 10 s (the disk's time).
 */
const FILES = 5000;
let world: World;
let repo: Repo;
let repository: Repository;
let trees: { before: string; after: string };

beforeAll(async () => {
  world = new World();
  repo = world.repo("clone", "--bare");
  const file = (index: number, content: string): string =>
    `M 100644 inline modules/m${index % 100}/manifests/d${index % 7}/f${index}.pp\ndata ${Buffer.byteLength(content)}\n${content}\n`;
  const commit = (files: string[]): string => `commit refs/heads/main\ncommitter A <a@example.com> 0 +0000\ndata 1\nx\n${files.join("")}\n`;
  const content = (index: number): string => `class m${index} {\n  notify { '${index}': }\n}\n`;
  const all = Array.from({ length: FILES }, (_, index) => file(index, content(index)));
  const some = Array.from({ length: FILES / 10 }, (_, index) => file(index * 10, `${content(index * 10)}# changed\n`));
  repo.gitWith(commit(all) + commit(some), "fast-import", "--quiet");

  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  mkdirSync(world.path("bin"));
  writeFileSync(world.path("bin/git"), `#!/bin/sh\necho "$1" >> ${world.path("commands")}\nexec ${real} "$@"\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${world.path("bin")}:${process.env["PATH"]}`);
  repository = await world.open(repo);
  trees = {
    before: await repository.treeOf(await repository.resolve("main~1")),
    after: await repository.treeOf(await repository.resolve("main")),
  };
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await world.end();
});

/** The git commands that a question took. */
const commandsOf = async <T>(ask: () => Promise<T>): Promise<{ answer: T; commands: string[] }> => {
  writeFileSync(world.path("commands"), "");
  const answer = await ask();
  return {
    answer,
    commands: readFileSync(world.path("commands"), "utf8")
      .trim()
      .split("\n")
      .filter((line) => line !== ""),
  };
};

describe("a repository of thousands of files", () => {
  it("is listed by one process", async () => {
    const { answer, commands } = await commandsOf(() => repository.list(trees.after));
    expect(answer).toHaveLength(FILES);
    expect(commands).toEqual(["ls-tree"]);
  });

  it("is compared by one process", async () => {
    const { answer, commands } = await commandsOf(() => repository.changes(trees.before, trees.after));
    expect(answer).toHaveLength(FILES / 10);
    expect(answer.every(({ added }) => added.has(4) && added.size === 1)).toBe(true);
    expect(commands).toEqual(["diff-tree"]);
  });

  it("is merged by one process", async () => {
    const [base, head] = [await repository.resolve("main~1"), await repository.resolve("main")];
    const { answer, commands } = await commandsOf(() => repository.merge(base, head));
    expect(answer).toEqual({ ok: true, tree: trees.after });
    expect(commands).toEqual(["merge-tree"]);
  });

  it("has a thousand of its files read without a process", async () => {
    const paths = (await repository.list(trees.after)).slice(0, 1000).map(({ path }) => path);
    const { answer, commands } = await commandsOf(() => Promise.all(paths.map((path) => repository.read(trees.after, path))));
    expect(answer.every((content) => content?.toString().startsWith("class m"))).toBe(true);
    expect(commands).toEqual([]);
  });

  it("is written out by two processes", async () => {
    const { commands } = await commandsOf(() => repository.export(trees.after, world.path("out")));
    expect(readdirSync(world.path("out"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toHaveLength(FILES);
    expect(commands).toEqual(["read-tree", "checkout-index"]);
  });
});
