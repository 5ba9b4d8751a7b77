import { describe, expect, test } from "vitest";

import type { Examination } from "../../src/engine/ports/doctor.ts";
import { examineIsolation } from "../../src/puppet/doctor/isolation.ts";
import { openSandbox } from "../../src/puppet/sandbox.ts";
import { naked } from "./naked.ts";

const statuses = (found: readonly Examination[]): Record<string, string> =>
  Object.fromEntries(found.map(({ name, status, text }) => [name, status === "pass" ? "pass" : `${status}: ${text}`]));

describe.concurrent("each promise of the sandbox is tried", () => {
  test("the real one keeps all of them", async () => {
    const found = statuses(await examineIsolation(openSandbox));
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, "pass"])));
    expect(Object.keys(found)).toHaveLength(17);
  });

  test("one that holds nothing keeps none, and each probe says what it got through", { timeout: 240_000 }, async () => {
    const found = await examineIsolation(naked);
    for (const pid of found.find(({ name }) => name === "time and leftovers")?.text.match(/\d+/g) ?? [])
      process.kill(Number(pid), "SIGKILL");
    expect(statuses(found)).toMatchObject({
      network: expect.stringMatching(
        /^fail: reached: this machine's loopback, .*an abstract socket, a socket in a folder, 3 connections arrived/,
      ),
      "host files": expect.stringMatching(/^fail: could read: .*canary/),
      writing: expect.stringMatching(/^fail: could write: .*canary, a file of this machine/),
      "/proc and /sys": expect.stringMatching(/^fail: is there: proc/),
      "file system": expect.stringMatching(/^fail: unknown folders/),
      user: expect.stringMatching(/^fail: uid and gid are/),
      environment: expect.stringMatching(/^fail: variables of this process: A_SECRET/),
      "kernel calls": expect.stringMatching(/^fail: reached the kernel: /),
      processes: expect.stringMatching(/^fail: it started 300 processes/),
      "memory of a process": expect.stringMatching(/^fail: one process took 400 MiB/),
      "memory of the whole sandbox": expect.stringMatching(/^fail: three processes/),
      "file size": expect.stringMatching(/^fail: it wrote 24 MiB/),
      "time and leftovers": expect.stringMatching(/^fail: processes are left: \d+/),
    });
    expect(found.filter(({ status, hint }) => status === "fail" && !hint?.includes("Do not check changes"))).toEqual([]);
  });
});
