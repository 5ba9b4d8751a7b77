import { startEvaluator } from "../../src/wiring/expectations.ts";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { makeControlRepo } from "../../src/demo/control-repo/make.ts";
import { check } from "../../src/engine/check.ts";
import { keepTrees } from "../../src/engine/kept-trees.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import type { OpenTree, PuppetEdge } from "../../src/engine/ports/puppet.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import { openRepository } from "../../src/git/repository.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { familyOf } from "../../src/process/resident.ts";
import { createPuppet } from "../../src/puppet/puppet.ts";
import { median, ofRuns, seconds, type Section } from "./table.ts";

/** How soon catalogs come, and what a worker takes, by what was started or kept before the tree was known. */

const { limits } = defaultPolicy.compile;
const story = "template-restart";
/** On base already it does not compile. */
const unsound = "storage3.ash.tonearm.example";

interface World {
  puppet: PuppetEdge;
  nodes: readonly NodeFacts[];
  open: () => Promise<OpenTree>;
  /** Checks the story; gives milliseconds until the first node was compiled on both sides, and until the report. */
  checkOnce: (keep: ReturnType<typeof keepTrees> | null) => Promise<{ first: number; whole: number }>;
  close: () => Promise<void>;
}

async function makeWorld(folder: string): Promise<World> {
  const repo = join(folder, "repo");
  await mkdir(repo);
  await makeControlRepo(repo);
  const repository = await openRepository(repo);
  const puppet = createPuppet({ secretKey: randomBytes(32) });
  const tree = await repository.treeOf(await repository.resolve("production"));
  const paths = (await repository.list(tree)).map(({ path }) => path);
  const files = { paths, read: (path: string) => repository.read(tree, path) };
  const layout = await puppet.findLayout(files, { environment: "production", modulepath: null, manifest: null, worktree: null });
  const { nodes } = await inventory.readFolder(join(repo, "facts"));
  const open = (): Promise<OpenTree> => puppet.open({ write: (to) => repository.export(tree, to), layout, limits });
  const pairs = watchPairs(puppet);
  const checkOnce: World["checkOnce"] = async (trees) => {
    const started = performance.now();
    let first = 0;
    pairs.begin(() => (first = performance.now() - started));
    const request = { base: "production", head: story, facts: null, nodes: [], modulepath: null, policy: null };
    const ports = {
      repository,
      inventory,
      puppet: pairs.puppet,
      startEvaluator,
      now: () => performance.now(),
      today: () => new Date().toISOString().slice(0, 10),
      cores: availableParallelism(),
      name: "bench",
      keep: trees === null ? null : { trees, branch: "production" },
    };
    await check(request, ports);
    return { first, whole: performance.now() - started };
  };
  const close = async (): Promise<void> => {
    await puppet.close();
    await repository.close();
  };
  return { puppet, nodes: nodes.filter(({ certname }) => certname !== unsound), open, checkOnce, close };
}

/** Tells when the first node was compiled in two trees since `begin`. */
function watchPairs(puppet: PuppetEdge): { puppet: PuppetEdge; begin: (onFirst: () => void) => void } {
  let compiled = new Map<string, OpenTree>();
  let told: (() => void) | null = null;
  const watched = (tree: OpenTree): OpenTree => ({
    ...tree,
    compile: (nodes, onOutcome, options) =>
      tree.compile(
        nodes,
        (outcome, raw) => {
          const other = compiled.get(outcome.certname);
          if (other !== undefined && other !== tree) {
            told?.();
            told = null;
          }
          compiled.set(outcome.certname, tree);
          onOutcome(outcome, raw);
        },
        options,
      ),
  });
  return {
    puppet: { ...puppet, open: async (tree) => watched(await puppet.open(tree)) },
    begin: (onFirst) => {
      compiled = new Map();
      told = onFirst;
    },
  };
}

async function compile(tree: OpenTree, nodes: readonly NodeFacts[], workers: number): Promise<number> {
  const started = performance.now();
  const failed: string[] = [];
  await tree.compile(nodes, (outcome) => outcome.ok || failed.push(outcome.certname), { workers });
  if (failed.length > 0) throw new Error(`not compiled: ${failed.join(", ")}`);
  return performance.now() - started;
}

/** Resident MiB of the largest Ruby process below this one. */
function largestMib(): number {
  const sizes = familyOf(process.pid).map((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      return status.startsWith("Name:\truby") ? Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? 0) / 1024 : 0;
    } catch {
      return 0; // it ended meanwhile
    }
  });
  return Math.max(...sizes);
}

/** Waits until no process below this one has used the processor for half a second: what was started is ready. */
async function quiet(): Promise<void> {
  const ticks = (): number =>
    familyOf(process.pid)
      .slice(1)
      .reduce((sum, pid) => {
        try {
          const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
          return sum + Number(fields[11]) + Number(fields[12]);
        } catch {
          return sum;
        }
      }, 0);
  for (let [before, now] = [-1, ticks()]; before !== now || now === 0; [before, now] = [now, ticks()])
    await new Promise((resolve) => setTimeout(resolve, 500));
}

export async function benchWarm({ runs }: { runs: number }): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-"));
  const world = await makeWorld(folder);
  try {
    const { puppet, nodes, open } = world;
    const one = nodes.slice(0, 1);
    const times = {
      cold: [] as number[],
      spare: [] as number[],
      warm: [] as number[],
      each: [] as number[],
      pair: [] as number[],
      kept: [] as number[],
    };
    const memory: { bare: number[]; used: number[] } = { bare: [], used: [] };
    for (let run = 0; run < runs; run += 1) {
      const cold = await timed("first catalog, cold", () => firstOf(open, one));
      times.cold.push(cold);
      puppet.expect(1, limits);
      await quiet();
      memory.bare.push(largestMib());
      const started = performance.now();
      const tree = await open();
      await compile(tree, one, 1);
      times.spare.push(performance.now() - started);
      times.warm.push(await compile(tree, one, 1));
      await compile(tree, nodes, 2);
      times.each.push(nodes.length / ((await compile(tree, nodes, 2)) / 1000));
      memory.used.push(largestMib());
      await tree.close();
      times.pair.push((await world.checkOnce(null)).first);
      const trees = keepTrees({ most: 1, idleSeconds: 600, freeMemory: () => Number.POSITIVE_INFINITY });
      await world.checkOnce(trees);
      times.kept.push((await world.checkOnce(trees)).first);
      await trees.close();
    }
    const row = (what: string, measured: string, promised = ""): Section["rows"][number] => ({ what, measured, promised, instead: "" });
    const mib = (sizes: readonly number[]): string => `${Math.round(median(sizes))} MiB`;
    return {
      rows: [
        row("a tree's first catalog, nothing started before", ofRuns(times.cold)),
        row("the same, in a sandbox that waited for its tree", ofRuns(times.spare)),
        row("the same, in a worker that was kept", ofRuns(times.warm)),
        row("catalogs a second, two warm workers", median(times.each).toFixed(1)),
        row("a check's first pair of catalogs, in a process that runs", ofRuns(times.pair), "12 s"),
        row("the same, with base's tree kept open", ofRuns(times.kept), "5 s"),
        row("memory of a worker: waiting, after all nodes", `${mib(memory.bare)}, ${mib(memory.used)}`, "300 MiB"),
      ],
      about: `Catalogs have about 120 resources; a first catalog counts the writing of the tree. Of a check, reading, merging and starting sandboxes count too; no catalog of base is kept there.`,
    };
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function firstOf(open: () => Promise<OpenTree>, nodes: readonly NodeFacts[]): Promise<void> {
  const tree = await open();
  await compile(tree, nodes, 1);
  await tree.close();
}

async function timed(what: string, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  const milliseconds = performance.now() - started;
  process.stderr.write(`${what}: ${seconds(milliseconds)}\n`);
  return milliseconds;
}
