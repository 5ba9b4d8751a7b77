import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { type Known, known, unknown } from "../policy/known.ts";
import { Problem } from "../problem.ts";
import { isCertname } from "./certname.ts";
import { reasonOf } from "./folder.ts";

/** Nodes that get a lane's environment. */
interface InLane {
  lane: { environment: string };
  certnames: readonly string[];
}

/**
 * What `scripts/enc.sh` reads: JSON of certnames and environments, an entry a line, sorted. `lanes` are in their order; the nodes of the last are not
 * in it, so that they get the environment that they ask for. Unknown where a name could be taken for another, or a node would be in two lanes.
 */
export function encFile(lanes: readonly InLane[]): Known<string> {
  const environments = new Map<string, string>();
  for (const { lane, certnames } of lanes.slice(0, -1)) {
    if (!/^\w+$/u.test(lane.environment)) return unknown(`${JSON.stringify(lane.environment)} is no environment's name`);
    for (const certname of certnames) {
      if (!isCertname(certname)) return unknown(`${JSON.stringify(certname)} is no certname`);
      if (environments.has(certname)) return unknown(`${certname} is in two lanes`);
      environments.set(certname, lane.environment);
    }
  }
  const entries = [...environments].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = entries.map(([certname, environment]) => `  ${JSON.stringify(certname)}: ${JSON.stringify(environment)}`);
  return known(lines.length === 0 ? "{}\n" : `{\n${lines.join(",\n")}\n}\n`);
}

/**
 * Puts such a text in its place, at once and whole, readable to everybody on this machine; leaves the file alone where it says the same. Throws a
 * Problem where it can't be written.
 */
export async function writeEncFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    if ((await textOf(path)) === text) return;
    const file = await open(unfinished, "wx", 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    const hint = "Name a file in a folder that exists and that this process may write to, as `lanes_file`.";
    throw new Problem({ code: "lanes-file", text: `${path} can't be written: ${reasonOf(cause)}.`, hint }, { cause });
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
