import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Log } from "./engine/gate-ports.ts";
import type { PuppetEdge } from "./engine/ports.ts";
import { Problem } from "./problem.ts";

const packageSchema = z.object({ version: z.string() });

/**
 * The versions of this gate and of what it checks with, in one text: a check that was kept outlives no upgrade. Where the programs can't be
 * asked, that is its text, and what was checked with them before is no answer either.
 */
export async function editionOf(puppet: Pick<PuppetEdge, "versions"> | null, log: Log): Promise<string> {
  const gate = packageSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"))).version;
  return JSON.stringify({ gate, programs: puppet === null ? null : await programsOf(puppet, log) });
}

async function programsOf(puppet: Pick<PuppetEdge, "versions">, log: Log): Promise<object> {
  try {
    return await puppet.versions();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.error({ err: error }, "nothing can be checked: install what is missing and start again");
    return { missing: error.code };
  }
}
