import { fileURLToPath } from "node:url";

import { afterEach, describe, expect, test } from "vitest";

import { type Answer, type LineWorker, startLineWorker } from "../../src/process/line-worker.ts";
import { LineSplitter } from "../../src/process/line-splitter.ts";

const program = fileURLToPath(new URL("programs/misbehave.sh", import.meta.url));
const workers: LineWorker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.end()));
});

const start = (lineBytes = 100_000): LineWorker => {
  const worker = startLineWorker(
    { file: "sh", args: [program], env: { PATH: "/usr/bin:/bin" }, cwd: "/", descriptors: ["answers"] },
    { lineBytes },
  );
  workers.push(worker);
  return worker;
};
const ask = (worker: LineWorker, request: string | null, seconds = 20, signal?: AbortSignal): Promise<Answer> =>
  worker.ask(request, { seconds, ...(signal ? { signal } : {}) });
const shown = (answer: Answer): unknown => (answer.kind === "line" ? answer.line.toString() : answer);

describe("a worker that behaves", () => {
  test("says that it is ready, and answers one line a question", async () => {
    const worker = start();
    expect(shown(await ask(worker, null))).toBe("ready");
    expect(shown(await ask(worker, "say one"))).toBe("one");
    expect(shown(await ask(worker, "pieces"))).toBe("first second");
    expect(shown(await ask(worker, "chatter on stdout and stderr"))).toBe("done");
    expect(worker.alive).toBe(true);
    await worker.end();
    expect(worker.alive).toBe(false);
    expect(await ask(worker, "say two")).toMatchObject({ kind: "ended" });
  });
});

describe("a worker that does not is ended, and how is said", () => {
  const cases: Array<[string, Partial<Answer>]> = [
    ["exit 7", { kind: "ended", exitCode: 7, signal: null, stderr: "last words\n" }],
    ["kill", { kind: "ended", exitCode: null, signal: "SIGKILL" }],
    ["hang", { kind: "timeout" }],
    ["half", { kind: "timeout" }],
    ["endless", { kind: "too-long" }],
    ["two lines", { kind: "unasked" }],
    ["one and a half", { kind: "unasked" }],
  ];
  test.each(cases)("%s", async (request, expected) => {
    const worker = start();
    await ask(worker, null);
    expect(await ask(worker, request, 1)).toMatchObject(expected);
    expect(worker.alive).toBe(false);
    expect(await ask(worker, "say more")).toMatchObject(expected);
  });

  test("a line that comes without a question", async () => {
    const worker = start();
    await ask(worker, null);
    expect(shown(await ask(worker, "later"))).toBe("now");
    await expect.poll(() => worker.alive, { timeout: 10_000 }).toBe(false);
    expect(await ask(worker, "say more")).toEqual({ kind: "unasked" });
  });

  test("an abort", async () => {
    const worker = start();
    await ask(worker, null);
    expect(await ask(worker, "hang", 20, AbortSignal.timeout(100))).toEqual({ kind: "aborted" });
  });

  test("an answer followed at once by the end is still an answer", async () => {
    const worker = start();
    await ask(worker, null);
    expect(shown(await ask(worker, "last"))).toBe("goodbye");
  });

  test("a program that does not exist", async () => {
    const worker = startLineWorker(
      { file: "no-such-program", args: [], env: { PATH: "/usr/bin:/bin" }, cwd: "/", descriptors: ["answers"] },
      { lineBytes: 100 },
    );
    workers.push(worker);
    expect(await ask(worker, null)).toMatchObject({ kind: "ended", spawnError: { code: "ENOENT" } });
  });
});

test("lines are split wherever chunks end, and limited in length", () => {
  const text = "a\n\nbb\nccc";
  for (let size = 1; size <= text.length; size++) {
    const splitter = new LineSplitter(3);
    const lines: string[] = [];
    let rest = 0;
    for (let at = 0; at < text.length; at += size) {
      const result = splitter.push(Buffer.from(text.slice(at, at + size)));
      expect(result.tooLong).toBe(false);
      lines.push(...result.lines.map(String));
      rest = result.rest;
    }
    expect([...lines, rest]).toEqual(["a", "", "bb", 3]);
  }
  expect(new LineSplitter(3).push(Buffer.from("dddd")).tooLong).toBe(true);
  expect(new LineSplitter(3).push(Buffer.from("dddd\n")).tooLong).toBe(true);
});
