import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createCompileCache } from "../../src/cache/cache.ts";
import { folderShelf } from "../../src/cache/folder.ts";
import { givenKey, type KeySource } from "../../src/cache/key-file.ts";
import type { CacheShelf, CompileCache } from "../../src/engine/ports/cache.ts";

/** A temporary folder that goes with the test. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "puppet-gate-test-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Files below a folder; none where it is not there. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));

export const key = Buffer.alloc(32, 7);

/** A cache with what it told of. */
export function opened(
  shelf: CacheShelf,
  from: KeySource = givenKey(key),
): { cache: CompileCache; troubles: unknown[]; broken: () => number } {
  const troubles: unknown[] = [];
  let broken = 0;
  const cache = createCompileCache({ shelf, key: from, onTrouble: (error) => troubles.push(error), onBroken: () => (broken += 1) });
  return { cache, troubles, broken: () => broken };
}

export const inFolder = (folder: string, from?: KeySource): ReturnType<typeof opened> => opened(folderShelf(folder, 1e9), from);
