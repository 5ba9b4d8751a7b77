import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a program may have written, all together. */
export interface DiskLimit {
  /** Absolute. All below it counts, also what was there before. */
  folder: string;
  bytes: number;
}

/** Smallest piece of a disk that a file takes, so that a million empty files are no nothing. */
const block = 4096;
/** Milliseconds between two looks. What a disk writes in that time gets through. */
const between = 200;

/** Bytes of everything below a folder; links are counted and never followed. Ends early once it is more than `most`. */
export async function bytesBelow(folder: string, most = Infinity): Promise<number> {
  let bytes = 0;
  const left = [folder];
  for (let next = left.pop(); next !== undefined && bytes <= most; next = left.pop()) {
    for (const child of await unlessGone(readdir(next, { withFileTypes: true }), [])) {
      const path = join(next, child.name);
      if (child.isDirectory()) left.push(path);
      const size = child.isFile() ? (await unlessGone(lstat(path), { size: 0 })).size : 0;
      bytes += Math.max(Math.ceil(size / block), 1) * block;
    }
  }
  return bytes;
}

/** Programs move and remove files while they are counted. */
async function unlessGone<T, G>(looked: Promise<T>, gone: G): Promise<T | G> {
  try {
    return await looked;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return gone;
    throw error;
  }
}

/** Looks at a folder until it is told to end, and calls `onStrike` once there is too much in it. `end` gives whether that was so. */
export function watchDisk({ folder, bytes }: DiskLimit, onStrike: () => void): { end: () => Promise<boolean> } {
  const stop = new AbortController();
  let struck = false;
  const watching = (async () => {
    while (!stop.signal.aborted && !struck) {
      struck = (await bytesBelow(folder, bytes)) > bytes;
      if (struck) onStrike();
      else await pause(stop.signal);
    }
    // What was written after the last look, or by a program that ended before the first one.
    return struck || (await bytesBelow(folder, bytes)) > bytes;
  })();
  return {
    end: () => {
      stop.abort();
      return watching;
    },
  };
}

const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, between);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
