import { randomInt } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { createContext, Script } from "node:vm";
import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";

// As the command does it (`src/cli.ts`).
setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");

/**
 * Inputs that nobody thought of. Half of them are the same each time, and half of a seed that is drawn anew and said, so that what it finds can be
 * found again: `PUPPET_GATE_FUZZ_SEED=N npm run test:long`.
 */
const fixedSeed = 20_261_122;
const given = process.env["PUPPET_GATE_FUZZ_SEED"];
const freshSeed = given === undefined ? randomInt(2 ** 31) : Number(given);
const seeds = [fixedSeed, freshSeed];

/** Seconds that no input may take. What is usual is a thousandth of it, so that no busy machine comes near: who is there longer does not come back. */
const mostSeconds = 20;

let tried = 0;

/** Says at its end how many inputs a file tried, in how many seconds, and by which seed. */
export function countInputs(of: string): void {
  const started = performance.now();
  afterAll(() => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`fuzz: ${tried.toLocaleString("en")} inputs of ${of} in ${seconds} s, seeds ${seeds.join(" and ")}\n`);
    expect(tried).toBeGreaterThan(0);
  });
}

/** One property, and how many inputs it is tried with, by both seeds together. `check` throws where something is wrong. */
export function fuzz<T>(name: string, input: fc.Arbitrary<T>, count: number, check: (input: T) => void): void {
  it.each(seeds)(`${name} (seed %i)`, { timeout: 900_000 }, (seed) => {
    const property = fc.property(input, (one) => {
      tried += 1;
      bounded(() => check(one));
      unpolluted();
    });
    expect(reportOf(fc.check(property, { seed, numRuns: count / seeds.length }))).toBeNull();
  });
}

/** The same where the check has to wait. */
export function fuzzAsync<T>(name: string, input: fc.Arbitrary<T>, count: number, check: (input: T) => Promise<void>): void {
  it.each(seeds)(`${name} (seed %i)`, { timeout: 900_000 }, async (seed) => {
    const property = fc.asyncProperty(input, async (one) => {
      tried += 1;
      await check(one);
      unpolluted();
    });
    expect(reportOf(await fc.check(property, { seed, numRuns: count / seeds.length, timeout: mostSeconds * 1000 }))).toBeNull();
  });
}

/** Null where nothing is wrong. An input may be a megabyte, of which the beginning is enough to know it again. */
const reportOf = <T>(details: fc.RunDetails<T>): string | null =>
  details.failed
    ? `${(fc.defaultReportMessage(details) ?? "").slice(0, 5_000)}\n${details.errorInstance instanceof Error ? details.errorInstance.stack : String(details.errorInstance)}`
    : null;

const context = createContext({ work: (): void => undefined });
const script = new Script("work()");

/** Ends what takes longer than any input may, loops and regular expressions too: only a virtual machine's own limit can. */
function bounded(work: () => void): void {
  Object.assign(context, { work });
  script.runInContext(context, { timeout: mostSeconds * 1000 });
}

/** No input may leave something behind that every object has from then on. */
function unpolluted(): void {
  for (const each of [Object.prototype, Array.prototype, Function.prototype]) {
    const [key] = Object.keys(each);
    if (key !== undefined) throw new Error(`every object has ${key} now`);
  }
}
