import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inventory } from "../../src/fleet/inventory.ts";
import { rememberingInventory } from "../../src/fleet/remembering.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-facts-"));
  for (const name of ["a", "b", "c"]) put(`${name}.json`, "one");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (path: string): string => join(folder, path);
const put = (path: string, kernel: string): void => writeFileSync(at(path), JSON.stringify({ kernel }));
/** A clock by which every file was written long ago. */
const later = (): number => Date.now() + 60_000;

const changes: [string, () => void][] = [
  ["nothing", () => {}],
  ["a file is written anew, of one size", () => put("b.json", "two")],
  [
    "a file is written anew, and its time put back",
    () => {
      const { atime, mtime } = statSync(at("b.json"));
      put("b.json", "two");
      utimesSync(at("b.json"), atime, mtime);
    },
  ],
  [
    "another file takes its place",
    () => {
      put("next", "two");
      renameSync(at("next"), at("b.json"));
    },
  ],
  ["one goes", () => unlinkSync(at("b.json"))],
  ["one comes", () => put("d.json", "four")],
  [
    "one is a link to another",
    () => {
      mkdirSync(at(".elsewhere"));
      put(".elsewhere/x.json", "two");
      unlinkSync(at("b.json"));
      symlinkSync(at(".elsewhere/x.json"), at("b.json"));
    },
  ],
  ["one can't be parsed any more", () => writeFileSync(at("b.json"), "{")],
];

describe("facts of a folder that was read before", () => {
  it.each(changes)("are what they are now: %s", async (what, change) => {
    const remembering = rememberingInventory(1e6, later);
    const before = await remembering.readFolder(folder);
    expect(before).toEqual(await inventory.readFolder(folder));
    change();
    const after = await remembering.readFolder(folder);
    expect(after).toEqual(await inventory.readFolder(folder));
    expect(after.id === before.id).toBe(what === "nothing");
    // The others were not read again.
    expect(after.nodes[0]).toBe(before.nodes[0]);
  });

  it("are read again where their file is so new that its times say nothing", async () => {
    const remembering = rememberingInventory(1e6, () => statSync(at("a.json")).ctimeMs + 1999);
    const before = await remembering.readFolder(folder);
    const after = await remembering.readFolder(folder);
    expect(after).toEqual(before);
    expect(after.nodes[0]).not.toBe(before.nodes[0]);
  });

  it("are remembered as far as there is room, and of the last folder alone", async () => {
    const remembering = rememberingInventory(2 * statSync(at("a.json")).size, later);
    const before = await remembering.readFolder(folder);
    const again = await remembering.readFolder(folder);
    expect(again.nodes.map((node, place) => node === before.nodes[place])).toEqual([true, true, false]);
    mkdirSync(at("inner"));
    put("inner/x.json", "one");
    await remembering.readFolder(at("inner"));
    rmSync(at("inner"), { recursive: true });
    expect((await remembering.readFolder(folder)).nodes[0]).not.toBe(before.nodes[0]);
  });
});
