import { existsSync, readdirSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { run, type RunOptions, type RunResult } from "../../src/process/run.ts";

const limits = { env: { PATH: "/usr/bin:/bin" }, cwd: "/", seconds: 20, outputBytes: 1_000_000 };
const sh = (script: string, options: Partial<RunOptions> = {}): Promise<RunResult> =>
  run({ ...limits, file: "sh", args: ["-c", script], ...options });

/** Processes of this machine whose command line holds the mark. */
const processesWith = (mark: string): string[] =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
    } catch {
      return false;
    }
  });

describe("every end has the same shape and says its cause", () => {
  const clean = { exitCode: 0, signal: null, timedOut: false, outputLimit: false, aborted: false, spawnError: null };
  const failed = { ok: false, exitCode: null, signal: "SIGKILL" };
  const cases: Array<[string, () => Promise<RunResult>, Partial<RunResult>]> = [
    ["success", () => sh("exit 0"), { ...clean, ok: true }],
    ["an exit code", () => sh("exit 3"), { ...clean, ok: false, exitCode: 3 }],
    ["a signal", () => sh("kill -TERM $$"), { ...clean, ...failed, signal: "SIGTERM" }],
    ["too slow", () => sh("sleep 30", { seconds: 0.2 }), { ...clean, ...failed, timedOut: true }],
    ["aborted", () => sh("sleep 30", { signal: AbortSignal.timeout(200) }), { ...clean, ...failed, aborted: true }],
    ["aborted before it began", () => sh("sleep 30", { signal: AbortSignal.abort() }), { ...clean, ...failed, aborted: true }],
    [
      "no such program",
      () => run({ ...limits, file: "no-such-program", args: [] }),
      { ...clean, ok: false, exitCode: null, spawnError: { code: "ENOENT", message: "spawn no-such-program ENOENT" } },
    ],
  ];
  test.each(cases)("%s", async (_, start, expected) => {
    const result = await start();
    expect(result).toMatchObject(expected);
    expect(Object.keys(result).sort()).toEqual(
      "aborted diskLimit exitCode memoryLimit milliseconds ok outputLimit signal spawnError stderr stdout timedOut".split(" "),
    );
  });

  test("a name that can't be one is an error of this program's start, not a crash", async () => {
    const result = await run({ ...limits, file: "a\0b", args: [] });
    expect(result).toMatchObject({ ok: false, exitCode: null, spawnError: { code: "ERR_INVALID_ARG_VALUE" } });
  });
});

describe("limits", () => {
  test.each(["yes", "yes >&2"])("output ends at the limit: %s", async (script) => {
    const result = await sh(script, { outputBytes: 10_000 });
    expect(result).toMatchObject({ ok: false, outputLimit: true, timedOut: false });
    // The other stream may hold the program's own complaint about it.
    expect(Math.max(result.stdout.length, result.stderr.length)).toBe(10_000);
  });

  test("the whole process group goes, and at once", async () => {
    // A mark in the sleeping time finds these processes and no others.
    const mark = `30.${process.pid}`;
    const result = await sh(`trap '' TERM; sleep ${mark} & sh -c 'trap "" TERM; sleep ${mark}'`, { seconds: 0.3 });
    expect(result.timedOut).toBe(true);
    expect(result.milliseconds).toBeLessThan(10_000);
    await expect.poll(() => processesWith(mark), { timeout: 10_000 }).toEqual([]);
  });

  test("a process that left the group and holds stdout cannot keep the result from coming", async () => {
    const result = await sh("setsid sleep 20 & echo started; sleep 30", { seconds: 0.5 });
    expect(result.timedOut).toBe(true);
    expect(result.stdout.toString()).toBe("started\n");
    expect(result.milliseconds).toBeLessThan(10_000);
  });
});

describe("what a program is given", () => {
  test("nothing of this process's environment", async () => {
    process.env["PUPPET_GATE_TEST_SECRET"] = "hunter2";
    const result = await sh("env", { env: { PATH: "/usr/bin:/bin", LANG: "C" } });
    delete process.env["PUPPET_GATE_TEST_SECRET"];
    const names = result.stdout
      .toString()
      .split("\n")
      .map((line) => line.split("=")[0])
      .filter((name) => name !== "" && name !== "_");
    expect(new Set(names)).toEqual(new Set(["LANG", "PATH", "PWD"]));
  });

  test("its input, as bytes, and content on further descriptors", async () => {
    const result = await sh("cat; cat <&3; cat <&4", {
      input: new Uint8Array([0, 255, 10]),
      descriptors: [{ content: "three" }, { content: new Uint8Array([254]) }],
    });
    expect([...result.stdout]).toEqual([0, 255, 10, ...Buffer.from("three"), 254]);
  });

  test("its input, later: it runs already, and its time begins with it", async () => {
    const input = Promise.withResolvers<string>();
    const running = sh("echo here >&3; cat", { input: input.promise, seconds: 0.2, descriptors: [{ content: "" }] }).then(
      (result) => result,
    );
    await new Promise((resolve) => setTimeout(resolve, 400)); // longer than it may take
    input.resolve("late\n");
    expect(await running).toMatchObject({ ok: true, stdout: Buffer.from("late\n") });
  });

  test("its input, later, and no longer than its time from then on", async () => {
    const result = await sh("cat; sleep 30", { input: Promise.resolve("x"), seconds: 0.2 });
    expect(result).toMatchObject({ ok: false, timedOut: true, signal: "SIGKILL", stdout: Buffer.from("x") });
  });

  test("an end without any input", async () => {
    const never = new Promise<string>(() => {});
    expect(await sh("exec cat", { input: never, signal: AbortSignal.timeout(100) })).toMatchObject({ ok: false, aborted: true });
    const late = Promise.withResolvers<string>();
    const result = await sh("exit 4", { input: late.promise });
    late.resolve("nobody reads this");
    expect(result).toMatchObject({ ok: false, exitCode: 4, timedOut: false });
  });

  test.runIf(process.getuid?.() === 0)("another user, without supplementary groups", async () => {
    const result = await sh("id -u; id -G", { user: { uid: 60_001, gid: 60_002 } });
    expect(result.stdout.toString()).toBe("60001\n60002\n");
  });
});

test("this machine shows processes to the tests that look for them", () => {
  expect(existsSync(`/proc/${process.pid}/cmdline`)).toBe(true);
});
