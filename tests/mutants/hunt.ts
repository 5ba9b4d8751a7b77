import { globSync } from "node:fs";
import { loneOf, tryAlone } from "./alone.ts";
import type { Mutant } from "./places.ts";
import type { Said, Try } from "./plan.ts";
import type { Room } from "./rooms.ts";
import { seenInStorms, stormsAgainst, type Storms } from "./storms.ts";
import { refused } from "./types.ts";
import { root } from "./sources.ts";
import { runPlan, tryAll } from "./vitest.ts";

export interface Hunt {
  room: Room;
  mutants: readonly Mutant[];
  storms: Storms;
  /** Milliseconds that a mutant may take in stories. */
  spend: number;
  /** Whom the type checker is asked about. It takes longer than the tests of a pure room, and those that tests kill anyway are the most. */
  typed: "all" | "survivors" | "none";
  said: (text: string) => void;
}

export interface Fate {
  mutant: Mutant;
  fate: "killed" | "refused" | "survived";
  /** The file of tests, or `simulation`, and what it says; null for a survivor. */
  by: string | null;
  why: string;
  /** Some test or storm passes by it. */
  covered: boolean;
}

/** Milliseconds up to which a test is tried before all others. */
const quick = 60;

/** And from which on it is left out, but for stories. */
const slow = 1_000;

/** Files of which a mutant is tried in a process of its own: a schema is loaded by all. */
const mostFiles = 6;

/** Milliseconds that a mutant may take in tests, by what they take without it. */
const mostForTests = 3_000;

/** From the cheapest to the dearest: types, tests, tests with the mutant there from the beginning, stories, storms. */
export async function hunt(folder: string, { room, mutants, storms, spend, typed, said }: Hunt): Promise<Fate[]> {
  const fates = new Map<number, Omit<Fate, "mutant">>();
  const left = (): Mutant[] => mutants.filter(({ id }) => !fates.has(id));
  const kill = (id: number, by: string, why: string): void => void fates.set(id, { fate: "killed", by, why, covered: true });
  const covered = new Set<number>();
  const askTypes = async (): Promise<void> => {
    for (const id of await refused(folder, left(), said)) fates.set(id, { fate: "refused", by: "types", why: "", covered: false });
    said(`${left().length} left that have the right types`);
  };
  if (typed === "all") await askTypes();

  const tryIn = async (files: readonly string[], most: number, slowest = Infinity): Promise<Said[]> => {
    const watched = await runPlan(folder, { mode: "watch", mutants: left(), files });
    const failed = watched.said.filter((one) => one.say === "test" && !one.again).length;
    if (!watched.ok) said(`${failed} tests fail without any mutant, or when they are run twice, and are left out`);
    for (const one of watched.said) for (const id of "seen" in one ? one.seen : []) covered.add(id);
    const tries = triesOf(watched.said, most).filter(({ ms }) => ms <= slowest);
    for (const own of [tries.filter(({ ms }) => ms <= quick), tries.filter(({ ms }) => ms > quick)]) {
      const still = own.map((one) => ({ ...one, mutants: one.mutants.filter((id) => !fates.has(id)) }));
      for (const one of await tryAll(folder, {
        mode: "try",
        mutants: left(),
        files,
        tries: still.filter((one) => one.mutants.length > 0),
      })) {
        if (one.say === "end" && one.killed) kill(one.mutant, one.test.split(" ")[0] ?? "", one.why);
      }
    }
    said(`${left().length} left after ${watched.said.filter(({ say }) => say === "test").length} tests`);
    return watched.said;
  };

  const files = filesOf(room.tests);
  const watched = await tryIn(files, mostForTests, slow);
  if (typed === "survivors") await askTypes();
  const tests = watched.flatMap((one) => (one.say === "test" ? [one] : []));
  const countOf = (file: string): number => tests.filter((one) => one.file === file).length;
  const lone = loneOf(
    left(),
    watched,
    files.toSorted((a, b) => countOf(b) - countOf(a)),
    mostFiles,
  );
  const limits = {
    calls: 10 * Math.max(100_000, ...watched.map((one) => ("calls" in one ? one.calls : 0))),
    left: tests.filter(({ ms }) => ms > slow).map(({ test }) => test),
  };
  for (const [id, by] of await tryAlone(folder, mutants, lone, limits, said)) kill(id, by, "");
  said(`${left().length} left after tests with the mutant from the beginning`);
  if (spend > 0 && room.stories.length > 0 && left().length > 0) await tryIn(filesOf(room.stories), spend);
  if (storms.seeds > 0 && left().length > 0) {
    const seen = await seenInStorms(folder, left(), storms);
    const passed = left().filter(({ id }) => seen.has(id));
    for (const [n, mutant] of passed.entries()) {
      covered.add(mutant.id);
      const why = await stormsAgainst(mutant, storms);
      if (why !== null) kill(mutant.id, "simulation", why);
      if (n % 10 === 0) said(`storms: ${n} of ${passed.length}, ${left().length} left`);
    }
  }
  const survived = (id: number): Omit<Fate, "mutant"> => ({ fate: "survived", by: null, why: "", covered: covered.has(id) });
  return mutants.map((mutant) => ({ mutant, ...(fates.get(mutant.id) ?? survived(mutant.id)) }));
}

/** Of each mutant, the cheapest tests that pass by it, as long as they take no more than `most` milliseconds together; one at least. */
function triesOf(said: readonly Said[], most: number): Try[] {
  const tests = said.flatMap((one) => (one.say === "test" && one.again ? [one] : [])).sort((a, b) => a.ms - b.ms);
  const spent = new Map<number, number>();
  return tests.map(({ test, seen, ms, calls }) => {
    const mine = seen.filter((id) => (spent.get(id) ?? 0) <= most);
    for (const id of mine) spent.set(id, (spent.get(id) ?? 0) + ms);
    return { test, mutants: mine, ms, calls };
  });
}

const filesOf = (names: readonly string[]): string[] =>
  names.flatMap((name) =>
    name.endsWith(".ts") ? [`tests/${name}`] : globSync(`tests/${name}/*.test.ts`, { cwd: root }).sort().map(String),
  );
