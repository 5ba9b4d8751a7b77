import { openSync, readFileSync, writeSync } from "node:fs";
import { relative } from "node:path";
import { TestRunner } from "vitest";
import type { RunnerTestCase, RunnerTestFile } from "vitest";
import { planVariable, type Plan, type Said, type Try } from "../plan.ts";

/**
 * Runs tests as vitest does, with mutants that are woven into the sources made real one at a time: a test is repeated, hooks and all, with each
 * mutant that it passes by and that no test killed yet.
 */

const plan = JSON.parse(readFileSync(process.env[planVariable] ?? "", "utf8")) as Plan;
const out = openSync(plan.said, "a");
const say = (said: Said): void => void writeSync(out, `${JSON.stringify(said)}\n`);

/** Those that tell the true time: a test may set the clock. */
const { setTimeout, clearTimeout } = globalThis;
const elapsed = performance.now.bind(performance);

let live = plan.mode === "live" ? plan.live : 0;
let seen = new Set<number>();
let calls = 0;
let most = plan.mode === "live" ? plan.calls : Infinity;

declare global {
  var __live: (id: number) => boolean;
}

globalThis.__live = (id) => {
  calls += 1;
  // A loop that a mutant made endless passes by mutants again and again.
  if (calls > most) throw new Error("this goes on without end");
  if (plan.mode === "watch") seen.add(id);
  return id === live;
};

function begin(mutant: number, limit: number): void {
  live = mutant;
  calls = 0;
  most = limit;
  seen = new Set();
}

export default class MutantRunner extends TestRunner {
  /** Of the test that is running. */
  #now: { mine: Try; left: number[]; current: number; checks: { mutant: number; why: string } | null; isFirst: boolean } | null = null;
  #watched: { runs: number; ms: number; calls: number; seen: Set<number> } | null = null;
  #around = { seen: new Set<number>(), calls: 0 };
  readonly #killed = killedSoFar();
  #isFirst = true;

  override onCollectStart(file: RunnerTestFile): void {
    super.onCollectStart(file);
    if (plan.mode !== "live") begin(0, Infinity);
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    if (plan.mode === "live" && plan.left.includes(keyOf(test))) test.mode = "skip";
    if (plan.mode === "live" || (test.mode !== "run" && test.mode !== "queued")) return;
    if (plan.mode === "watch") {
      this.#leaveSurroundings();
      this.#watched = { runs: 0, ms: 0, calls: 0, seen: new Set() };
      test.repeats = 1;
      return;
    }
    const mine = plan.tries.find((one) => one.test === keyOf(test));
    const left = (mine?.mutants ?? []).filter((id) => !this.#killed.has(id));
    if (mine === undefined || left.length === 0) {
      test.mode = "skip";
      return;
    }
    this.#now = { mine, left, current: 0, checks: null, isFirst: this.#isFirst };
    // Each that is killed is followed by a run without any.
    test.repeats = left.length * 2 - 1;
  }

  override onBeforeTryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options);
    if (plan.mode === "watch") begin(0, Infinity);
    const now = this.#now;
    if (now === null) return;
    now.current = now.checks === null ? (now.left.shift() ?? 0) : 0;
    begin(now.current, now.mine.calls * 20 + 100_000);
    if (now.current !== 0) say({ say: "begin", test: now.mine.test, mutant: now.current });
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    const run = TestRunner.getTestFn(test);
    if (plan.mode === "live") return run();
    if (plan.mode === "watch") return this.#watch(run);
    const now = this.#now;
    if (now === null || (now.current === 0 && now.checks === null)) return;
    const why = await failureOf(run, now.mine.ms * 10 + 3_000, test);
    if (now.checks !== null) this.#settle(now.checks.mutant, now.checks.why, why === null);
    else if (why === null) say({ say: "end", test: now.mine.test, mutant: now.current, killed: false, why: "" });
    else now.checks = { mutant: now.current, why };
  }

  /** A test that fails without any mutant too has been spoilt by one before: then another process has to say. */
  #settle(mutant: number, why: string, isSound: boolean): void {
    const now = this.#now;
    if (now === null) return;
    if (isSound || now.isFirst) {
      say({ say: "end", test: now.mine.test, mutant, killed: true, why });
      this.#killed.add(mutant);
    }
    if (!isSound) process.kill(process.pid, "SIGKILL");
    now.checks = null;
    now.isFirst = false;
    this.#isFirst = false;
  }

  async #watch(run: () => unknown): Promise<void> {
    const began = elapsed();
    await run();
    const watched = this.#watched;
    if (watched === null) return;
    watched.runs += 1;
    watched.ms = Math.max(watched.ms, elapsed() - began);
  }

  override async onAfterRetryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): Promise<void> {
    await super.onAfterRetryTask(test, options);
    const watched = this.#watched;
    if (watched === null) return;
    watched.calls = Math.max(watched.calls, calls);
    for (const id of seen) watched.seen.add(id);
  }

  override onAfterRunTask(test: RunnerTestCase): void {
    super.onAfterRunTask(test);
    this.#now = null;
    const watched = this.#watched;
    this.#watched = null;
    if (watched === null) return;
    const { ms, calls: most, runs } = watched;
    const said = { test: keyOf(test), file: fileOf(test.file), name: test.fullTestName };
    say({
      say: "test",
      ...said,
      seen: [...watched.seen],
      ms: Math.ceil(ms),
      calls: most,
      again: runs === 2 && test.result?.state === "pass",
    });
    begin(0, Infinity);
  }

  override onAfterRunFiles(files: RunnerTestFile[]): void {
    super.onAfterRunFiles(files);
    if (plan.mode !== "watch") return;
    this.#leaveSurroundings();
    for (const file of files) say({ say: "file", file: fileOf(file), seen: [...this.#around.seen], calls: this.#around.calls });
    this.#around = { seen: new Set(), calls: 0 };
  }

  #leaveSurroundings(): void {
    for (const id of seen) this.#around.seen.add(id);
    this.#around.calls += calls;
    begin(0, Infinity);
  }
}

const fileOf = ({ filepath }: RunnerTestFile): string => relative(process.cwd(), filepath);

/** The same from run to run, also where tests have the same name. */
const keyOf = (test: RunnerTestCase): string => `${fileOf(test.file)} ${test.id}`;

function killedSoFar(): Set<number> {
  const lines = readFileSync(plan.said, "utf8").split("\n").slice(0, -1);
  const said = lines.map((line) => JSON.parse(line) as Said);
  return new Set(said.flatMap((one) => (one.say === "end" && one.killed ? [one.mutant] : [])));
}

/** Why a test fails; null where it passes. */
async function failureOf(run: () => unknown, limit: number, test: RunnerTestCase): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("it takes too long"), limit);
  });
  const outcome = async (): Promise<string | null> => {
    try {
      await run();
    } catch (error) {
      return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    }
    if (test.result?.state !== "fail") return null;
    // What `expect.soft` says.
    test.result.state = "run";
    return "soft";
  };
  const why = await Promise.race([outcome(), late]);
  clearTimeout(timer);
  return why;
}
