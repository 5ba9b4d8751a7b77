import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openFolderCache } from "../../src/cache/folder-cache.ts";
import { folderShelf } from "../../src/cache/folder.ts";
import { givenKey } from "../../src/cache/key-file.ts";
import { readMarks } from "../../src/cache/marks.ts";
import { cacheClear, cacheStatus, cacheTrouble, type KeptCompiles } from "../../src/cli/cache-command.ts";
import { readCheckOptions, wholeNumber } from "../../src/cli/options.ts";
import { personalFolder } from "../../src/cli/personal-folder.ts";
import type { RepositoryProofs } from "../../src/engine/ports/cache.ts";
import { known, unknown, type Known } from "../../src/policy/known.ts";
import { puppetGate } from "../check/stage.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "puppet-gate-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with two entries and a mark, and a run that found one of two. */
async function used(): Promise<string> {
  const folder = join(newFolder(), "compiles");
  const cache = openFolderCache({ folder, limit: 1e9, key: key, onTrouble: () => {}, onBroken: () => {} });
  await cache.write("a", Buffer.alloc(1000));
  await cache.writeRecord("repo", "tree", Buffer.from("index"));
  await cache.distrust("repo", { repository: "7", why: "web01 differs" });
  await cache.read("a");
  await cache.read("b");
  await cache.close();
  return folder;
}

const key = givenKey(Buffer.alloc(32));

async function said(run: typeof cacheStatus, folder: string, json = false, more: Partial<KeptCompiles> = {}): Promise<string> {
  let text = "";
  const shelf = folderShelf(folder, 0);
  await run({ place: folder, shelf, marks: () => readMarks(shelf, key), ...more }, json, { write: (said) => (text += said) });
  return text;
}

/** What a server's nights and samples proved of two repositories; one of them was never called by a name. */
const proofs: RepositoryProofs[] = [
  {
    repository: 7,
    name: "acme/control",
    nights: { verdicts: 89_000, missed: 1, last: "2026-11-21" },
    samples: { verdicts: 1_000, missed: 1 },
  },
  { repository: 8, name: null, nights: { verdicts: 0, missed: 0, last: null }, samples: { verdicts: 1, missed: 0 } },
];

describe("puppet-gate cache", () => {
  it("says what is kept, how the last run went, and what is marked", async () => {
    const folder = await used();
    const text = await said(cacheStatus, folder);
    expect(text).toContain(`kept in ${folder}`);
    expect(text).toMatch(/kept {6}2 entries, 0\.0 MiB\n {2}last run {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC: 1 found, 1 not, 3 kept\n/u);
    expect(text).toMatch(
      /A repository is marked: a compile differed from the kept one\. `puppet-gate cache clear`.*\n {4}7: web01 differs\n$/u,
    );
    expect(JSON.parse(await said(cacheStatus, folder, true))).toMatchObject({
      schema: "puppet-gate/cache@1",
      entries: 2,
      marks: 1,
      distrusted: [{ repository: "7", why: "web01 differs" }],
      proofs: null,
      lastRun: { hits: 1, misses: 1, written: 3, broken: 0, refused: 0 },
    });
  });

  it("says what a server's nights and samples proved, and calls repositories by their names", async () => {
    const folder = await used();
    const more = { proofs: async () => known(proofs) };
    const text = await said(cacheStatus, folder, false, more);
    expect(text.split("\n").slice(3)).toEqual([
      "  proven    90,001 verdicts on nodes, 2 missed (2.2 per 100,000)",
      "    acme/control: 90,000 verdicts on nodes, 2 missed (2.2 per 100,000); 89,000 by nights, 1,000 by samples; last night 2026-11-21",
      "    repository 8: 1 verdict on nodes, 0 missed (0 per 100,000); 0 by nights, 1 by samples; no night yet",
      expect.stringMatching(/^ {2}A repository is marked/u),
      "    acme/control: web01 differs",
      "",
    ]);
    expect(JSON.parse(await said(cacheStatus, folder, true, more))).toMatchObject({
      distrusted: [{ repository: "acme/control", why: "web01 differs" }],
      proofs: {
        known: true,
        repositories: [
          { ...proofs[0], missesPer100000: (2 / 90_000) * 100_000 },
          { ...proofs[1], missesPer100000: 0 },
        ],
      },
    });
  });

  it.each([
    [known([]), "  proven    nothing yet: nights, and samples in checks, are counted here\n", { known: true, repositories: [] }],
    [unknown("`serve` runs"), "  proven    not known: `serve` runs\n", { known: false, reason: "`serve` runs" }],
    [
      known([{ ...proofs[0], nights: { verdicts: 9_000_000, missed: 1, last: "2026-11-21" }, samples: { verdicts: 0, missed: 0 } }]),
      "9,000,000 verdicts on nodes, 1 missed (fewer than 0.1 per 100,000)",
      {},
    ],
  ] as [Known<RepositoryProofs[]>, string, object][])("says what it knows of proofs: %j", async (found, line, json) => {
    const folder = join(newFolder(), "compiles");
    expect(await said(cacheStatus, folder, false, { proofs: async () => found })).toContain(line);
    expect(JSON.parse(await said(cacheStatus, folder, true, { proofs: async () => found }))).toMatchObject({ proofs: json });
  });

  it("has a mark that can't be read for one", async () => {
    const folder = await used();
    const marks = () => readMarks(folderShelf(folder, 0), givenKey(Buffer.alloc(32, 1)));
    expect(await said(cacheStatus, folder, false, { marks })).toMatch(/A repository is marked.*\n {4}a mark that can't be read\n$/u);
    expect(JSON.parse(await said(cacheStatus, folder, true, { marks }))).toMatchObject({ marks: 1, distrusted: [null] });
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
    const home = (): string => "/home/ann";
    expect([personalFolder(env, "XDG_CACHE_HOME", home), personalFolder(env, "XDG_STATE_HOME", home)]).toEqual([cache, state]);
  });

  it("where nobody knows a home, it is said what to set", () => {
    const unknown = (): string => {
      throw new Error("ENOENT: no such user");
    };
    expect(personalFolder({ XDG_CACHE_HOME: "/c" }, "XDG_CACHE_HOME", unknown)).toBe("/c");
    expect(() => personalFolder({}, "XDG_STATE_HOME", unknown)).toThrow(
      "The home folder of who runs this is not known: ENOENT: no such user.",
    );
    expect(() => personalFolder({}, "XDG_STATE_HOME", () => "")).toThrow('it is given as ""');
  });

  it("what fails is said with what to do, and that the check is right", () => {
    const { text, hint } = cacheTrouble(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }), "/c");
    expect(text).toBe(
      "Compiles could not be kept in /c, or not read there: ENOSPC: no space left on device, write. The check is right all the same.",
    );
    expect(hint).toContain("--cache");
  });
});
