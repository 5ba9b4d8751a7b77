import { open, readFile, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { Problem } from "../../problem.ts";
import { makeDataFolder } from "../data-folder.ts";

/** The file's content; null where there is none. Throws a Problem where it can't be read. */
export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw notReached(path, error);
  }
}

/** Writes a file whole or not at all, and on the disk when it resolves. `mode` is that of a new one. Throws a Problem. */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    makeDataFolder(dirname(path), 0o755);
    {
      await using file = await open(unfinished, "wx", mode);
      await file.writeFile(content);
      await file.sync();
    }
    await rename(unfinished, path);
    await using folder = await open(dirname(path), "r");
    await folder.sync();
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined); // what kept it from being written is what to tell
    throw notReached(path, error instanceof Problem ? error.cause : error);
  }
}

export const notReached = (path: string, cause: unknown): Problem =>
  new Problem(
    {
      code: "ledger-file",
      text: `${path} can't be read or written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: "Let this user read and write it, and look whether its disk is there and has room.",
    },
    { cause },
  );
