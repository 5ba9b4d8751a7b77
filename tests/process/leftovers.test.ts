import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clearLeftovers } from "../../src/process/leftovers.ts";
import { fateOf, markIn, ownMark } from "../../src/process/marks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-test-"));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const [place = "", pid = "", start = ""] = ownMark.split(".");
const marks: Array<[string, string, "alive" | "dead" | "elsewhere"]> = [
  ["this process", ownMark, "alive"],
  ["one that had its number before", [place, pid, String(Number(start) - 1), "abcdef"].join("."), "dead"],
  ["one whose number nobody has", [place, "4194305", "1", "abcdef"].join("."), "dead"],
  ["one of another boot or container", ["000000000000", "4194305", "1", "abcdef"].join("."), "elsewhere"],
];

test.each(marks)("%s is known for what it is, and its folders are dealt with accordingly", async (_, mark, fate) => {
  expect(fateOf(mark)).toBe(fate);
  const name = `puppet-gate-tree-${mark}-XyZ123`;
  expect(markIn(name)).toBe(mark);
  mkdirSync(join(folder, name, "code"), { recursive: true });
  expect(await clearLeftovers(folder)).toEqual(fate === "dead" ? [name] : []);
  expect(existsSync(join(folder, name))).toBe(fate !== "dead");
});

test.each(["puppet-gate-postgres-abc", "puppet-gate-test-a.b.c", "other", "puppet-gate-tree-1.2.3-x"])(
  "%s is nothing of it",
  async (name) => {
    mkdirSync(join(folder, name));
    expect(await clearLeftovers(folder)).toEqual([]);
    expect(readdirSync(folder)).toEqual([name]);
  },
);

/** Reapers of a process, by their command lines. */
const reapersOf = (mark: string): number[] =>
  readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/u.test(entry)) return [];
    try {
      const line = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      return line.includes("puppet-gate-reaper") && line.includes(mark) ? [Number(entry)] : [];
    } catch {
      return []; // it ended meanwhile
    }
  });

test("what a process and its reaper leave when both are killed is taken away by the next one that needs a folder", async () => {
  const litter = fileURLToPath(new URL("programs/litter.ts", import.meta.url));
  const child = spawn(process.execPath, [litter], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: folder } });
  const line = await new Promise<string>((resolve) => child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())));
  const { mark } = JSON.parse(line) as { mark: string };
  for (const reaper of reapersOf(mark)) process.kill(reaper, "SIGKILL");
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await closed;
  expect(readdirSync(folder)).toHaveLength(1);
  expect(await clearLeftovers(folder)).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
});
