import { randomBytes } from "node:crypto";
import { chmodSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderShelf } from "../../src/cache/folder.ts";
import { givenKey, keyFile } from "../../src/cache/key-file.ts";
import { createSealer } from "../../src/cache/seal.ts";
import type { CacheShelf, CompileCache, ShelfPlace } from "../../src/engine/ports/cache.ts";
import { filesBelow, inFolder, key, newFolder, opened } from "./stage.ts";

const sealer = createSealer(key);
const text = async (body: Promise<Buffer | null>): Promise<string | null> => (await body)?.toString() ?? null;

async function records(cache: CompileCache, scope: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, body } of cache.newest(scope)) found.push(`${name}: ${body.toString()}`);
  return found;
}

describe("what is kept", () => {
  it("is read again by a later process, under its own name alone", async () => {
    const folder = newFolder();
    const first = inFolder(folder);
    await first.cache.write("a", Buffer.from("one"));
    await first.cache.writeRecord("repo", "tree", Buffer.from("index"));
    await first.cache.close();
    const { cache, troubles } = inFolder(folder);
    expect(await text(cache.read("a"))).toBe("one");
    expect(await text(cache.readRecord("repo", "tree"))).toBe("index");
    expect([await cache.read("b"), await cache.readRecord("repo", "a"), await cache.readRecord("tree", "repo")]).toEqual([
      null,
      null,
      null,
    ]);
    expect(cache.counts()).toEqual({ hits: 2, misses: 3, broken: 0, written: 0, refused: 0 });
    expect(troubles).toEqual([]);
  });

  it("has the newest record of a scope first", async () => {
    const folder = newFolder();
    const { cache } = inFolder(folder);
    for (const [at, name] of ["one", "two", "three"].entries()) {
      await cache.writeRecord("repo", name, Buffer.from(`index of ${name}`));
      const file = filesBelow(folder).find((each) => each.endsWith(sealer.record("repo", name).name)) ?? "";
      utimesSync(file, at + 1, at + 1);
    }
    await cache.writeRecord("other", "four", Buffer.from("x"));
    expect(await records(cache, "repo")).toEqual(["three: index of three", "two: index of two", "one: index of one"]);
    await cache.readRecord("repo", "one");
    await cache.close();
    expect((await records(cache, "repo"))[0]).toBe("one: index of one");
    expect(await records(cache, "nothing")).toEqual([]);
  });

  it("holds few bodies at once, and is written when it closes", async () => {
    const folder = newFolder();
    let most = 0;
    let now = 0;
    const shelf = folderShelf(folder, 1e9);
    const counting: CacheShelf = {
      ...shelf,
      put: async (place, sealed) => {
        now += 1;
        most = Math.max(most, now);
        await shelf.put(place, sealed);
        now -= 1;
      },
    };
    const { cache } = opened(counting);
    for (let at = 0; at < 50; at++) void cache.write(String(at), Buffer.alloc(10_000, at));
    await cache.close();
    expect(cache.counts().written).toBe(50);
    expect(most).toBeLessThanOrEqual(4);
    expect((await folderShelf(folder, 1e9).size()).entries).toBe(50);
  });

  it("makes room while it runs, and when it closes", async () => {
    const limit = 128 * 1024;
    const folder = newFolder();
    const { cache } = opened(folderShelf(folder, limit));
    for (let at = 0; at < 300; at++) await cache.write(String(at), randomBytes(500));
    expect((await folderShelf(folder, limit).size()).bytes).toBeLessThan(1.2 * limit);
    await cache.close();
    const { bytes, entries } = await folderShelf(folder, limit).size();
    expect(bytes).toBeLessThanOrEqual(limit);
    expect(entries).toBeGreaterThan(50);
  });
});

describe("an entry that is not whole, or none of ours, is absent, counted and told of once", () => {
  const forge: Record<string, (shelf: CacheShelf, place: ShelfPlace) => Promise<void>> = {
    "cut off": async (shelf, place) => shelf.put(place, ((await shelf.get(place)) ?? Buffer.alloc(0)).subarray(0, -5)),
    "empty, as after a power cut": (shelf, place) => shelf.put(place, Buffer.alloc(0)),
    "one bit flipped": async (shelf, place) => {
      const sealed = (await shelf.get(place)) ?? Buffer.alloc(0);
      sealed[40] = (sealed[40] ?? 0) ^ 4;
      await shelf.put(place, sealed);
    },
    "of another version": async (shelf, place) => {
      const sealed = (await shelf.get(place)) ?? Buffer.alloc(0);
      sealed[0] = 2;
      await shelf.put(place, sealed);
    },
    "another entry in its place": async (shelf, place) => shelf.put(place, (await shelf.get(sealer.compile("b"))) ?? Buffer.alloc(0)),
    "sealed for its place under another key": async (shelf, place) =>
      shelf.put(place, await createSealer(Buffer.alloc(32, 8)).seal(place, Buffer.from("forged"))),
    "in clear text": (shelf, place) => shelf.put(place, Buffer.from('{"certname":"web01.example.com","ok":true}')),
  };

  it.each(Object.entries(forge))("%s", async (_, tamper) => {
    const folder = newFolder();
    const before = inFolder(folder);
    for (const name of ["a", "b"]) await before.cache.write(name, Buffer.from(`the body of ${name}, `.repeat(100)));
    await before.cache.writeRecord("repo", "tree", Buffer.from("index"));
    const shelf = folderShelf(folder, 1e9);
    await tamper(shelf, sealer.compile("a"));
    await tamper(shelf, sealer.record("repo", "tree"));
    const { cache, troubles, broken } = inFolder(folder);
    expect([await cache.read("a"), await cache.readRecord("repo", "tree"), await records(cache, "repo")]).toEqual([null, null, []]);
    expect(await text(cache.read("b"))).toContain("the body of b");
    expect(cache.counts()).toEqual({ hits: 1, misses: 2, broken: 2, written: 0, refused: 0 });
    expect([troubles, broken()]).toEqual([[], 1]);
    // Whatever was there, the next compile takes its place.
    await cache.write("a", Buffer.from("anew"));
    expect(await text(cache.read("a"))).toBe("anew");
  });

  it("under another key there is nothing at all", async () => {
    const folder = newFolder();
    await inFolder(folder).cache.write("a", Buffer.from("x"));
    const { cache, broken } = inFolder(folder, givenKey(Buffer.alloc(32, 9)));
    expect(await cache.read("a")).toBeNull();
    expect([cache.counts().misses, broken()]).toEqual([1, 0]);
  });
});

describe("marks", () => {
  const wrong = { repository: "acme/control", why: "web01 differs" };

  it("hold for every process until they are cleared", async () => {
    const folder = newFolder();
    expect(await inFolder(folder).cache.distrust("repo", wrong)).toBe(true);
    const { cache } = inFolder(folder);
    expect([await cache.distrusted("repo"), await cache.distrusted("other")]).toEqual(["web01 differs", null]);
    await folderShelf(folder, 1e9).clear();
    expect(await cache.distrusted("repo")).toBeNull();
  });

  it("hold though they can't be read: forged, or by a disk that fails", async () => {
    const folder = newFolder();
    await inFolder(folder).cache.distrust("repo", wrong);
    const shelf = folderShelf(folder, 1e9);
    await shelf.put(sealer.mark("repo"), Buffer.from("never mind"));
    expect(await inFolder(folder).cache.distrusted("repo")).toBe("it was marked, and the mark can't be read");
    const failing = opened({ ...shelf, get: () => Promise.reject(new Error("EIO")) });
    expect(await failing.cache.distrusted("repo")).toBe("it was marked, and the mark can't be read");
    expect(failing.troubles).toEqual([new Error("EIO")]);
  });

  it("hold for this process where they can't be written", async () => {
    const { cache, troubles } = inFolder("/dev/null/cache");
    expect(await cache.distrust("repo", wrong)).toBe(false);
    expect(await cache.distrusted("repo")).not.toBeNull();
    expect(troubles.length).toBeGreaterThan(0);
  });
});

describe("a shelf that fails never fails a check", () => {
  const trouble = async (folder: string, from = givenKey(key)): Promise<{ told: string[]; counts: unknown }> => {
    const { cache, troubles } = inFolder(folder, from);
    for (const name of ["a", "b", "c"]) await cache.write(name, Buffer.from("x"));
    await cache.writeRecord("repo", "tree", Buffer.from("index"));
    for (const name of ["a", "b"]) expect(await cache.read(name)).toBeNull();
    expect(await records(cache, "repo")).toEqual([]);
    await cache.close();
    return { told: troubles.map(String), counts: cache.counts() };
  };

  it("a folder that can't be made: told once, and not tried again at once", async () => {
    const { told, counts } = await trouble("/proc/nowhere/cache");
    expect(told).toEqual([expect.stringMatching(/ENOENT|EACCES|EROFS/u)]);
    expect(counts).toEqual({ hits: 0, misses: 2, broken: 0, written: 0, refused: 4 });
  });

  it("a folder that holds something else", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "thesis.tex"), "");
    expect((await trouble(folder)).told).toEqual([expect.stringContaining("holds something else")]);
    expect(filesBelow(folder)).toEqual([join(folder, "thesis.tex")]);
  });

  it("a key that others can read", async () => {
    const folder = newFolder();
    const path = join(folder, "key");
    writeFileSync(path, `${"ab".repeat(32)}\n`);
    chmodSync(path, 0o640);
    const { told } = await trouble(join(folder, "cache"), keyFile(path));
    expect(told[0]).toContain("is not this user's alone");
    expect(filesBelow(folder)).toEqual([path]);
  });
});

describe("the key of a person's cache", () => {
  it("is made with the first entry, for this user's eyes alone, and not before", async () => {
    const folder = newFolder();
    const path = join(folder, "state", "puppet-gate", "compiles.key");
    const { cache } = inFolder(join(folder, "cache"), keyFile(path));
    expect(await cache.read("a")).toBeNull();
    expect(filesBelow(folder)).toEqual([]);
    await Promise.all(["a", "b", "c"].map((name) => cache.write(name, Buffer.from(name))));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const later = inFolder(join(folder, "cache"), keyFile(path)).cache;
    expect(await Promise.all(["a", "b", "c"].map((name) => text(later.read(name))))).toEqual(["a", "b", "c"]);
    expect(filesBelow(join(folder, "state"))).toEqual([path]);
  });

  it.each(["", "no key\n", `${"AB".repeat(32)}\n`])("is made anew where there is none in its file: %j", async (content) => {
    const folder = newFolder();
    const path = join(folder, "compiles.key");
    writeFileSync(path, content, { mode: 0o600 });
    const { cache, troubles } = inFolder(join(folder, "cache"), keyFile(path));
    await cache.write("a", Buffer.from("x"));
    expect(await text(inFolder(join(folder, "cache"), keyFile(path)).cache.read("a"))).toBe("x");
    expect(troubles).toEqual([]);
  });
});
