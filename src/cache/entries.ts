import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, isGone } from "./files.ts";

/** A file of a shelf. */
export interface Entry {
  path: string;
  name: string;
  size: number;
  /** When it was put, or of use last. */
  mtimeMs: number;
}

/** What a folder's names are like that are ours. Nothing else is ever counted, or removed, whatever else comes to lie there. */
const own = /^[0-9a-f]{24}(?:[0-9a-f]{40})?$/u;

export const newestFirst = (one: Entry, other: Entry): number => other.mtimeMs - one.mtimeMs || (one.name < other.name ? -1 : 1);

/** Names in a folder; none where it is not there. */
export async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Entries of a folder, newest first. */
export async function listEntries(folder: string): Promise<Entry[]> {
  const names = (await listNames(folder)).filter((name) => own.test(name));
  const found = await Promise.all(names.map((name) => look(folder, name)));
  return found.filter((entry) => entry !== null).sort(newestFirst);
}

/** Entries of a folder's folders. */
export async function listBelow(folder: string): Promise<Entry[]> {
  const all: Entry[] = [];
  for (const name of await listNames(folder)) all.push(...(await listEntries(join(folder, name))));
  return all;
}

/** Removes entries, given newest first, but for those that fit into so many bytes. */
export async function keepWithin(entries: readonly Entry[], bytes: number): Promise<void> {
  let kept = 0;
  for (const { path, size } of entries) {
    if (kept + size <= bytes) kept += size;
    else await rm(path, { force: true });
  }
}

async function look(folder: string, name: string): Promise<Entry | null> {
  const path = join(folder, name);
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, name, size, mtimeMs };
  } catch (error) {
    // Another process removed it meanwhile.
    if (isGone(error) || codeOf(error) === "ENOTDIR") return null;
    throw error;
  }
}
