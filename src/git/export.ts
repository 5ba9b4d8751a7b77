import { randomUUID } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
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
 */
export async function exportTree(scratch: Scratch, tree: string, folder: string): Promise<void> {
  const target = resolve(folder);
  await mkdir(target, { recursive: true });
  if ((await readdir(target)).length > 0) throw problem(folderNotEmpty(target));
  const index = join(scratch.folder, `index-${requireObjectId(tree)}-${randomUUID()}`);
  const place = { ...scratch, env: { ...scratch.env, GIT_INDEX_FILE: index } };
  await git(place, ["read-tree", "--end-of-options", tree]);
  const inTarget = { ...place, cwd: target, env: { ...place.env, GIT_WORK_TREE: target } };
  await git(inTarget, ["checkout-index", "--all", "--quiet"], { through: READABLE, seconds: 600 });
}

/** Arguments follow as the shell's own, so that none is ever read by it. */
const READABLE = ["/bin/sh", "-c", 'umask 022 && exec git "$@"', "git"];
