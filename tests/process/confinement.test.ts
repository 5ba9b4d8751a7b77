import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { placeOf } from "../../src/process/cgroup-place.ts";
import { cgroupConfinement, openCgroups, settingsOf } from "../../src/process/cgroup.ts";
import type { Confinement } from "../../src/process/confinement.ts";
import { startLineWorker } from "../../src/process/line-worker.ts";
import { ownMark } from "../../src/process/marks.ts";
import { canLook, residentConfinement } from "../../src/process/resident.ts";
import { run } from "../../src/process/run.ts";

const mebibyte = 1024 * 1024;
const limits = { memoryBytes: 100 * mebibyte, processes: 20 };
const found = openCgroups();
const place = "place" in found ? found.place : null;

describe("where groups are made, by what the kernel says of this process", () => {
  const unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
  const memory = "31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory";
  const pids = "32 23 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids";
  const folder = "/sys/fs/cgroup";
  const cases: Array<[name: string, mounts: string[], own: string[], expected: ReturnType<typeof placeOf>]> = [
    [
      "version 2, a service",
      [unified],
      ["0::/system.slice/gate.service"],
      two(`${folder}/system.slice/gate.service`, "/system.slice/gate.service"),
    ],
    ["version 2, in the leaf already", [unified], ["0::/a.scope/supervisor"], two(`${folder}/a.scope`, "/a.scope")],
    ["version 2, a container", [unified], ["0::/"], two(folder, "/")],
    ["version 2, a container, in the leaf already", [unified], ["0::/supervisor"], two(folder, "/")],
    ["version 2, a part of it mounted", [unified.replace(" / /sys", " /box /sys")], ["0::/box/gate"], two(`${folder}/gate`, "/box/gate")],
    ["version 2, mounted as another namespace sees it", [unified.replace(" / /sys", " /../.. /sys")], ["0::/"], null],
    ["version 2, outside of what this namespace sees", [unified], ["0::/../gate"], null],
    [
      "version 1",
      [memory, pids],
      ["8:pids:/p", "4:memory:/m", "0::/"],
      { version: 1, folders: { memory: `${folder}/memory/m`, pids: `${folder}/pids/p` }, path: "/m" },
    ],
    [
      "version 1 beside an empty version 2",
      [unified, memory],
      ["4:memory:/m", "0::/"],
      { version: 1, folders: { memory: `${folder}/memory/m`, pids: null }, path: "/m" },
    ],
    ["nothing mounted", [], ["0::/"], null],
  ];
  test.each(cases)("%s", (_, mounts, own, expected) => {
    expect(placeOf(mounts.join("\n"), own.join("\n"))).toEqual(expected);
  });

  test("what is written into a group of version 2, which takes its whole sandbox along when memory is full", () => {
    expect(settingsOf(2, limits)).toEqual({
      memory: [
        { file: "memory.max", value: "104857600" },
        { file: "memory.swap.max", value: "0", optional: true },
        { file: "memory.oom.group", value: "1", optional: true },
      ],
      pids: [{ file: "pids.max", value: "20" }],
    });
  });
});

const two = (folder: string, path: string) => ({ version: 2 as const, folders: { memory: folder, pids: folder }, path });

/** What waits for its lifeline's byte, and then has three children take 60 MiB each, which none of them is too much for. */
const greedy = `read -r -n 1 -u 3 go; for i in 1 2 3; do perl -e '$x = "a" x (60 * 1024 * 1024); sleep 2' & done; wait`;
const bash = (script: string, confinement: Confinement) => ({
  file: "bash",
  args: ["-c", script],
  env: { PATH: "/usr/bin:/bin" },
  cwd: "/",
  descriptors: ["lifeline" as const],
  confinement,
});
const confinements: Array<[string, boolean, () => Confinement]> = [
  ["by a control group", place !== null, () => cgroupConfinement(place as NonNullable<typeof place>, limits)],
  ["by looking", canLook(), () => residentConfinement(limits)],
];
describe.each(confinements)("%s", (_, isThere, make) => {
  test.runIf(isThere)("three children that take too much together are ended, and why is said", async () => {
    const result = await run({ ...bash(greedy, make()), seconds: 30, outputBytes: 1000 });
    expect(result).toMatchObject({ ok: false, memoryLimit: true });
  });

  test.runIf(isThere)("what stays below is let be", async () => {
    const result = await run({ ...bash("read -r -n 1 -u 3 go; echo $go", make()), seconds: 30, outputBytes: 1000 });
    expect(result).toMatchObject({ ok: true, memoryLimit: false });
    expect(result.stdout.toString()).toBe("g\n");
  });

  test.runIf(isThere)("a line worker that takes too much says it", async () => {
    const command = bash(`read -r -n 1 -u 3 go; perl -e '$x = "a" x (200 * 1024 * 1024); sleep 60'; exit 9`, make());
    const worker = startLineWorker({ ...command, descriptors: ["lifeline", "answers"] }, { lineBytes: 100 });
    expect(await worker.ask(null, { seconds: 30 })).toMatchObject({ kind: "ended", memoryLimit: true });
    await worker.end();
  });
});

test.runIf(place)("processes are counted for the whole group", async () => {
  const fork =
    "for (1..100) { my $p = fork; if (!defined $p) { print scalar @p; kill 9, @p; exit } if (!$p) { sleep 60; exit } push @p, $p }";
  const confinement = cgroupConfinement(place as NonNullable<typeof place>, limits);
  const result = await run({ ...bash(`read -r -n 1 -u 3 go; perl -e '${fork}'`, confinement), seconds: 30, outputBytes: 1000 });
  expect(result).toMatchObject({ ok: true, memoryLimit: false });
  expect(Number(result.stdout.toString())).toBeGreaterThan(5);
  expect(Number(result.stdout.toString())).toBeLessThan(20);
  expect(groupsOf(ownMark)).toEqual([]);
});

const groupsOf = (mark: string): string[] =>
  Object.values(place?.folders ?? {}).flatMap((folder) =>
    folder === null ? [] : readdirSync(folder).filter((name) => name.startsWith(`puppet-gate-${mark}`)),
  );

test("no group is left", () => {
  expect(groupsOf(ownMark)).toEqual([]);
});

test("a process that is killed leaves neither its folders nor its groups", async () => {
  const program = fileURLToPath(new URL("programs/litter.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve) => child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())));
  const { folder, mark } = JSON.parse(line) as { folder: string; mark: string };
  expect(existsSync(folder)).toBe(true);
  expect(groupsOf(mark).length > 0).toBe(place !== null);
  child.kill("SIGKILL");
  await expect.poll(() => [existsSync(folder), ...groupsOf(mark)], { timeout: 20_000 }).toEqual([false]);
  expect(readdirSync(dirname(folder)).filter((name) => name.includes(mark))).toEqual([]);
});
