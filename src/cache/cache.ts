import type { CacheCounts, CacheShelf, CompileCache, ShelfPlace } from "../engine/ports/cache.ts";
import type { KeySource } from "./key-file.ts";
import { packMark, unpackMark, unreadableMark } from "./marks.ts";
import { createSealers, packRecord, unpackRecord, type Sealer } from "./seal.ts";

export interface CacheOptions {
  shelf: CacheShelf;
  key: KeySource;
  /** Hears of a disk, a database or a key that fails: of the first read, and of the first write each time after one that did not. */
  onTrouble: (error: unknown) => void;
  /** Hears of the first entry that is there and is none of ours, or no longer whole. */
  onBroken: () => void;
}

/** Milliseconds before writing is tried again after it failed. */
const pause = 60_000;
/** Room is made each time so large a part of what may be kept was written. */
const collectEach = 1 / 32;

type Find = (sealer: Sealer) => ShelfPlace;

export function createCompileCache({ shelf, key, onTrouble, onBroken }: CacheOptions): CompileCache {
  const sealers = createSealers(key);
  const counts: CacheCounts = { hits: 0, misses: 0, broken: 0, written: 0, refused: 0 };
  const told = { read: false, write: false, broken: false };
  /** Marks that could not be written. */
  const marks = new Map<string, string>();
  const pending = new Set<Promise<unknown>>();
  const writes = lanes(4);
  let silentUntil = 0;
  let uncollected = 0;
  let collecting: Promise<void> | null = null;

  const tell = (what: "read" | "write", error: unknown): void => {
    if (!told[what]) onTrouble(error);
    told[what] = true;
  };

  /** For work that deals with its own errors. */
  const tracked = async (work: Promise<void>): Promise<void> => {
    pending.add(work);
    await work;
    pending.delete(work);
  };

  /** What is at a place, opened: null where there is nothing, `broken` where that can't be opened. */
  const look = async (find: Find): Promise<{ place: ShelfPlace; body: Buffer } | "broken" | null> => {
    const sealer = await sealers.reading();
    const place = sealer === null ? null : find(sealer);
    const sealed = place === null ? null : await shelf.get(place);
    if (sealer === null || place === null || sealed === null) return null;
    const body = await sealer.open(place, sealed);
    return body === null ? "broken" : { place, body };
  };

  const use = async (place: ShelfPlace): Promise<void> => {
    try {
      await shelf.use(place);
    } catch (error) {
      tell("read", error);
    }
  };

  const read = async (find: Find): Promise<Buffer | null> => {
    try {
      const found = await look(find);
      if (found !== null && found !== "broken") {
        counts.hits += 1;
        void tracked(use(found.place));
        return found.body;
      }
      if (found === "broken") {
        counts.broken += 1;
        if (!told.broken) onBroken();
        told.broken = true;
      }
    } catch (error) {
      counts.broken += 1;
      tell("read", error);
    }
    counts.misses += 1;
    return null;
  };

  const collect = async (): Promise<void> => {
    uncollected = 0;
    try {
      await shelf.collect();
    } catch (error) {
      tell("write", error);
    }
    collecting = null;
  };

  const put = async (find: Find, body: Buffer): Promise<boolean> => {
    try {
      const sealer = await sealers.writing();
      const place = find(sealer);
      const sealed = await sealer.seal(place, body);
      await shelf.put(place, sealed);
      counts.written += 1;
      uncollected += sealed.length;
      told.write = false;
      return true;
    } catch (error) {
      counts.refused += 1;
      silentUntil = performance.now() + pause;
      tell("write", error);
      return false;
    }
  };

  const write = (find: Find, body: Buffer): Promise<void> =>
    tracked(
      writes(async () => {
        if (performance.now() < silentUntil) counts.refused += 1;
        else await put(find, body);
        if (uncollected > shelf.limit * collectEach) void tracked((collecting ??= collect()));
      }),
    );

  return {
    read: (name) => read((sealer) => sealer.compile(name)),
    write: (name, body) => write((sealer) => sealer.compile(name), body),
    readRecord: async (scope, name) => {
      const packed = await read((sealer) => sealer.record(scope, name));
      return packed === null ? null : unpackRecord(packed).body;
    },
    writeRecord: (scope, name, body) => write((sealer) => sealer.record(scope, name), packRecord(name, body)),
    newest: async function* (scope) {
      try {
        const within = (await sealers.reading())?.scope(scope);
        for (const name of within === undefined ? [] : await shelf.records(within)) {
          const found = await look((sealer) => ({ kind: "record", scope: sealer.scope(scope), name }));
          if (found !== null && found !== "broken") yield unpackRecord(found.body);
        }
      } catch (error) {
        tell("read", error);
      }
    },
    distrust: async (scope, distrust) => {
      const isKept = await put((sealer) => sealer.mark(scope), packMark(distrust));
      if (!isKept) marks.set(scope, distrust.why);
      return isKept;
    },
    // Unlike any other entry, a mark that can't be read is one.
    distrusted: async (scope) => {
      try {
        const found = await look((sealer) => sealer.mark(scope));
        if (found === null) return marks.get(scope) ?? null;
        return (found === "broken" ? null : unpackMark(found.body))?.why ?? unreadableMark;
      } catch (error) {
        tell("read", error);
        return marks.get(scope) ?? unreadableMark;
      }
    },
    counts: () => ({ ...counts }),
    close: async () => {
      while (pending.size > 0) await Promise.all(pending);
      if (uncollected > 0) await collect();
    },
  };
}

/** Runs so many at the same time, the others after them: each holds a body in memory until it is written. */
function lanes(most: number): (work: () => Promise<void>) => Promise<void> {
  const waiting: Array<() => void> = [];
  let running = 0;
  return async (work) => {
    if (running < most) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    await work();
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
}
