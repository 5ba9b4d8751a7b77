import type { CacheCounts, CompileCache } from "./ports/cache.ts";

/** Records of a scope that are kept. */
const recordsOfScope = 8;

/** A cache that ends with its process, of at most so many bytes. What was unused longest goes first. */
export function memoryCache(mostBytes: number): CompileCache {
  const entries = new Map<string, Buffer>();
  const records = new Map<string, Map<string, Buffer>>();
  const marks = new Map<string, string>();
  const counts: CacheCounts = { hits: 0, misses: 0, broken: 0, written: 0, refused: 0 };
  let bytes = 0;

  /** Puts an entry last, as the one that was used last. */
  const use = <T>(map: Map<string, T>, key: string, value: T): void => {
    map.delete(key);
    map.set(key, value);
  };
  const read = (map: Map<string, Buffer> | undefined, key: string): Buffer | null => {
    const found = map?.get(key);
    counts[found === undefined ? "misses" : "hits"] += 1;
    if (map === undefined || found === undefined) return null;
    use(map, key, found);
    return found;
  };
  return {
    read: async (key) => read(entries, key),
    write: async (key, body) => {
      bytes += body.length - (entries.get(key)?.length ?? 0);
      use(entries, key, body);
      counts.written += 1;
      for (const [oldest, { length }] of entries) {
        if (bytes <= mostBytes) break;
        entries.delete(oldest);
        bytes -= length;
      }
    },
    readRecord: async (scope, name) => read(records.get(scope), name),
    writeRecord: async (scope, name, body) => {
      const own = records.get(scope) ?? new Map<string, Buffer>();
      records.set(scope, own);
      use(own, name, body);
      const [oldest] = own.keys();
      if (own.size > recordsOfScope && oldest !== undefined) own.delete(oldest);
    },
    async *newest(scope) {
      for (const [name, body] of [...(records.get(scope) ?? [])].toReversed()) yield { name, body };
    },
    distrust: async (scope, { why }) => {
      marks.set(scope, why);
      return true;
    },
    distrusted: async (scope) => marks.get(scope) ?? null,
    counts: () => ({ ...counts }),
    close: async () => {},
  };
}
