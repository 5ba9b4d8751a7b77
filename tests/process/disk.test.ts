import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../src/process/run.ts";

const folders: string[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-disk-"));
  folders.push(folder);
});
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })));

const mib = 2 ** 20;
const shell = (script: string, bytes = 8 * mib) =>
  run({
    file: "/bin/sh",
    args: ["-c", script],
    env: { PATH: "/usr/bin:/bin" },
    cwd: folder,
    seconds: 50,
    outputBytes: 65_536,
    disk: { folder, bytes },
  });

describe("what a program may write", () => {
  it.each<[string, string]>([
    ["one file that grows for ever", "exec cat /dev/zero > zeros"],
    ["files without end, each of nothing", 'n=0; while :; do n=$((n+1)); : > "$n"; done'],
    ["folders in folders", "while :; do mkdir d && cd d && head -c 100000 /dev/zero > f; done"],
    ["a file of a program that it left behind", "(exec cat /dev/zero > zeros) & wait"],
  ])("ends %s", async (_, script) => {
    expect(await shell(script)).toMatchObject({ ok: false, diskLimit: true, timedOut: false, signal: "SIGKILL" });
  });

  it("counts what was written too fast to be seen, and what was there before", async () => {
    expect(await shell("head -c 9000000 /dev/zero > zeros")).toMatchObject({ ok: false, diskLimit: true });
    rmSync(join(folder, "zeros"));
    writeFileSync(join(folder, "before"), Buffer.alloc(5 * mib));
    expect(await shell("head -c 4000000 /dev/zero > zeros")).toMatchObject({ ok: false, diskLimit: true });
  });

  it("lets it write as much, and follows no link out of the folder", async () => {
    expect(await shell("head -c 7000000 /dev/zero > zeros; ln -s /usr usr")).toMatchObject({ ok: true, diskLimit: false });
  });
});
