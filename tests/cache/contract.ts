import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import type { CacheShelf, ShelfPlace } from "../../src/engine/ports/cache.ts";

/** What every shelf promises, whatever it is made of. */
export interface Shelved {
  shelf: CacheShelf;
  /** Makes an entry one that was put or of use so many seconds ago. */
  age: (place: ShelfPlace, seconds: number) => Promise<void>;
}

/** A shelf's names. All begin alike, since a shelf may share its limit out among them by their beginnings. */
const nameOf = (text: string): string => `00${createHash("sha256").update(text).digest("hex").slice(2)}`;
export const compileAt = (text: string): ShelfPlace => ({ kind: "compile", name: nameOf(text) });
const recordAt = (scope: string, text: string): ShelfPlace => ({ kind: "record", scope: nameOf(scope), name: nameOf(`${scope} ${text}`) });
const markAt = (text: string): ShelfPlace => ({ kind: "mark", name: nameOf(text) });

/** `open` makes an empty shelf that holds so many bytes of entries whose names begin alike. */
export function keepsPromises(open: (bytes: number) => Promise<Shelved>): void {
  it("gives back what was put last, at its place alone", async () => {
    const { shelf } = await open(10_000_000);
    const large = randomBytes(3_000_000);
    await shelf.put(compileAt("large"), large);
    await shelf.put(compileAt("empty"), Buffer.alloc(0));
    await shelf.put(compileAt("twice"), Buffer.from("first"));
    await shelf.put(compileAt("twice"), Buffer.from("second"));
    await shelf.put(recordAt("scope", "r"), Buffer.from("a record"));
    await shelf.put(markAt("m"), Buffer.from("a mark"));
    expect((await shelf.get(compileAt("large")))?.equals(large)).toBe(true);
    expect(await shelf.get(compileAt("empty"))).toEqual(Buffer.alloc(0));
    expect(String(await shelf.get(compileAt("twice")))).toBe("second");
    expect(String(await shelf.get(recordAt("scope", "r")))).toBe("a record");
    expect(String(await shelf.get(markAt("m")))).toBe("a mark");
    expect(await shelf.marks()).toEqual([markAt("m").name]);
    for (const place of [compileAt("nothing"), recordAt("scope", "nothing"), recordAt("nothing", "r"), markAt("nothing"), compileAt("m")])
      expect(await shelf.get(place)).toBeNull();
    expect(await shelf.size()).toEqual({ entries: 4, bytes: 3_000_000 + 6 + 8, marks: 1 });
  });

  it("has a scope's records by what was put or of use last, and keeps the newest twenty", async () => {
    const { shelf, age } = await open(10_000_000);
    for (let at = 0; at < 25; at++) {
      await shelf.put(recordAt("scope", String(at)), Buffer.from("x"));
      await age(recordAt("scope", String(at)), 1_000 - at);
    }
    await shelf.put(recordAt("other", "1"), Buffer.from("x"));
    await shelf.use(recordAt("scope", "0"));
    const newest = ["0", ...Array.from({ length: 19 }, (_, at) => String(24 - at))].map((name) => recordAt("scope", name).name);
    expect(await shelf.records(nameOf("scope"))).toEqual(newest);
    await shelf.collect();
    expect(await shelf.records(nameOf("scope"))).toEqual(newest);
    expect(await shelf.records(nameOf("other"))).toHaveLength(1);
    expect((await shelf.size()).entries).toBe(21);
    expect(await shelf.records(nameOf("nothing"))).toEqual([]);
  });

  it("makes room by what was of no use for longest, and never by marks", async () => {
    const { shelf, age } = await open(10 * 1000);
    await shelf.put(markAt("m"), Buffer.alloc(50_000));
    for (let at = 0; at < 20; at++) {
      await shelf.put(compileAt(String(at)), Buffer.alloc(1000, at));
      await age(compileAt(String(at)), 100_000 - at);
    }
    await shelf.use(compileAt("3"));
    await shelf.collect();
    const kept: number[] = [];
    for (let at = 0; at < 20; at++) if ((await shelf.get(compileAt(String(at)))) !== null) kept.push(at);
    expect(kept).toEqual([3, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(await shelf.size()).toEqual({ entries: 10, bytes: 10_000, marks: 1 });
  });

  it("takes what was used within the hour for used now, without writing", async () => {
    const { shelf, age } = await open(1_500);
    for (const [name, seconds] of [
      ["new", 600],
      ["used", 1200],
    ] as const) {
      await shelf.put(compileAt(name), Buffer.alloc(1000));
      await age(compileAt(name), seconds);
    }
    await shelf.use(compileAt("used"));
    await shelf.collect();
    expect([await shelf.get(compileAt("new")), await shelf.get(compileAt("used"))]).toEqual([Buffer.alloc(1000), null]);
  });

  it("is of use no longer where an entry is gone", async () => {
    const { shelf } = await open(1_000);
    await shelf.use(compileAt("gone"));
    await shelf.collect();
    expect(await shelf.size()).toEqual({ entries: 0, bytes: 0, marks: 0 });
  });

  it("clears everything, marks too, and is a shelf after it", async () => {
    const { shelf } = await open(10_000);
    const all = [compileAt("a"), recordAt("scope", "b"), markAt("c")];
    for (const place of all) await shelf.put(place, Buffer.from("x"));
    await shelf.clear();
    await shelf.clear();
    expect(await Promise.all(all.map((place) => shelf.get(place)))).toEqual([null, null, null]);
    expect(await shelf.size()).toEqual({ entries: 0, bytes: 0, marks: 0 });
    for (const place of all) await shelf.put(place, Buffer.from("y"));
    expect(await shelf.size()).toEqual({ entries: 2, bytes: 2, marks: 1 });
  });

  it("gives one writer's whole, whoever writes at the same time", async () => {
    const { shelf } = await open(100_000_000);
    const bodies = Array.from({ length: 20 }, (_, at) => Buffer.alloc(100_000 + at, at));
    const read = async (): Promise<boolean> => {
      const found = await shelf.get(compileAt("one"));
      return found === null || bodies.some((body) => body.equals(found));
    };
    const wholes = bodies.map(async (body) => {
      const [before, , after] = await Promise.all([read(), shelf.put(compileAt("one"), body), read()]);
      return before && after;
    });
    expect(await Promise.all(wholes)).toEqual(bodies.map(() => true));
    expect((await shelf.size()).entries).toBe(1);
  });
}
