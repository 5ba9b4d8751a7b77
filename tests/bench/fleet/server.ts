import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openFolderCache } from "../../../src/cache/folder-cache.ts";
import { keyFile } from "../../../src/cache/key-file.ts";
import { check, type CheckPorts } from "../../../src/engine/check.ts";
import { keepTrees } from "../../../src/engine/kept-trees.ts";
import { rememberingInventory } from "../../../src/fleet/remembering.ts";
import { openRepository } from "../../../src/git/repository.ts";
import type { Report } from "../../../src/gate/report.ts";
import { defaultPolicy } from "../../../src/policy/schema.ts";
import { familyOf } from "../../../src/process/resident.ts";
import { createPuppet } from "../../../src/puppet/puppet.ts";
import { readReport } from "./cold.ts";
import type { Head, World } from "./world.ts";

const { limits } = defaultPolicy.compile;
/** As `serve` has them unless it is told otherwise. */
const warm = { spares: 2, bases: 2, minutes: 30 };

/** Checks in one process that goes on, with what `serve` keeps between two of them. */
export interface WarmServer {
  check: (head: Head) => Promise<{ milliseconds: number; report: Report }>;
  /** CPU milliseconds of a worker that has Puppet loaded, from a head's tree to the last catalog of its first `count` changed nodes, traced: of the first, and of all. */
  cpuOf: (head: Head, count: number) => Promise<{ first: number; all: number }>;
  close: () => Promise<void>;
}

export async function openServer(world: World, cache: string): Promise<WarmServer> {
  const repository = await openRepository(world.repo);
  const inventory = rememberingInventory(32 * 2 ** 20);
  const puppet = createPuppet({ secretKey: randomBytes(32), spares: warm.spares });
  const trees = keepTrees({ most: warm.bases, idleSeconds: warm.minutes * 60, freeMemory: () => process.availableMemory() });
  const compiles = openFolderCache({
    folder: join(world.folder, cache),
    limit: 2 ** 31,
    key: keyFile(join(world.folder, "home", ".local", "state", "puppet-gate", "compiles.key")),
    onTrouble: (error) => {
      throw error;
    },
    onBroken: () => {},
  });
  const ports: CheckPorts = {
    repository,
    inventory,
    puppet,
    cache: compiles,
    now: () => performance.now(),
    today: () => new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    name: world.repo,
    keep: { trees, branch: "production" },
  };
  return {
    check: async (head) => {
      const start = performance.now();
      const report = await check({ base: "production", head, facts: world.facts, nodes: [], modulepath: null, policy: null }, ports);
      const milliseconds = performance.now() - start;
      return { milliseconds, report: readReport(report, world, head) };
    },
    cpuOf: async (head, count) => {
      const tree = await repository.treeOf(await repository.resolve(head));
      const entries = await repository.list(tree);
      const files = { paths: entries.map(({ path }) => path), read: (path: string) => repository.read(tree, path) };
      const layout = await puppet.findLayout(files, { environment: "production", modulepath: null, manifest: null, worktree: null });
      const { nodes } = await inventory.readFolder(world.facts);
      const changed = new Set(world.changedBy(head).map(({ certname }) => certname));
      const wanted = nodes.filter(({ certname }) => changed.has(certname)).slice(0, count);
      // What the server itself keeps ready is not of these compiles, and may still be starting.
      const others = new Set(familyOf(process.pid));
      const alone = createPuppet({ secretKey: randomBytes(32), spares: 0 });
      alone.expect(1, limits);
      const open = await alone.open({ write: (to) => repository.export(tree, to), layout, limits });
      try {
        const before = rubyMilliseconds(others);
        let first = 0;
        await open.compile(
          wanted,
          (outcome) => {
            if (!outcome.ok) throw new Error(`${outcome.certname} does not compile`);
            if (first === 0) first = rubyMilliseconds(others) - before;
          },
          { workers: 1, trace: true },
        );
        return { first, all: rubyMilliseconds(others) - before };
      } finally {
        await open.close();
        await alone.close();
      }
    },
    close: async () => {
      await trees.close();
      await puppet.close();
      await compiles.close();
      await repository.close();
    },
  };
}

/** CPU time so far of all Ruby below this process but for some; ticks are hundredths of a second on Linux. */
function rubyMilliseconds(others: ReadonlySet<number>): number {
  let ticks = 0;
  for (const pid of familyOf(process.pid)) {
    if (others.has(pid)) continue;
    try {
      const [head = "", rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
      const fields = rest.split(" ");
      if (head.endsWith("(ruby")) ticks += Number(fields[11]) + Number(fields[12]);
    } catch (error) {
      if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return ticks * 10;
}
