import { randomUUID } from "node:crypto";
import { access, mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { git, requireObjectId } from "./git.ts";
import { folderNotEmpty, problem } from "./problems.ts";
import type { Scratch } from "./scratch.ts";

/**
 * Writes a tree's blobs out as they are, byte for byte, links as links. Not by `git archive`, which heeds the tree's own .gitattributes:
 * `export-ignore` would leave files out of what is checked and `export-subst` would write others. The scratch repository's attributes
 * switch off every conversion (line ends, `$Id$`, encodings, filters), so that what is compiled is what `read` gives.
 *
 * Files can be read by everybody whatever this process's umask, because the sandbox runs as another user; who may enter the folder
 * itself is the caller's to say. Git refuses paths like `..` and `.git` (case and file-system variants included) and never writes through a link.
 *
 * Where an earlier tree was written with the same index, git first looks at every file whether it is still as it was written: by its inode, size and times, and
 * where those are others, by its content (a sandbox's files were given to its group, which changes a time). Then it takes away and writes what differs. What
 * nobody wrote with that index stays.
 */
export async function exportTree(scratch: Scratch, tree: string, folder: string, index: string | null = null): Promise<void> {
  const target = resolve(folder);
  await mkdir(target, { recursive: true });
  const isWritten = index !== null && (await isThere(index));
  if (!isWritten && (await readdir(target)).length > 0) throw problem(folderNotEmpty(target));
  const file = index ?? join(scratch.folder, `index-${requireObjectId(tree)}-${randomUUID()}`);
  const place = { ...scratch, cwd: target, env: { ...scratch.env, GIT_INDEX_FILE: file, GIT_WORK_TREE: target } };
  if (isWritten) await git(place, ["update-index", "-q", "--refresh"], { seconds: 600 });
  const [become, again] = isWritten ? [["--reset", "-u"], ["--force"]] : [[], []];
  await git(place, ["read-tree", ...become, "--end-of-options", requireObjectId(tree)], { through: READABLE, seconds: 600 });
  const remember = index === null ? [] : ["--index"];
  await git(place, ["checkout-index", "--all", "--quiet", ...again, ...remember], { through: READABLE, seconds: 600 });
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Arguments follow as the shell's own, so that none is ever read by it. */
const READABLE = ["/bin/sh", "-c", 'umask 022 && exec git "$@"', "git"];
