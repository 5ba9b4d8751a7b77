import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareHeads } from "../../src/git/carry.ts";
import { changesBetween } from "../../src/git/changes.ts";
import { commitsBetween, isAncestor, mergeBases, treeOf } from "../../src/git/history.ts";
import { makeMerge } from "../../src/git/land.ts";
import { patchId } from "../../src/git/patch-id.ts";
import { makeScratch, removeScratch, type Scratch } from "../../src/git/scratch.ts";
import { findSource, type Source } from "../../src/git/source.ts";
import { createChance, type Chance } from "./chance.ts";
import { memoryMirror, type Remote } from "./git/mirror.ts";
import * as memory from "./git/history.ts";
import { createObjects, emptyTree, type FileEntry, type Objects } from "./git/objects.ts";

/**
 * The git in memory that storms run on, beside git itself as the product asks it: random histories with merges, rebases, squashes and
 * merges that somebody edited, of files as the simulation has them (a line each, never the same in two). Where two commits have more
 * than one merge base, git makes one of them and memory takes the newest: such pairs are compared by their bases alone.
 */
const seeds = [1, 2, 3, 4];
const commitsOfEach = 26;
const pairsOfEach = 14;
const comparisonsOfEach = 14;

type Content = ReadonlyMap<string, string>;

/** A commit by its place in the history; ids differ, because memory's objects are not written as git writes them. */
interface Made {
  parents: readonly number[];
  files: Content;
  message: string;
}

interface History {
  commits: readonly Made[];
  objects: Objects;
  ids: readonly string[];
  /** A head, and what was made of it: a rebase, a squash, a merge of base, more commits. */
  relatives: readonly (readonly [number, number])[];
}

const paths = ["site/a.pp", "site/b.pp", "reads/c.pp", "data/common.yaml", "shared.pp"];

function makeHistory(chance: Chance): History {
  const objects = createObjects();
  const commits: Made[] = [];
  const ids: string[] = [];
  const relatives: (readonly [number, number])[] = [];
  const add = (parents: readonly number[], files: Content, message = `commit ${commits.length}`): number => {
    const who = { name: "somebody", email: "somebody@acme.example", at: 1_700_000_000 + commits.length };
    const entries = [...files].map(([path, text]): [string, FileEntry] => [
      path,
      { mode: "100644", blob: objects.addBlob(Buffer.from(text)) },
    ]);
    const asked = {
      tree: objects.addTree(entries),
      parents: parents.map((n) => ids[n] ?? ""),
      message: `${message}\n`,
      author: who,
      committer: who,
    };
    ids.push(objects.addCommit(asked));
    commits.push({ parents, files, message });
    return commits.length - 1;
  };
  const filesOf = (n: number): Content => commits[n]?.files ?? new Map();
  const contentOf = (tree: string): Content =>
    new Map([...objects.files(tree)].map(([path, { blob }]) => [path, objects.blob(blob).toString()]));
  const changed = (files: Content): Content => {
    const path = chance.pick(paths);
    const more = new Map(files);
    if (chance.is(0.15)) more.delete(path);
    else more.set(path, `${path} ${chance.below(4)}\n`);
    return more;
  };
  const any = (): number => Math.max(commits.length - 1 - chance.below(8), 0);
  const merged = (one: number, other: number): Content | null => {
    const tree = memory.mergeTrees(objects, ids[one] ?? "", ids[other] ?? "");
    return tree === null ? null : contentOf(tree);
  };
  add([], new Map(paths.map((path) => [path, `${path} at first\n`])));
  while (commits.length < commitsOfEach) {
    const [head, onto] = [any(), any()];
    const kind = chance.below(10);
    const files = head === onto ? null : merged(onto, head);
    if (kind < 4 || files === null) relatives.push([head, add([head], changed(filesOf(head)))]);
    else if (kind < 6) relatives.push([head, add([head, onto], kind === 4 && chance.is(0.5) ? changed(files) : files)]);
    else if (kind < 8) relatives.push([head, add([onto], files)]);
    else
      relatives.push([
        head,
        add(commits[head]?.parents.slice(0, 1) ?? [], filesOf(head), chance.is(0.5) ? commits[head]?.message : undefined),
      ]);
  }
  return { commits, objects, ids, relatives };
}

/** What is written to `git fast-import`; trees that are expected of merges come after the history, each as a commit without parents. */
function streamOf(commits: readonly Made[], expected: readonly Content[]): string {
  const one = ({ parents, files, message }: Made, n: number): string => {
    const who = `somebody <somebody@acme.example> ${1_700_000_000 + n} +0000`;
    const [first, ...others] = parents;
    return [
      `commit refs/heads/c${n}`,
      `mark :${n + 1}`,
      `author ${who}`,
      `committer ${who}`,
      `data ${Buffer.byteLength(message) + 1}\n${message}\n`,
      ...(first === undefined ? [] : [`from :${first + 1}`]),
      ...others.map((other) => `merge :${other + 1}`),
      "deleteall",
      ...[...files].map(([path, text]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}`),
      "",
    ].join("\n");
  };
  return [...commits, ...expected.map((files) => ({ parents: [], files, message: "expected" }))].map(one).join("\n");
}

/** Nothing is asked of it but what is in memory. */
const noRemote: Remote = {
  fetch: async (_, work) => work(),
  refs: () => new Map(),
  push: async () => ({ kind: "unclear", text: "there is no remote" }),
};

describe.each(seeds)("git in memory, history %i", (seed) => {
  const chance = createChance(seed);
  const { commits, objects, ids, relatives } = makeHistory(chance);
  const mirror = memoryMirror(objects, noRemote);
  const pairs = Array.from({ length: pairsOfEach }, () => [chance.below(commits.length), chance.below(commits.length)] as const);
  const idOf = (n: number): string => ids[n] ?? "";
  const merges = pairs.map(([one, other]) => memory.mergeTrees(objects, idOf(one), idOf(other)));
  let folder = "";
  let source: Source;
  let scratch: Scratch;
  /** Git's ids of the history, and of the trees that memory expects of merges. */
  let real: string[] = [];
  let trees: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "puppet-gate-history-"));
    const git = (input: string, ...args: string[]): string => execFileSync("git", args, { cwd: folder, input, encoding: "utf8" });
    git("", "init", "--quiet", "--bare");
    const expected = merges.map(
      (tree): Content => new Map([...objects.files(tree ?? emptyTree)].map(([path, { blob }]) => [path, objects.blob(blob).toString()])),
    );
    git(streamOf(commits, expected), "fast-import", "--quiet");
    const names = (from: number, count: number, what: string): string[] =>
      Array.from({ length: count }, (_, n) => `refs/heads/c${from + n}${what}`);
    real = git("", "rev-parse", ...names(0, commits.length, ""))
      .trim()
      .split("\n");
    trees = git("", "rev-parse", ...names(commits.length, pairs.length, "^{tree}"))
      .trim()
      .split("\n");
    source = await findSource(folder);
    scratch = await makeScratch(source);
  });
  afterAll(async () => {
    await removeScratch(scratch);
    await rm(folder, { recursive: true });
  });

  const gitOf = (n: number): string => real[n] ?? "";
  /** Places in the history, whichever ids they were given by. */
  const places = (found: readonly string[], from: readonly string[]): number[] =>
    found.map((id) => from.indexOf(id)).sort((one, other) => one - other);
  const hasOneBase = ([one, other]: readonly [number, number]): boolean => memory.mergeBases(objects, idOf(one), idOf(other)).length === 1;

  it("says the same of where commits stand to each other", { timeout: 120_000 }, async () => {
    for (const [one, other] of pairs) {
      const [mine, theirs] = [idOf(one), idOf(other)];
      expect(places(memory.mergeBases(objects, mine, theirs), ids)).toEqual(
        places(await mergeBases(scratch, gitOf(one), gitOf(other)), real),
      );
      expect(memory.isAncestor(objects, mine, theirs)).toBe(await isAncestor(scratch, gitOf(one), gitOf(other)));
      const since = { head: gitOf(one), without: [gitOf(other)] };
      const all = await commitsBetween(scratch, { ...since, firstParent: false });
      expect(places(memory.commitsOf(objects, [mine], [theirs]), ids)).toEqual(
        places(
          all.map(({ sha }) => sha),
          real,
        ),
      );
      const line = await commitsBetween(scratch, { ...since, firstParent: true });
      expect(memory.commitsOf(objects, [mine], [theirs], true).map((id) => ids.indexOf(id))).toEqual(
        line.map(({ sha }) => real.indexOf(sha)),
      );
    }
  });

  it("merges to the same files, and finds the same conflicts", { timeout: 120_000 }, async () => {
    const somebody = { name: "somebody", email: "somebody@acme.example" };
    for (const [n, [one, other]] of pairs.entries()) {
      if (!hasOneBase([one, other])) continue;
      const asked = { message: "merge", author: somebody, committer: somebody, date: "2026-03-01T12:00:00Z" };
      const made = await makeMerge(source, scratch, { ...asked, base: gitOf(one), head: gitOf(other) });
      expect(made?.tree ?? null).toBe(merges[n] === null ? null : trees[n]);
      expect((await mirror.makeMerge({ ...asked, base: idOf(one), head: idOf(other) }))?.tree ?? null).toBe(merges[n]);
    }
  });

  it("names the same changed files", { timeout: 120_000 }, async () => {
    for (const [one, other] of pairs) {
      const told = await mirror.changes(objects.commit(idOf(one)).tree, objects.commit(idOf(other)).tree);
      const found = await changesBetween(scratch, await treeOf(scratch, gitOf(one)), await treeOf(scratch, gitOf(other)));
      const named = (list: typeof told): string[] => list.map(({ path, oldPath, status, mode }) => `${status} ${mode} ${oldPath} ${path}`);
      expect(named(told)).toEqual(named(found));
    }
  });

  it("takes the same patches for equal", { timeout: 120_000 }, async () => {
    const patches: { mine: string | null; git: string | null }[] = [];
    for (const [head, made] of relatives.slice(0, comparisonsOfEach)) {
      for (const one of [head, made]) {
        const base = Math.max(one - 3, 0);
        if (!hasOneBase([base, one])) continue;
        const [from = ""] = await mergeBases(scratch, gitOf(base), gitOf(one));
        patches.push({ mine: await mirror.patch(idOf(base), idOf(one)), git: await patchId(scratch, from, gitOf(one)) });
      }
    }
    const equal = (of: (patch: (typeof patches)[number]) => string | null): boolean[] =>
      patches.flatMap((one) => patches.map((other) => of(one) === of(other)));
    expect(equal(({ mine }) => mine)).toEqual(equal(({ git }) => git));
    expect(patches.map(({ mine }) => mine === null)).toEqual(patches.map(({ git }) => git === null));
  });

  it("carries reviews alike", { timeout: 120_000 }, async () => {
    for (const [head, made] of relatives.slice(-comparisonsOfEach)) {
      const [base, newBase] = [Math.max(head - 1 - chance.below(3), 0), Math.max(made - 1 - chance.below(3), 0)];
      const told = await mirror.compare({ base: idOf(base), head: idOf(head) }, { base: idOf(newBase), head: idOf(made) });
      const found = await compareHeads(scratch, { base: gitOf(base), head: gitOf(head) }, { base: gitOf(newBase), head: gitOf(made) });
      expect(`${head} on ${base}, ${made} on ${newBase}: ${told.kind}`).toBe(`${head} on ${base}, ${made} on ${newBase}: ${found.kind}`);
    }
  });
});
