import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { temporaryFolder } from "../process/temporary.ts";
import { THROWN_AWAY, gitEnvironment } from "./environment.ts";
import type { Place } from "./git.ts";
import type { Source } from "./source.ts";

/** A bare repository of our own in a temporary folder, which borrows the source's objects and keeps whatever is new to itself. */
export interface Scratch extends Place {
  folder: string;
  gitDir: string;
  objects: string;
}

/**
 * Makes it by hand, without a process: a repository is a HEAD, a configuration, and two folders. Its configuration is the whole of what
 * git reads; nothing of the source's (filters, drivers, aliases, remotes) reaches it. It knows no refs: it is asked by object id. All that
 * the source ever sees of it: git sets the time stamp of an object anew that it would have written and finds there already.
 */
export async function makeScratch(source: Source): Promise<Scratch> {
  const { path: folder } = await temporaryFolder("git");
  const gitDir = join(folder, "scratch.git");
  const objects = join(gitDir, "objects");
  await makeRepository(gitDir, source.objectFormat);
  await writeFile(join(gitDir, "info", "attributes"), ATTRIBUTES);
  await writeFile(join(objects, "info", "alternates"), `${quoteAlternate(source.objects)}\n`);
  // Where a shallow history ends: without it, git would look for the parents that are not there.
  if (source.shallow) await copyFile(join(source.commonDir, "shallow"), join(gitDir, "shallow"));
  return {
    folder,
    gitDir,
    objects,
    cwd: folder,
    env: { ...gitEnvironment({ settings: THROWN_AWAY }), GIT_DIR: gitDir },
    partial: source.partial,
  };
}

/** An empty bare repository. */
export async function makeRepository(gitDir: string, objectFormat: string): Promise<void> {
  await mkdir(join(gitDir, "objects", "info"), { recursive: true });
  await mkdir(join(gitDir, "refs"), { recursive: true });
  await mkdir(join(gitDir, "info"), { recursive: true });
  await writeFile(join(gitDir, "HEAD"), "ref: refs/heads/none\n");
  const extension = objectFormat === "sha1" ? "" : `[extensions]\n\tobjectFormat = ${objectFormat}\n`;
  await writeFile(join(gitDir, "config"), `[core]\n\trepositoryFormatVersion = ${extension === "" ? 0 : 1}\n\tbare = true\n${extension}`);
}

export const removeScratch = (scratch: Scratch): Promise<void> => rm(scratch.folder, { recursive: true, force: true });

/**
 * These win over every .gitattributes of a tree: the change's author must not choose that a manifest counts as binary (and has no changed
 * lines), how it is merged, or that other bytes are written out than those of the blob.
 */
const ATTRIBUTES = "* !diff !merge -text !eol -ident !filter !working-tree-encoding\n";

// Quoted as in C, because a bare line could be taken for a comment or end in the middle of a path.
const quoteAlternate = (path: string): string => `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
