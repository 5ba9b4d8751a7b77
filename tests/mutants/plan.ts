import type { Mutant } from "./places.ts";

/**
 * What a run of vitest is to do, in a file that the runner reads: `watch` which mutants each test passes by, `try` mutants one after the other in
 * each test, or run everything with `live` in place from the first module on. `files` are the tests, in the order in which they are run, and `said`
 * is where the runner writes what it has to say.
 */
export type Plan = { said: string; mutants: readonly Mutant[]; files: readonly string[] } & (
  | { mode: "watch" }
  | { mode: "try"; tries: readonly Try[] }
  /** `left`: slow tests that are left out. */
  | { mode: "live"; live: number; calls: number; left: readonly string[] }
);

/** The mutants that a test is to be tried with. */
export interface Try {
  test: string;
  mutants: readonly number[];
  /** What the test took without any. */
  ms: number;
  calls: number;
}

/** What the runner says, one line of JSON each. */
export type Said =
  /** Outside of its tests a file's modules, and what stands around its tests, passed by these. */
  | { say: "file"; file: string; seen: number[]; calls: number }
  /** `again`: it passed a second time too, right after the first. */
  | { say: "test"; test: string; file: string; name: string; seen: number[]; ms: number; calls: number; again: boolean }
  | { say: "begin"; test: string; mutant: number }
  | { say: "end"; test: string; mutant: number; killed: boolean; why: string };

/** Where a plan is found, for the processes that vitest starts. */
export const planVariable = "MUTANTS_PLAN";
