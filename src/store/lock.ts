import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Problem } from "../problem.ts";

/**
 * Takes the data directory for this process alone: two processes on one PGlite directory lose committed rows without a word.
 * The lock is the operating system's (an exclusive SQLite transaction holds it on the file `lock`), so that it ends with the process
 * however that ends, and no stale file has to be judged by the id of a process that may be another one by now.
 */
export function lockFolder(folder: string): { release(): void } {
  const file = join(folder, "lock");
  let lock: DatabaseSync;
  try {
    lock = new DatabaseSync(file, { timeout: 0 });
  } catch (cause) {
    throw new Problem(
      {
        code: "data-directory",
        text: `The lock file ${file} can't be opened.`,
        hint: "Give a data directory that this user may write to (PUPPET_GATE_DATA).",
      },
      { cause },
    );
  }
  try {
    lock.exec("pragma journal_mode = memory; begin exclusive");
  } catch (cause) {
    lock.close();
    throw new Problem(
      {
        code: "data-directory-locked",
        text: `The data directory ${folder} is in use by another puppet-gate process.`,
        hint: "Stop that process, or give this one a directory of its own (PUPPET_GATE_DATA).",
      },
      { cause },
    );
  }
  return { release: () => lock.close() };
}
