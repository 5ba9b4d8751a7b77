import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { CompileLimits, CompileOutcome } from "../../src/engine/ports/compile.ts";
import { Problem } from "../../src/problem.ts";
import { type Compiler, createCompiler } from "../../src/puppet/compiler.ts";
import { limits, makeFolder, node, processesWith } from "./fixtures.ts";

const program = fileURLToPath(new URL("programs/fake-compiler.sh", import.meta.url));
let files: Awaited<ReturnType<typeof makeFolder>>;
let log: string;
let compiler: Compiler;
beforeEach(async () => {
  files = await makeFolder({ log: "" });
  log = join(files.folder, "log");
});
afterEach(async () => {
  await compiler.close();
  await vi.waitFor(
    () => {
      if (processesWith(log).length > 0) throw new Error("a worker is left");
    },
    { timeout: 10_000 },
  );
  await files.remove();
});
const starts = (): number => readFileSync(log, "utf8").split("\n").length - 1;

/** A compiler whose workers are the fake program, outside any sandbox. */
function start(how: string, { workers = 1, ...some }: Partial<CompileLimits> & { workers?: number } = {}): Compiler {
  const command = { file: "sh", args: [program, how, log], env: { PATH: "/usr/bin:/bin" }, cwd: "/", descriptors: ["answers" as const] };
  const created = createCompiler({
    sandbox: { run: () => Promise.reject(new Error("not used")), worker: () => command },
    environment: { name: "e", root: "/e", folder: "/e", manifest: "/e/m", modulepath: [], mounts: [], standInFolders: [] },
    limits: { ...limits, nodeSeconds: 1, startSeconds: 10, outputMib: 1, ...some },
    seal: (text) => text,
  });
  compiler = { ...created, compile: (nodes, onOutcome, options) => created.compile(nodes, onOutcome, { ...options, workers }) };
  return compiler;
}

async function compile(names: string, signal?: AbortSignal): Promise<string[]> {
  const outcomes: CompileOutcome[] = [];
  await compiler.compile(
    names.split(" ").map((name) => node(name)),
    (outcome) => outcomes.push(outcome),
    { workers: 1, signal },
  );
  return outcomes.map(
    (outcome) => `${outcome.certname}: ${outcome.ok ? outcome.catalog.classes.join() : `${outcome.error.code}: ${outcome.error.message}`}`,
  );
}

describe("a node's fault is that node's outcome, and the next gets its catalog from a fresh worker", () => {
  const cases: Array<[string, RegExp]> = [
    ["crash", /^crash: The compiler ended without an answer \(exit code 3\)\.$/],
    ["full", /^memory: The compile needed more than the 1024 MiB/],
    ["hang", /^timeout: The compile did not end within the 1 seconds/],
    ["long", /^output: The catalog is larger than the 1 MiB/],
    ["twice", /^hostile: .* it said more than it was asked/],
    ["late", /^hostile: .* it said more than it was asked/],
    ["other", /^hostile: .* it is about another node/],
  ];
  test.each(cases)("%s", async (name, expected) => {
    start("ready");
    const [bad, good] = await compile(`${name} good`);
    expect(bad?.replace(`${name}: `, "")).toMatch(expected);
    expect(good).toBe("good: fine");
    expect(starts()).toBe(2);
  });

  test("one worker serves as long as it behaves, over several compiles", async () => {
    start("ready");
    expect(await compile("good-1 good-2")).toEqual(["good-1: fine", "good-2: fine"]);
    expect(await compile("good-3")).toEqual(["good-3: fine"]);
    expect(starts()).toBe(1);
  });

  test("workers are no more than asked for, and no more than nodes", async () => {
    start("ready", { workers: 3 });
    expect(await compile("good-1 good-2")).toHaveLength(2);
    expect(starts()).toBe(2);
    expect((await compile("good-1 good-2 good-3 good-4 good-5")).toSorted()).toHaveLength(5);
    expect(starts()).toBeLessThanOrEqual(3);
  });
});

describe("who is to blame", () => {
  test("a worker that fails at a later node is not believed, and the node is tried on a fresh one", async () => {
    start("ready");
    expect(await compile("good only-first")).toEqual(["good: fine", "only-first: first"]);
    expect(starts()).toBe(2);
  });

  test("a node that fails there too is its own fault", async () => {
    start("ready");
    expect(await compile("good crash-1")).toEqual(["good: fine", expect.stringMatching(/^crash-1: crash/)]);
    expect(starts()).toBe(2);
  });

  test("a timeout costs its time once", async () => {
    start("ready");
    expect(await compile("good hang-1")).toEqual(["good: fine", expect.stringMatching(/^hang-1: timeout/)]);
    expect(starts()).toBe(1);
  });
});

test("after five faults in a row the rest is not tried, and says why", async () => {
  start("ready");
  const names = Array.from({ length: 8 }, (_, at) => `crash-${at}`).join(" ");
  const outcomes = await compile(`${names} good`);
  expect(outcomes.slice(0, 5).every((outcome) => outcome.includes("exit code 3"))).toBe(true);
  expect(outcomes.slice(5)).toEqual(
    [5, 6, 7]
      .map((at) => expect.stringMatching(`^crash-${at}: crash: Not compiled: the 5 nodes before it`))
      .concat(expect.stringMatching(/^good: crash: Not compiled/)),
  );
  expect(starts()).toBe(5);
});

test("faults between which others compile are not a row", async () => {
  start("ready");
  const names = Array.from({ length: 6 }, (_, at) => `crash-${at} good-${at}`).join(" ");
  expect((await compile(names)).filter((outcome) => outcome.endsWith(": fine"))).toHaveLength(6);
});

describe("a worker that cannot start is this machine's problem", () => {
  const cases: Array<[string, object]> = [
    ["dies", { code: "compiler-start", text: expect.stringMatching(/exit code 9: last words/) }],
    ["no-puppet", { code: "missing-program", hint: expect.stringMatching(/puppet-agent/) }],
    ["slow", { code: "compiler-start", text: expect.stringMatching(/not ready within 1 seconds/) }],
    ["mumbles", { code: "compiler-start", text: expect.stringMatching(/something else than that it is ready/) }],
  ];
  test.each(cases)("%s", async (how, expected) => {
    start(how, { startSeconds: 1, workers: 2 });
    const error = await compile("good-1 good-2").catch((problem: unknown) => problem);
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject(expected);
  });
});

describe("ending early", () => {
  test("an abort rejects with its reason, and tells nothing of the nodes that it cut short", async () => {
    start("ready", { nodeSeconds: 30, workers: 2 });
    const abort = new AbortController();
    const outcomes: CompileOutcome[] = [];
    const done = compiler.compile(
      ["good", "hang-1", "hang-2"].map((name) => node(name)),
      (outcome) => {
        outcomes.push(outcome);
        abort.abort(new Error("enough"));
      },
      { workers: 1, signal: abort.signal },
    );
    await expect(done).rejects.toThrow("enough");
    expect(outcomes.map(({ certname }) => certname)).toEqual(["good"]);
    await expect.poll(() => processesWith(log).length, { timeout: 10_000 }).toBeLessThanOrEqual(1);
  });

  test("an abort before the beginning starts nothing", async () => {
    start("ready");
    await expect(compile("good", AbortSignal.abort(new Error("never mind")))).rejects.toThrow("never mind");
    expect(starts()).toBe(0);
  });

  test("an error of who is told ends the compile with it", async () => {
    start("ready", { workers: 2 });
    const done = compiler.compile(
      [node("good-1"), node("good-2"), node("good-3")],
      () => {
        throw new Error("could not be told");
      },
      { workers: 2 },
    );
    await expect(done).rejects.toThrow("could not be told");
  });
});
