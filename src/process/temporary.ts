import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ownMark, reap } from "./reaper.ts";

/** Makes an empty folder for this process alone. It goes by `remove`, or else with this process, killed or not. */
export async function temporaryFolder(name = "work"): Promise<{ path: string; remove: () => Promise<void> }> {
  const prefix = join(tmpdir(), `puppet-gate-${name}-${ownMark}-`);
  reap(prefix);
  const path = await mkdtemp(prefix);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
