import { describe, expect, it } from "vitest";
import { memoryCache } from "../../src/engine/memory-cache.ts";
import type { CompileCache } from "../../src/engine/ports/cache.ts";

const body = (text: string): Buffer => Buffer.from(text);
const read = async (cache: CompileCache, ...keys: string[]): Promise<Array<string | null>> =>
  Promise.all(keys.map(async (key) => (await cache.read(key))?.toString() ?? null));
const namesOf = async (cache: CompileCache, scope = "scope"): Promise<string[]> => {
  const names: string[] = [];
  for await (const { name, body: text } of cache.newest(scope)) names.push(`${name} ${text.toString()}`);
  return names;
};

describe("a cache in memory", () => {
  it("gives what was written last, and counts", async () => {
    const cache = memoryCache(100);
    expect(cache.counts()).toEqual({ hits: 0, misses: 0, broken: 0, written: 0, refused: 0 });
    await cache.write("a", body("one"));
    await cache.write("a", body("two"));
    expect(await read(cache, "a", "b")).toEqual(["two", null]);
    expect(cache.counts()).toEqual({ hits: 1, misses: 1, broken: 0, written: 2, refused: 0 });
    await cache.close();
  });

  it("holds no more than it may, and lets go of what was unused longest", async () => {
    const cache = memoryCache(6);
    for (const key of ["a", "b", "c"]) await cache.write(key, body("xx"));
    expect(await read(cache, "a", "b", "c")).toEqual(["xx", "xx", "xx"]);
    await read(cache, "a");
    await cache.write("d", body("yy"));
    expect(await read(cache, "a", "b", "c", "d")).toEqual(["xx", null, "xx", "yy"]);
    await cache.write("e", body("zzzz"));
    expect(await read(cache, "a", "c", "d", "e")).toEqual([null, null, "yy", "zzzz"]);
    // What is written over takes its own place.
    for (let n = 0; n < 5; n += 1) await cache.write("e", body("zzzz"));
    expect(await read(cache, "d", "e")).toEqual(["yy", "zzzz"]);
    await cache.write("e", body("z"));
    await cache.write("f", body("fff"));
    expect(await read(cache, "d", "e", "f")).toEqual(["yy", "z", "fff"]);
    await cache.write("large", body("1234567"));
    expect(await read(cache, "d", "e", "f", "large")).toEqual([null, null, null, null]);
    await cache.write("g", body("123456"));
    expect(await read(cache, "g")).toEqual(["123456"]);
  });

  it("keeps the newest eight records of each scope, which can be replaced", async () => {
    const cache = memoryCache(0);
    expect(await namesOf(cache)).toEqual([]);
    for (let n = 1; n <= 8; n += 1) await cache.writeRecord("scope", `r${n}`, body("1"));
    await cache.writeRecord("other", "r1", body("other"));
    expect(await namesOf(cache)).toEqual([8, 7, 6, 5, 4, 3, 2, 1].map((n) => `r${n} 1`));
    await cache.writeRecord("scope", "r3", body("2"));
    expect((await cache.readRecord("scope", "r1"))?.toString()).toBe("1");
    await cache.writeRecord("scope", "r9", body("1"));
    expect(await namesOf(cache)).toEqual(["r9 1", "r1 1", "r3 2", "r8 1", "r7 1", "r6 1", "r5 1", "r4 1"]);
    expect(await cache.readRecord("scope", "r2")).toBeNull();
    expect(await cache.readRecord("nowhere", "r1")).toBeNull();
    expect(await namesOf(cache, "other")).toEqual(["r1 other"]);
    expect(cache.counts()).toMatchObject({ hits: 1, misses: 2 });
  });

  it("remembers what must not be used", async () => {
    const cache = memoryCache(0);
    expect(await cache.distrusted("scope")).toBeNull();
    expect(await cache.distrust("scope", { repository: "acme/control", why: "a plan was wrong" })).toBe(true);
    expect([await cache.distrusted("scope"), await cache.distrusted("other")]).toEqual(["a plan was wrong", null]);
  });
});
