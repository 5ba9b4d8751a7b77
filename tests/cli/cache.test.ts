import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openFolderCache } from "../../src/cache/folder-cache.ts";
import { folderShelf } from "../../src/cache/folder.ts";
import { givenKey } from "../../src/cache/key-file.ts";
import { cacheClear, cacheStatus, cacheTrouble } from "../../src/cli/cache-command.ts";
import { readCheckOptions, wholeNumber } from "../../src/cli/options.ts";
import { personalFolder } from "../../src/cli/personal-folder.ts";
import { puppetGate } from "../check/stage.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "puppet-gate-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with two entries and a mark, and a run that found one of two. */
async function used(): Promise<string> {
  const folder = join(newFolder(), "compiles");
  const cache = openFolderCache({ folder, limit: 1e9, key: givenKey(Buffer.alloc(32)), onTrouble: () => {}, onBroken: () => {} });
  await cache.write("a", Buffer.alloc(1000));
  await cache.writeRecord("repo", "tree", Buffer.from("index"));
  await cache.distrust("repo", "web01 differs");
  await cache.read("a");
  await cache.read("b");
  await cache.close();
  return folder;
}

async function said(run: typeof cacheStatus, folder: string, json = false): Promise<string> {
  let text = "";
  await run({ place: folder, shelf: folderShelf(folder, 0) }, json, { write: (more) => (text += more) });
  return text;
}

describe("puppet-gate cache", () => {
  it("says what is kept, how the last run went, and what is marked", async () => {
    const folder = await used();
    const text = await said(cacheStatus, folder);
    expect(text).toContain(`kept in ${folder}`);
    expect(text).toMatch(/kept {6}2 entries, 0\.0 MiB\n {2}last run {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC: 1 found, 1 not, 3 kept\n/u);
    expect(text).toContain("A repository is marked: a compile differed from the kept one. `puppet-gate cache clear`");
    expect(JSON.parse(await said(cacheStatus, folder, true))).toMatchObject({
      schema: "puppet-gate/cache@1",
      entries: 2,
      marks: 1,
      lastRun: { hits: 1, misses: 1, written: 3, broken: 0, refused: 0 },
    });
  });

  it("clears it, and says of how much", async () => {
    const folder = await used();
    expect(await said(cacheClear, folder)).toMatch(/^Removed 2 entries, 0\.0 MiB and 1 mark from /u);
    expect(await said(cacheStatus, folder)).toBe(`Compiles of base, kept in ${folder}\n  kept      0 entries, 0.0 MiB\n`);
    expect(JSON.parse(await said(cacheClear, folder, true))).toMatchObject({ cleared: { entries: 0, bytes: 0, marks: 0 } });
  });

  it("is a command of its own, on the folder that check uses", async () => {
    const home = newFolder();
    const env = { XDG_CACHE_HOME: home };
    const { code, stdout } = await puppetGate(["cache", "status", "--json"], { env });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { place: join(home, "puppet-gate", "compiles"), entries: 0, lastRun: null }]);
    expect(readdirSync(home)).toEqual([]);
    writeFileSync(join(home, "thesis.tex"), "");
    const refused = await puppetGate(["cache", "clear", "--cache", home], { env });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("holds something else")]);
  });
});

describe("options of check", () => {
  it.each([
    [{}, { folder: null, mib: 2048 }],
    [{ cache: "kept" }, { folder: "/home/ann/kept", mib: 2048 }],
    [{ cacheMib: 64 }, { folder: null, mib: 64 }],
    [{ cache: false as const, cacheMib: 64 }, null],
  ])("%j", (written, cache) => {
    expect(readCheckOptions({ head: "HEAD", ...written }, "/home/ann").cache).toEqual(cache);
  });

  it("a number of MiB is a whole one, and large enough", () => {
    const read = wholeNumber("--cache-mib", 64);
    expect(read("64")).toBe(64);
    for (const wrong of ["63", "", "1e3", "-64", "64.5", "many"]) expect(() => read(wrong)).toThrow("Give a whole number, at least 64.");
  });

  it.each([
    [{}, "/home/ann/.cache", "/home/ann/.local/state"],
    [{ XDG_CACHE_HOME: "/c", XDG_STATE_HOME: "/s" }, "/c", "/s"],
    [{ XDG_CACHE_HOME: "", XDG_STATE_HOME: "relative" }, "/home/ann/.cache", "/home/ann/.local/state"],
  ])("personal folders are those of the XDG specification: %j", (env, cache, state) => {
    expect([personalFolder(env, "XDG_CACHE_HOME", "/home/ann"), personalFolder(env, "XDG_STATE_HOME", "/home/ann")]).toEqual([
      cache,
      state,
    ]);
  });

  it("what fails is said with what to do, and that the check is right", () => {
    const { text, hint } = cacheTrouble(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }), "/c");
    expect(text).toBe(
      "Compiles could not be kept in /c, or not read there: ENOSPC: no space left on device, write. The check is right all the same.",
    );
    expect(hint).toContain("--cache");
  });
});
