import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { clearLeftovers } from "./leftovers.ts";
import { ownMark } from "./marks.ts";
import { reap } from "./reaper.ts";

let cleared: Promise<unknown> | undefined;

/** Makes an empty folder for this process alone. It goes by `remove`, or else with this process, killed or not. */
export async function temporaryFolder(name = "work"): Promise<{ path: string; remove: () => Promise<void> }> {
  // Once a process, before it adds anything: what others left that were killed with all that would have tidied up after them.
  await (cleared ??= clearLeftovers());
  const prefix = join(tmpdir(), `puppet-gate-${name}-${ownMark}-`);
  reap(prefix);
  const path = await mkdtemp(prefix);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
