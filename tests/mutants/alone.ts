import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVitest } from "vitest/node";
import { planVariable, type Plan, type Said } from "./plan.ts";
import type { Mutant } from "./places.ts";
import { root } from "./sources.ts";

/** What a mutant that is passed by while modules are loaded is tried with: these files, each in a process that has it from the first module on. */
export interface Lone {
  mutant: number;
  files: readonly string[];
}

/** Gives the file that killed each. */
export async function tryAlone(
  folder: string,
  mutants: readonly Mutant[],
  lone: readonly Lone[],
  { calls, left }: { calls: number; left: readonly string[] },
  said: (text: string) => void,
): Promise<Map<number, string>> {
  const killed = new Map<number, string>();
  if (lone.length === 0) return killed;
  const [file, saidTo] = [join(folder, "plan.json"), join(folder, "said.jsonl")];
  const order = [...new Set(lone.flatMap(({ files }) => files))];
  const write = (live: number): void => {
    const plan: Plan = { mode: "live", live, calls, left, mutants, files: order, said: saidTo };
    writeFileSync(file, JSON.stringify(plan));
  };
  write(0);
  process.env[planVariable] = file;
  const config = fileURLToPath(new URL("./programs/config.ts", import.meta.url));
  const vitest = await createVitest("test", { config, root, watch: false, run: true, configLoader: "native" } as never);
  try {
    for (const [n, { mutant, files }] of lone.entries()) {
      write(mutant);
      for (const one of files) {
        const path = join(root, one);
        const { testModules } = await vitest.runTestSpecifications([vitest.getRootProject().createSpecification(path)]);
        // All that ran since the beginning are in it, with what other mutants made of them.
        const module = testModules.find(({ moduleId }) => moduleId === path);
        if (module === undefined) throw new Error(`${one} was not run`);
        if (module.ok()) continue;
        killed.set(mutant, one);
        break;
      }
      if (n % 20 === 0) said(`alone: ${n} of ${lone.length}, ${killed.size} killed`);
    }
  } finally {
    await vitest.close();
  }
  return killed;
}

/**
 * For each mutant of `wanted` that some file passes by outside of its tests, or in a test that can't be run twice, the files to try it with; `most` of
 * them, in their order, but those first that are called as its source is.
 */
export function loneOf(wanted: readonly Mutant[], watched: readonly Said[], order: readonly string[], most: number): Lone[] {
  const byMutant = new Map<number, Set<string>>();
  for (const said of watched) {
    if (said.say !== "file" && (said.say !== "test" || said.again)) continue;
    for (const id of said.seen) byMutant.set(id, (byMutant.get(id) ?? new Set()).add(said.file));
  }
  return wanted.flatMap(({ id, file: source }) => {
    const files = order.filter((file) => byMutant.get(id)?.has(file) === true);
    if (files.length === 0) return [];
    const [own = [], others = []] = [true, false].map((is) =>
      files.filter((file) => basename(file).startsWith(basename(source, ".ts")) === is),
    );
    return [{ mutant: id, files: [...own, ...others].slice(0, most) }];
  });
}
