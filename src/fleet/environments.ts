import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { type Known, known, unknown } from "../policy/known.ts";
import { run } from "../process/run.ts";
import { endedBadly } from "./ended-badly.ts";
import { reasonOf } from "./folder.ts";
import type { Compiler } from "./site-schema.ts";

const seconds = 50;
const largest = 1024 * 1024;

/** What Puppet takes for an environment: whatever else lies there it does not serve. */
const isEnvironment = (name: string): boolean => /^\w+$/u.test(name);

/** The environments that a compiler has, sorted. Unknown where it does not answer; null where nobody said how to ask it. */
export async function environmentsOn({ environments, variables }: Compiler): Promise<Known<readonly string[]> | null> {
  if (environments === undefined) return null;
  if (environments.kind === "folder") return listed(environments.folder);
  const [file = "", ...args] = environments.command;
  const result = await run({ file, args, env: variables, cwd: "/", seconds, outputBytes: largest });
  const failed = endedBadly(basename(file), result, seconds);
  if (failed !== null) return unknown(failed);
  const names = result.stdout
    .toString()
    .split("\n")
    .map((line) => line.trim().replace(/\/$/u, ""));
  return known(names.filter(isEnvironment).sort());
}

async function listed(folder: string): Promise<Known<readonly string[]>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    // A link may be one to a folder: that is an environment, too.
    const names = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
    return known(names.filter(isEnvironment).sort());
  } catch (error) {
    return unknown(`${folder} can't be read: ${reasonOf(error)}`);
  }
}
