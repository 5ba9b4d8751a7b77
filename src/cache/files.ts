import { constants } from "node:fs";
import { mkdir, open, rmdir } from "node:fs/promises";
import { dirname } from "node:path";

export const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException | null)?.code;

export const isGone = (error: unknown): boolean => codeOf(error) === "ENOENT";

/** Makes a folder for this user's eyes alone, with its parents. Not by `recursive`, which never ends below /proc. */
export async function makeFolder(folder: string): Promise<void> {
  if (await tryToMake(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder, { mode: 0o700 }).catch(unlessThere);
}

/** Whether it is there now; false where its parent is not. */
async function tryToMake(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    unlessThere(error);
    return true;
  }
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

export const isOlder = ({ mtimeMs }: { mtimeMs: number }, seconds: number): boolean => Date.now() - mtimeMs > seconds * 1000;

/** A file's bytes, or null where there is none. What is no ordinary file is empty: a pipe would be waited for, without end. */
export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return (await file.stat()).isFile() ? await file.readFile() : Buffer.alloc(0);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Writes a file that is not there yet, for this user's eyes alone; `durable` waits for the disk. */
export async function writeNew(path: string, content: Buffer | string, durable: boolean): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(content);
  if (durable) await file.sync();
}

/** Waits until a folder's names are on the disk. */
export async function settle(folder: string): Promise<void> {
  await using file = await open(folder, "r");
  await file.sync();
}

export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isGone(error) && codeOf(error) !== "ENOTEMPTY") throw error;
  }
}
