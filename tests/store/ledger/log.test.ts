import { cp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../../src/ledger/checkpoint.ts";
import { unpackEntries } from "../../../src/ledger/entry-bundles.ts";
import { leafHash } from "../../../src/ledger/hashes.ts";
import { keysOf } from "../../../src/ledger/log-keys.ts";
import { verifyInclusion } from "../../../src/ledger/proofs.ts";
import { emptyRange, grow, rootOf } from "../../../src/ledger/range.ts";
import { tilePath, tilesOf } from "../../../src/ledger/tiles.ts";
import { inclusionProof } from "../../../src/engine/ledger/tree.ts";
import type { Database } from "../../../src/store/database.ts";
import { openTestDatabase } from "../open.ts";
import { newKey, readKeys, writeKeys } from "../../../src/store/ledger/key-file.ts";
import { ledgerWorld, type LedgerWorld } from "./world.ts";

let world: LedgerWorld;
let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await ledgerWorld(database);
});
afterEach(() => world.close());

const published = async (folder = join(world.folder, "ledger")): Promise<{ size: number; root: Buffer; note: string }> => {
  const note = await readFile(join(folder, "checkpoint"), "utf8");
  const keys = keysOf(await world.records.logEntries());
  const opened = openCheckpoint(note, keys[0]?.name ?? "", keys);
  if (!opened.ok) throw new Error(opened.why);
  return { ...opened.checkpoint, note };
};

/** All that a reader of the folder gets, without the database. */
async function readFolder(folder: string, size: number): Promise<Buffer[]> {
  const bundles = tilesOf(size).filter(({ level }) => level === 0);
  const parts: Buffer[] = [];
  for (const { index, width } of bundles)
    parts.push(...(unpackEntries(await readFile(join(folder, tilePath("entries", index, width)))) ?? []));
  return parts;
}

describe("a log", () => {
  it("signs what was appended, keeps that apart, and publishes entries and tiles that make the root", async () => {
    await world.append(300);
    expect((await world.look()).signed).toMatchObject({ kind: "signed", checkpoint: { size: 301 } });
    const { size, root, note } = await published();
    expect([size, await readFile(world.settings.kept, "utf8")]).toEqual([301, note]);
    const entries = await readFolder(join(world.folder, "ledger"), size);
    expect(rootOf(grow(emptyRange, entries.map(leafHash)))).toEqual(root);
    expect(entries[300]?.toString()).toContain('"kind":"log-began"');
    expect((await stat(world.settings.key)).mode & 0o777).toBe(0o600);
    const proof = await inclusionProof(world.records, 42, size);
    expect(verifyInclusion(leafHash(entries[42] ?? Buffer.alloc(0)), 42, { size, root }, proof)).toBe(true);
    expect((await world.look()).signed).toMatchObject({ kind: "unchanged", note });
    expect(world.said).toEqual([]);
  });

  it("goes on from where it was, after a start as at each look, and leaves no parts of whole tiles", async () => {
    const sizes: number[] = [];
    for (const count of [1, 254, 1, 700]) {
      await world.append(count);
      await world.log().look();
      const { size, root } = await published();
      sizes.push(size);
      const entries = await readFolder(join(world.folder, "ledger"), size);
      expect(rootOf(grow(emptyRange, entries.map(leafHash)))).toEqual(root);
    }
    expect(sizes).toEqual([2, 256, 257, 957]);
    expect((await world.records.checkpoints()).map(({ size }) => size)).toEqual(sizes);
    await expect(stat(join(world.folder, "ledger/tile/0/000.p"))).rejects.toThrow("ENOENT");
  });

  it("says of each key whose it is, and lets another take over by both names", async () => {
    await world.append(3);
    await world.look();
    const keys = await readKeys(world.settings.key);
    if (keys === null) throw new Error("no key was made");
    await writeKeys(world.settings.key, { current: newKey(keys.current.name), previous: keys.current });
    const rotated = await world.look();
    expect(rotated.signed).toMatchObject({ kind: "signed", checkpoint: { size: 5 } });
    const known = keysOf(await world.records.logEntries());
    expect(known).toHaveLength(2);
    const { note } = await published();
    // Who knows one of the two keys can read it; the next one has the new key's signature alone.
    for (const key of known) expect(openCheckpoint(note, key.name, [key])).toMatchObject({ ok: true, checkpoint: { size: 5 } });
    await world.append(1);
    await world.look();
    const next = (await published()).note;
    expect(known.map((key) => openCheckpoint(next, key.name, [key]).ok)).toEqual([false, true]);
    await writeKeys(world.settings.key, { current: newKey(keys.current.name), previous: null });
    await expect(world.look()).rejects.toThrow("is not the log's");
    await rm(world.settings.key);
    await expect(world.look()).rejects.toThrow("its key is not on this machine");
    await writeFile(world.settings.key, "no key\n", { mode: 0o600 });
    await expect(world.look()).rejects.toThrow("holds no key of a ledger");
    await rm(world.settings.key);
    await writeFile(world.settings.key, "no key\n", { mode: 0o644 });
    await expect(world.look()).rejects.toThrow("may be read by other users");
  });
});

describe("a log refuses to sign", () => {
  const entriesFrom = (seq: number): string => `delete from entries where seq >= ${seq}; update ledger set size = ${seq - 1}`;
  const treeAt = (size: number): string => `update tree set size = ${size}; delete from tiles`;

  it.each([
    ["a database that was restored", "restored", `${entriesFrom(200)}; ${treeAt(0)}`, 0],
    ["one that was restored and grew", "forked", `${entriesFrom(200)}; ${treeAt(0)}`, 300],
    ["one with an entry changed", "rewritten", "update entries set entry = replace(entry, 'verdict', 'trusted') where seq = 100", 0],
    [
      "one with an entry changed and its tiles made anew",
      "forked",
      `update entries set entry = replace(entry, '"kind":"verdict"', '"kind":"trusted"'), kind = 'trusted' where seq = 100; ${treeAt(0)}`,
      0,
    ],
    [
      "one with two entries changed for one another",
      "rewritten",
      "update entries set entry = (select e.entry from entries e where e.seq = 209 - entries.seq) where seq in (104, 105)",
      0,
    ],
    ["one with an entry removed", "rewritten", "delete from entries where seq = 100", 0],
    ["one that lost its last entries and not their tiles", "rewritten", entriesFrom(290), 0],
  ])("%s", async (_, code, sql, more) => {
    await world.append(299);
    await world.look();
    const before = await readFile(world.settings.kept, "utf8");
    await world.tamper(sql);
    if (more > 0) await world.append(more);
    const { signed, told } = await world.log().look();
    expect(signed).toMatchObject({ kind: "refused", code });
    expect(told).toEqual([]);
    expect([await readFile(world.settings.kept, "utf8"), (await published()).note]).toEqual([before, before]);
    expect(world.said[0]).toContain("the ledger is not signed");
  });

  it("where the checkpoint that is kept apart is gone, or another's", async () => {
    await world.append(5);
    await world.look();
    const kept = await readFile(world.settings.kept, "utf8");
    await rm(world.settings.kept);
    expect((await world.look()).signed).toMatchObject({ kind: "refused", code: "kept-lost" });
    await writeFile(world.settings.kept, kept.replace("6\n", "5\n"));
    expect((await world.look()).signed).toMatchObject({ kind: "refused", code: "kept-wrong" });
    await writeFile(world.settings.kept, kept);
    expect((await world.look()).signed).toMatchObject({ kind: "unchanged" });
  });

  it("and does not publish over what is not its own", async () => {
    const restored = join(world.folder, "kept-before");
    await world.append(5);
    await world.look();
    await cp(world.settings.kept, restored);
    await world.append(5);
    await world.look();
    // Both the database and what is kept beside it come from the backup: the place knows better.
    await world.tamper(`${entriesFrom(7)}; ${treeAt(0)}; delete from checkpoints where size > 6`);
    await cp(restored, world.settings.kept);
    expect((await world.log().look()).told).toMatchObject([
      { kind: "forked", why: expect.stringContaining("a checkpoint of 11 entries is there") },
    ]);
    await world.append(20);
    expect((await world.log().look()).told).toMatchObject([
      { kind: "forked", why: expect.stringContaining("the first 11 entries of the ledger are not those") },
    ]);
    expect((await published()).size).toBe(11);
    expect(world.said.at(-1)).toContain("the ledger is not published at");
    expect(await world.records.places()).toMatchObject([{ size: 11, failingSince: expect.any(Date) }]);
  });
});

describe("a place that can't be reached", () => {
  it("holds up no other, is tried again, and raises the alarm after an hour", async () => {
    const good = join(world.folder, "good");
    const bad = join(world.folder, "bad");
    await writeFile(bad, "a file where the folder should be");
    const log = world.log({ places: [bad, good] });
    await world.append(1);
    expect((await log.look()).told).toMatchObject([{ kind: "failed" }, { kind: "told" }]);
    world.later(3_599);
    await log.look();
    expect(world.said).toEqual([]);
    world.later(1);
    await log.look();
    expect(world.said).toEqual([expect.stringMatching(/can't be published at .*bad: .* That is so since 2026-11-01T12:00:00.000Z/u)]);
    await rm(bad);
    expect((await log.look()).told).toMatchObject([{ kind: "told" }, { kind: "known" }]);
    expect(await world.records.places()).toMatchObject([{ failingSince: null, size: 2 }, { failingSince: null }]);
  });
});
