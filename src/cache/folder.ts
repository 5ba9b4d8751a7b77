import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { CacheCounts, CacheShelf, ShelfPlace } from "../engine/ports/cache.ts";
import { Problem } from "../problem.ts";
import { codeOf, isGone, isOlder, makeFolder, readIfThere, removeIfEmpty, settle, writeNew } from "./files.ts";
import { keepWithin, listBelow, listEntries, listNames, newestFirst, type Entry } from "./entries.ts";

/** A shelf in a folder, which remembers how the last run went. */
export interface FolderShelf extends CacheShelf {
  lastRun(): Promise<LastRun | null>;
  /** For people alone: what can't be kept of it is not missed. */
  noteRun(counts: CacheCounts): Promise<void>;
}

const count = z.int().nonnegative();
const lastRunSchema = z.object({ at: z.iso.datetime(), hits: count, misses: count, broken: count, written: count, refused: count });
export type LastRun = z.infer<typeof lastRunSchema>;

/** By https://bford.info/cachedir/: programs that make backups leave out what lies beside it. */
const tag = "Signature: 8a477f597d28d172789f06886806bc55\n# What puppet-gate keeps of compiles. `puppet-gate cache clear` removes it.\n";
const names = {
  tag: "CACHEDIR.TAG",
  compiles: "compiles",
  records: "records",
  marks: "marks",
  unfinished: "unfinished",
  run: "last-run.json",
};
/** Part of the names below which entries lie: each part is kept within its share of the limit by itself, so that making room looks at little. */
const parts = 64;
/** Of the limit: records are few and small. */
const share = { compiles: 3 / 4 / parts, records: 1 / 4 };
/** Of each scope. */
const mostRecords = 20;
/** Seconds after which what is still unfinished never will be: a write takes some milliseconds. */
const forgotten = 600;
/** Seconds for which an entry counts as used just now, so that reading it does not write each time. */
const fresh = 3_600;

/**
 * A shelf in a folder. An entry is written under a name of its own and renamed, so that it is there whole or not at all for every other
 * process; a power cut may leave part of one, which its seal tells. Marks alone are waited for until they are on the disk.
 * Made when it is first written to. Throws a Problem then for a folder that holds anything else.
 */
export function folderShelf(folder: string, limit: number): FolderShelf {
  const at = (...path: string[]): string => join(folder, ...path);
  const fileOf = (place: ShelfPlace): string => {
    if (place.kind === "mark") return at(names.marks, place.name);
    if (place.kind === "record") return at(names.records, place.scope, place.name);
    return at(names.compiles, partOf(place.name), place.name);
  };
  /** Parts of which something was put since room was made. */
  let touched = new Set<string>();
  let isOurs = false;

  const begin = async (): Promise<void> => {
    if (isOurs) return;
    await makeFolder(at(names.unfinished));
    if (!(await isCache())) {
      if ((await readdir(folder)).some((name) => !Object.values(names).includes(name))) throw notOurs(folder);
      await write(at(names.tag), tag);
    }
    isOurs = true;
  };

  const isCache = async (): Promise<boolean> => (await readIfThere(at(names.tag)))?.toString() === tag;

  const write = async (file: string, content: Buffer | string, { durable = false } = {}): Promise<void> => {
    const unfinished = at(names.unfinished, randomBytes(12).toString("hex"));
    try {
      await writeNew(unfinished, content, durable);
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  };

  const put = async (place: ShelfPlace, sealed: Buffer): Promise<void> => {
    await begin();
    const file = fileOf(place);
    const durable = place.kind === "mark";
    try {
      await write(file, sealed, { durable });
    } catch (error) {
      if (!isGone(error)) throw error;
      // Its folder is not there yet, or was cleared away at this moment.
      isOurs = false;
      await begin();
      await makeFolder(dirname(file));
      await write(file, sealed, { durable });
    }
    if (durable) await settle(dirname(file));
    if (place.kind === "compile") touched.add(partOf(place.name));
  };

  return {
    limit,
    get: (place) => readIfThere(fileOf(place)),
    put,
    use: async (place) => {
      try {
        const file = fileOf(place);
        if (place.kind === "compile" && !isOlder(await stat(file), fresh)) return;
        const now = new Date();
        await utimes(file, now, now);
      } catch (error) {
        // Collected meanwhile, or to be read only: it was of use all the same.
        if (!isGone(error) && !["EACCES", "EPERM", "EROFS"].includes(String(codeOf(error)))) throw error;
      }
    },
    records: async (scope) => (await listEntries(at(names.records, scope))).map(({ name }) => name).slice(0, mostRecords),
    marks: async () => (await listEntries(at(names.marks))).map(({ name }) => name).sort(),
    collect: async () => {
      const dirty = [...touched];
      touched = new Set();
      for (const part of dirty) await keepWithin(await listEntries(at(names.compiles, part)), limit * share.compiles);
      await collectRecords();
      for (const { path, mtimeMs } of await listEntries(at(names.unfinished)))
        if (isOlder({ mtimeMs }, forgotten)) await rm(path, { force: true });
    },
    size: async () => {
      const found = [...(await listBelow(at(names.compiles))), ...(await listBelow(at(names.records)))];
      const bytes = found.reduce((sum, { size }) => sum + size, 0);
      return { entries: found.length, bytes, marks: (await listEntries(at(names.marks))).length };
    },
    clear: async () => {
      if (!(await isCache())) {
        if ((await listNames(folder)).length > 0) throw notOurs(folder);
        return;
      }
      // The tag stays: a process may be writing, and what it puts meanwhile is to be known for ours.
      for (const name of Object.values(names).filter((each) => each !== names.tag))
        await rm(at(name), { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    },
    lastRun: async () => {
      const text = await readIfThere(at(names.run));
      return text === null ? null : (lastRunSchema.safeParse(parseJson(text)).data ?? null);
    },
    noteRun: async (counts) => {
      if (await isCache()) await write(at(names.run), `${JSON.stringify({ at: new Date().toISOString(), ...counts })}\n`);
    },
  };

  async function collectRecords(): Promise<void> {
    const kept: Entry[] = [];
    for (const scope of await listNames(at(names.records))) {
      const entries = await listEntries(at(names.records, scope));
      kept.push(...entries.slice(0, mostRecords));
      for (const { path } of entries.slice(mostRecords)) await rm(path, { force: true });
      if (entries.length === 0) await removeIfEmpty(at(names.records, scope));
    }
    await keepWithin(kept.sort(newestFirst), limit * share.records);
  }
}

const partOf = (name: string): string => (Number.parseInt(name.slice(0, 2), 16) % parts).toString(16).padStart(2, "0");

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString()) as unknown;
  } catch {
    return undefined; // which its schema refuses
  }
}

const notOurs = (folder: string): Problem =>
  new Problem({
    code: "cache-folder",
    text: `${folder} holds something else than what puppet-gate keeps of compiles.`,
    hint: "Give a folder that is empty, or is not there yet (--cache).",
  });
