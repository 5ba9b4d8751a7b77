import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { check, type CheckOptions } from "../engine/check.ts";
import { memoryCache } from "../engine/memory-cache.ts";
import { inventory } from "../fleet/inventory.ts";
import type { Report } from "../gate/report.ts";
import { openRepository } from "../git/repository.ts";
import { createPuppet } from "../puppet/puppet.ts";
import { startEvaluator } from "../wiring/expectations.ts";

/** The product's own check over one repository, with everything real. Base is compiled once and then remembered. */
export interface Checker {
  check(branch: string, options: CheckOptions): Promise<Report>;
  close(): Promise<void>;
}

/** What the compile of a node of the sample takes, with room to spare. */
const bytesOfNode = 4 * 2 ** 20;

/** `nodes` is the size of the fleet, and so of the memory. */
export async function openChecker(repo: string, base: string, nodes: number): Promise<Checker> {
  const repository = await openRepository(repo);
  const puppet = createPuppet({ secretKey: randomBytes(32) });
  const ports = {
    repository,
    inventory,
    puppet,
    startEvaluator,
    cache: memoryCache(bytesOfNode * nodes),
    name: repo,
    now: () => performance.now(),
    today: () => new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
  };
  return {
    check: async (branch, options) => check({ base, head: branch, facts: null, nodes: [], modulepath: null, policy: null }, ports, options),
    close: async () => {
      await puppet.close();
      await repository.close();
    },
  };
}
