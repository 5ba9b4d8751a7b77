import { readFile, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

import { Problem, type ProblemText } from "../problem.ts";
import { noFacts, tooManyFiles, unreadableFile, unreadableFolder } from "./problems.ts";
import { compare } from "./snapshot.ts";

/** Enough for the largest fleets, and an end for `--facts /`. */
const MOST_FILES = 100_000;
const DEEPEST = 8;
/** Files that are read side by side: one after the other, most of the time goes into waiting for each. Each may be of the largest size there is. */
const AT_ONCE = 8;

/** By its name: hidden files and other endings are passed over. A name that is not UTF-8 comes quoted, and is a fact file all the same. */
export const isFactFile = (path: string): boolean => /(?:^|\/)"?[^./][^/]*\.(?:ya?ml|json)"?$/iu.test(path);

/** A file of the folder, or why it can't be read. */
export type FileInFolder = { path: string } & ({ ok: true; content: Buffer } | { ok: false; problem: ProblemText });

/**
 * Reads the fact files below a person's own folder, in order of their paths. Links are followed, as that person's own commands would;
 * names that begin with a dot and other endings are passed over.
 */
export const readFactFiles = (folder: string): AsyncGenerator<FileInFolder> => eachFactFile(folder, readFactFileOf);

/** What `read` makes of each of them, in order of their paths. */
export async function* eachFactFile<T>(folder: string, read: (path: string) => Promise<T>): AsyncGenerator<T> {
  const paths = await listFactFiles(folder);
  if (paths.length === 0) throw new Problem(noFacts(folder));
  for (let at = 0; at < paths.length; at += AT_ONCE) yield* await Promise.all(paths.slice(at, at + AT_ONCE).map(read));
}

/** One of them, as it is now. */
export async function readFactFileOf(path: string): Promise<FileInFolder> {
  try {
    // A pipe or a device would be read for ever.
    if (!(await stat(path)).isFile()) return { path, ok: false, problem: unreadableFile(path, "it is no regular file") };
    return { path, ok: true, content: await readFile(path) };
  } catch (error) {
    return { path, ok: false, problem: unreadableFile(path, reasonOf(error)) };
  }
}

async function listFactFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  // A link back up would be walked for ever: every real folder is entered once.
  const entered = new Set<string>();
  const walk = async (path: string, depth: number): Promise<void> => {
    const real = await realpath(path);
    if (entered.has(real)) return;
    entered.add(real);
    const names = (await readdir(path)).filter((name) => !name.startsWith(".")).sort(compare);
    for (const name of names) {
      const inner = join(path, name);
      if (isFactFile(name)) found.push(inner);
      else if (depth < DEEPEST && (await isFolder(inner))) await walk(inner, depth + 1);
      if (found.length > MOST_FILES) throw new Problem(tooManyFiles(folder, MOST_FILES));
    }
  };
  try {
    await walk(folder, 0);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(unreadableFolder(folder, reasonOf(error)), { cause: error });
  }
  return found;
}

/** A link that leads nowhere is no folder; what else can't be looked at is an error. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "it is no folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "its links lead in a circle",
};

export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? message;
}
