import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hunt, type Fate } from "./hunt.ts";
import { sourceOf } from "./sources.ts";
import { mutantsOf } from "./places.ts";

/** The whole tool on a module of a page: what its tests see is killed, and what they don't is told. */
const file = "../tests/mutants/programs/planted.ts";
let folder: string;
let fates: readonly Fate[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-mutants-test-"));
  const mutants = mutantsOf(file, sourceOf(file)).map((mutant, n) => ({ ...mutant, id: n + 1 }));
  const room = { tests: ["mutants/programs/planted-tests.ts", "mutants/programs/planted-others.ts"], stories: [] };
  fates = await hunt(folder, { room, mutants, storms: { seeds: 0, steps: 0 }, spend: 0, typed: "none", said: () => undefined });
});
afterAll(() => rm(folder, { recursive: true }));

it("kills what the tests see, in a running process or in one of its own", () => {
  const killed = fates.filter(({ fate }) => fate === "killed").map(({ mutant: { before, after } }) => `${before} => ${after}`);
  expect(killed).toEqual([
    `["read", "write"] => []`,
    `["read", "write"] => ["write"]`,
    `["read", "write"] => ["read"]`,
    "age >= 18 => age > 18",
    "age >= 18 => age < 18",
    "18 => 18 + 1",
    "age >= 65 => age < 65",
    "known.has(name) => true",
    "known.has(name) => false",
    "[40, 20] => []",
    "40 => 40 + 1",
    "Math.min(n, highest) => Math.max(n, highest)",
    "Math.max(n, lowest) => Math.min(n, lowest)",
    "0 => 0 + 1",
    "0 => 0 + 1",
    "n < most => n <= most",
    "n < most => false",
    "n += 1 => n -= 1",
    "n += 1 => undefined",
    "1 => 1 + 1",
    "total += n => undefined",
    "before !== undefined => true",
  ]);
  expect(fates.find(({ mutant }) => mutant.before === "n += 1")?.why).toBe("this goes on without end");
});

it("tells what they don't", () => {
  const survived = fates.filter(({ fate }) => fate === "survived").map(({ mutant: { before, after } }) => `${before} => ${after}`);
  expect(survived).toContain("age >= 65 => age > 65");
  // Though the mutant before it, in a process of its own as well, was killed by one of the two files that it is tried with.
  expect(survived).toContain("20 => 20 + 1");
  expect(fates.every(({ fate }) => fate !== "refused")).toBe(true);
});
