import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderShelf } from "../../src/cache/folder.ts";
import type { ShelfPlace } from "../../src/engine/ports/cache.ts";
import { compileAt, keepsPromises } from "./contract.ts";
import { filesBelow, newFolder } from "./stage.ts";

const ago = (file: string, seconds: number): void => {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
};

/** The limit that leaves so many bytes to compiles whose names begin alike: they have three quarters of it, in 64 parts. */
const limitFor = (bytes: number): number => (bytes * 64 * 4) / 3;

describe("a shelf in a folder", () => {
  keepsPromises(async (bytes) => {
    const folder = join(newFolder(), "not", "there", "yet");
    const age = async ({ name }: ShelfPlace, seconds: number): Promise<void> =>
      ago(filesBelow(folder).find((file) => file.endsWith(name)) ?? "", seconds);
    return { shelf: folderShelf(folder, limitFor(bytes)), age };
  });

  it("is this user's alone, and left out of backups", async () => {
    const folder = join(newFolder(), "cache");
    await folderShelf(folder, 1e9).put(compileAt("a"), Buffer.from("x"));
    for (const path of [folder, ...readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))])
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
    expect(readdirSync(folder)).toContain("CACHEDIR.TAG");
  });

  it("makes nothing before there is something to keep", async () => {
    const folder = join(newFolder(), "cache");
    const shelf = folderShelf(folder, 1e9);
    expect(await shelf.get(compileAt("a"))).toBeNull();
    await shelf.collect();
    await shelf.clear();
    await shelf.noteRun({ hits: 0, misses: 1, broken: 0, written: 0, refused: 0 });
    expect(await shelf.size()).toEqual({ entries: 0, bytes: 0, marks: 0 });
    expect(() => statSync(folder)).toThrow("ENOENT");
  });

  it("removes what killed processes left unfinished, and not what is being written", async () => {
    const folder = newFolder();
    const shelf = folderShelf(folder, 1e9);
    await shelf.put(compileAt("a"), Buffer.from("x"));
    const old = join(folder, "unfinished", "a".repeat(24));
    const now = join(folder, "unfinished", "b".repeat(24));
    const foreign = join(folder, "unfinished", "notes.txt");
    for (const file of [old, now, foreign]) writeFileSync(file, "half of an ent");
    for (const file of [old, foreign]) ago(file, 3_600);
    await shelf.collect();
    expect(readdirSync(join(folder, "unfinished")).sort()).toEqual(["b".repeat(24), "notes.txt"]);
  });

  it("leaves a folder alone that is somebody else's", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "thesis.tex"), "");
    mkdirSync(join(folder, "records"));
    writeFileSync(join(folder, "records", "of my life"), "");
    const shelf = folderShelf(folder, 1e9);
    await expect(shelf.put(compileAt("a"), Buffer.from("x"))).rejects.toMatchObject({ code: "cache-folder" });
    await expect(shelf.clear()).rejects.toMatchObject({ code: "cache-folder" });
    expect(filesBelow(folder)).toHaveLength(2);
  });

  it("removes nothing through a link, and is not held up by a pipe's", async () => {
    const [folder, precious] = [newFolder(), newFolder()];
    writeFileSync(join(precious, "diary"), "x".repeat(100));
    const shelf = folderShelf(folder, limitFor(10));
    await shelf.put(compileAt("a"), Buffer.from("x"));
    rmSync(join(folder, "compiles", "00"), { recursive: true });
    symlinkSync(precious, join(folder, "compiles", "00"));
    await shelf.collect();
    await shelf.clear();
    expect(readdirSync(precious)).toEqual(["diary"]);
  });

  it("tells how the last run went, as far as it is known", async () => {
    const folder = newFolder();
    const shelf = folderShelf(folder, 1e9);
    expect(await shelf.lastRun()).toBeNull();
    await shelf.put(compileAt("a"), Buffer.from("x"));
    const counts = { hits: 3, misses: 2, broken: 0, written: 2, refused: 0 };
    await shelf.noteRun(counts);
    expect(await shelf.lastRun()).toEqual({ ...counts, at: expect.any(String) });
    writeFileSync(join(folder, "last-run.json"), "{");
    expect(await shelf.lastRun()).toBeNull();
  });

  it.each(["/proc/nowhere/cache", "/dev/null/cache"])("fails where none can be made: %s", async (folder) => {
    await expect(folderShelf(folder, 1e9).put(compileAt("a"), Buffer.from("x"))).rejects.toThrow(/ENOENT|ENOTDIR|EACCES|EROFS/u);
  });
});
