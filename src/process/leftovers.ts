import { lstat, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fateOf, markIn } from "./marks.ts";

/**
 * Takes away what processes of this product left in the temporary folder that were killed together with their reaper: only what is this
 * user's and bears the mark of a process that is known to live no more. Gives the names.
 */
export async function clearLeftovers(folder = tmpdir()): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await readdir(folder)) {
    const mark = markIn(name);
    if (mark === null || fateOf(mark) !== "dead") continue;
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => null); // its reaper may be at it
    if (stats === null || stats.uid !== process.getuid?.()) continue;
    // What resists, or is its reaper's at this moment, is the next start's.
    const isGone = await rm(path, { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (isGone) cleared.push(name);
  }
  return cleared;
}
