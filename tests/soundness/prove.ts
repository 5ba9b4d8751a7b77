import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { check } from "../../src/engine/check.ts";
import { memoryCache } from "../../src/engine/memory-cache.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import { openRepository } from "../../src/git/repository.ts";
import { Problem } from "../../src/problem.ts";
import { temporaryFolder } from "../../src/process/temporary.ts";
import { createPuppet } from "../../src/puppet/puppet.ts";
import type { Tally } from "./tally.ts";

/** Changes of one repository: what to call them, and their commits. */
export interface Changes {
  repository: string;
  list: ReadonlyArray<{ name: string; base: string; head: string }>;
}

export interface Asked {
  facts: string | null;
  enc: string | null;
  standIns: string | null;
  config: string | null;
  modulepath: readonly string[] | null;
  nodes: readonly string[];
}

interface Proof {
  changes: Changes;
  asked: Asked;
  tally: Tally;
  say: (line: string) => void;
  json: boolean;
}

/** Checks every change with a sample of everything, one after the other, so that what base keeps of one serves the next. */
export async function prove({ changes, asked, tally, say, json }: Proof): Promise<void> {
  const repository = await openRepository(changes.repository);
  const policy = asked.config === null ? null : { path: asked.config, text: await readFile(asked.config, "utf8") };
  const puppet = createPuppet({ secretKey: randomBytes(32) });
  const ports = {
    repository,
    inventory,
    puppet,
    cache: memoryCache(2 ** 30),
    makeFolder: () => temporaryFolder(),
    now: () => performance.now(),
    today: () => new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    name: changes.repository,
  };
  try {
    for (const { name, base, head } of changes.list) {
      const started = performance.now();
      try {
        const report = await check({ ...asked, base, head, policy, sample: 100 }, ports);
        tally.add(report);
        const { plan } = report.coverage ?? {};
        const seconds = (performance.now() - started) / 1000;
        const different = report.nodes
          .filter(({ outcome }) => outcome !== "unchanged" && outcome !== "pre-existing")
          .map(({ certname }) => certname);
        if (json)
          say(
            JSON.stringify({
              name,
              base,
              head,
              plan,
              different,
              seconds,
              reached: report.nodes.map(({ certname, reached }) => [certname, reached]),
            }),
          );
        else
          say(
            `${plan === undefined || plan.missed.length === 0 ? "ok    " : "MISSED"} ${name}: ${plan?.reached ?? 0} of ${report.nodes.length} compiled, ` +
              `${different.length} differ${plan === undefined || plan.missed.length === 0 ? "" : `; missed: ${plan.missed.join(", ")}`} (${seconds.toFixed(1)} s)`,
          );
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        tally.failed += 1;
        say(`failed ${name}: ${error.text}`);
      }
    }
  } finally {
    await puppet.close();
    await repository.close();
  }
}
