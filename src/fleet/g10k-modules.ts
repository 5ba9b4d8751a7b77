import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { byName, type Module } from "./deploy-file.ts";

/**
 * The modules of an environment that g10k deployed, whose deploy file names none: the commit that it leaves in each module of git (`.latest_commit`), else the
 * version that a module says of itself. Only where the Puppetfile keeps to the folder `modules`.
 */
export async function g10kModules(folder: string): Promise<Module[]> {
  const modules: Module[] = [];
  for (const name of await namesIn(folder)) {
    const commit = await smallFile(join(folder, name, ".latest_commit"));
    const version = commit === null ? versionIn(await smallFile(join(folder, name, "metadata.json"))) : commit.trim();
    if (version !== null) modules.push({ name, version: version.slice(0, 100) });
  }
  return modules.sort(byName);
}

const mostModules = 10_000;
const largest = 256 * 1024;

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^\w+$/u.test(name)).slice(0, mostModules);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

/** Null where there is none, and for what can't be one. */
async function smallFile(path: string): Promise<string | null> {
  try {
    // oxlint-disable-next-line no-bitwise -- flags of open(2)
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stats = await file.stat();
      return stats.isFile() && stats.size <= largest ? await file.readFile("utf8") : null;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

/** `"version": "9.4.0"` of a module's metadata, which is a module author's text and need not be JSON. */
const versionIn = (metadata: string | null): string | null => /"version"\s*:\s*"([^"\\]{1,100})"/u.exec(metadata ?? "")?.[1] ?? null;
