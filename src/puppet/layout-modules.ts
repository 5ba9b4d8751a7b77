import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

import type { EnvironmentLayout } from "../engine/ports/environment.ts";
import type { TreePaths } from "./tree-paths.ts";

type DiskEntry = Extract<EnvironmentLayout["modulepath"][number], { in: "disk" }>;

/** What Puppet takes for a module by its folder's name (`Puppet::Module.is_module_directory_name?`). */
const moduleName = /^[a-z][a-z0-9_]*$/;

/**
 * The modules in a module folder of a clone's work tree that git does not know: a Puppetfile resolved into it, and usually ignored.
 * Only names of folders are read, those that were
 * provided from elsewhere left out, and links are no folders, neither on the way nor there. Nothing, or one entry.
 */
export async function modulesBeside(worktree: string, path: string, known: TreePaths, provided: ReadonlySet<string>): Promise<DiskEntry[]> {
  const segments = path === "." ? [] : path.split("/");
  for (let at = 1; at <= segments.length; at++) {
    if (!(await isFolder(join(worktree, ...segments.slice(0, at))))) return [];
  }
  const folder = join(worktree, ...segments);
  const only: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isModule = entry.isDirectory() && moduleName.test(entry.name) && !provided.has(entry.name);
    if (isModule && !known.has(path === "." ? entry.name : `${path}/${entry.name}`)) only.push(entry.name);
  }
  return only.length === 0 ? [] : [{ in: "disk", folder, only: only.toSorted() }];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
