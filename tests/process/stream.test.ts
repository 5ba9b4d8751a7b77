import { existsSync, readFileSync, readdirSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { startStream } from "../../src/process/stream.ts";

const shell = (script: string, seconds: number | null = 20) =>
  startStream({ file: "/bin/sh", args: ["-c", script], env: { PATH: "/usr/bin:/bin" }, cwd: "/" }, { seconds });

const textOf = async (stream: ReturnType<typeof shell>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream.stdout as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe("a program that is talked to in bytes", () => {
  it("gets what is written and gives what it says, with its own environment alone", async () => {
    const stream = shell('cat; echo "$HOME$GREETING"; echo why >&2; exit 3');
    stream.stdin.end("a\0b\n");
    expect(await textOf(stream)).toBe("a\0b\n\n");
    expect(await stream.ended).toMatchObject({ ok: false, exitCode: 3, timedOut: false, stderr: "why\n", spawnError: null });
  });

  it("may say more than memory would hold", async () => {
    const stream = shell("head -c 300000000 /dev/zero");
    stream.stdin.end();
    let bytes = 0;
    for await (const chunk of stream.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(300_000_000);
    expect(await stream.ended).toMatchObject({ ok: true, exitCode: 0 });
  });

  it("is ended at its limit of time, group and all", async () => {
    const mark = `97.${process.pid}`;
    const stream = shell(`sleep ${mark} & echo started; wait`, 0.5);
    expect(await textOf(stream)).toBe("started\n");
    expect(await stream.ended).toMatchObject({ ok: false, timedOut: true, exitCode: null });
    await expect.poll(() => running(mark), { timeout: 10_000 }).toBe(false);
  });

  it("is ended when asked to, and twice does no harm", async () => {
    const stream = shell("sleep 100", null);
    await stream.end();
    await stream.end();
    expect(await stream.ended).toMatchObject({ ok: false, signal: "SIGKILL" });
  });

  it("may not exist", async () => {
    const stream = startStream({ file: "no-such-program", args: [], env: { PATH: "/usr/bin" }, cwd: "/" }, { seconds: null });
    stream.stdin.write("x");
    expect(await stream.ended).toMatchObject({ ok: false, spawnError: { code: "ENOENT" } });
  });
});

/** Whether some process has this on its command line; one that is dead and waits to be buried has none. */
const running = (mark: string): boolean =>
  readdirSync("/proc").some((pid) => {
    const file = `/proc/${pid}/cmdline`;
    return /^\d+$/u.test(pid) && existsSync(file) && readFileSync(file, "utf8").includes(`sleep\0${mark}`);
  });
