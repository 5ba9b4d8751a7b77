import { accessSync, constants, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Problem } from "../problem.ts";

/**
 * Makes the data directory, for this user's eyes alone unless told otherwise, where there is none. Throws a Problem where it can't be made or written to.
 *
 * Node's own `recursive` never ends where a folder that is there answers ENOENT for one in it, as /proc does: it makes the parent, which is
 * there, and tries again. Here each folder is tried once, and once more when its parents are there.
 */
export function makeDataFolder(folder: string, mode = 0o700): void {
  try {
    makeWithParents(folder, mode);
    // With the point it has to be a folder.
    accessSync(`${folder}/.`, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Problem(
      {
        code: "data-directory",
        text: `The data directory ${folder} can't be made or written to: ${cause instanceof Error ? cause.message : String(cause)}.`,
        hint: "Give one that this user may write to (PUPPET_GATE_DATA).",
      },
      { cause },
    );
  }
}

function makeWithParents(folder: string, mode: number): void {
  if (tryToMake(folder, mode)) return;
  makeWithParents(dirname(folder), mode);
  if (!tryToMake(folder, mode)) mkdirSync(folder, { mode });
}

/** Whether it is there now; false where its parent is not. The root has none, and is always there. */
function tryToMake(folder: string, mode: number): boolean {
  try {
    mkdirSync(folder, { mode });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return true;
    if (code === "ENOENT") return false;
    throw error;
  }
}
