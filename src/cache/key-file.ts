import { randomBytes } from "node:crypto";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Problem } from "../problem.ts";
import { isGone, isOlder, makeFolder, writeNew } from "./files.ts";

/** Where the key comes from that entries are sealed under. */
export interface KeySource {
  /** Null where there is none yet. */
  read(): Promise<Uint8Array | null>;
  make(): Promise<Uint8Array>;
}

export const givenKey = (key: Uint8Array): KeySource => ({ read: async () => key, make: async () => key });

/**
 * A random key in a file that this user alone can read. It is made when the first entry is written. Whoever loses it, or puts another in
 * its place, loses what is kept and nothing else.
 */
export function keyFile(path: string): KeySource {
  const read = async (): Promise<Uint8Array | null> => {
    let text: string;
    try {
      await using file = await open(path, "r");
      const { uid, mode } = await file.stat();
      if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw readable(path);
      text = await file.readFile("utf8");
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
    // What is no key, as after a power cut, is replaced by the next that is made.
    return /^[0-9a-f]{64}\n$/u.test(text) ? Buffer.from(text, "hex") : null;
  };
  return {
    read,
    make: async () => {
      await makeFolder(dirname(path));
      await removeUnfinished(path);
      const key = randomBytes(32);
      const unfinished = `${path}.${randomBytes(6).toString("hex")}`;
      await writeNew(unfinished, `${key.toString("hex")}\n`, true);
      await rename(unfinished, path);
      // Of two processes that make one at the same time, the later one's stays.
      return (await read()) ?? key;
    },
  };
}

async function removeUnfinished(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    const other = join(dirname(path), name);
    if (name.startsWith(`${basename(path)}.`) && isOlder(await stat(other), 600)) await rm(other, { force: true });
  }
}

const readable = (path: string): Problem =>
  new Problem({
    code: "cache-key",
    text: `The key of kept compiles, ${path}, is not this user's alone.`,
    hint: "Remove it, and another is made; or take the others' rights away (chmod 600).",
  });
