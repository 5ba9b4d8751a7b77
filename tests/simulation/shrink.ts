import type { RunSeed } from "./main.ts";
import type { SeedRequest, SeedResult } from "./seed.ts";

/** How many tries a failing seed is worth. */
const mostTries = 40;

/** Makes a failing seed smaller, as long as the same rule is broken: what comes after it, then deeds of people, half of them at once, then fewer. */
export async function shrink(run: RunSeed, failed: SeedResult, whole: SeedRequest): Promise<{ request: SeedRequest; text: string }> {
  const rule = failed.violation?.rule;
  let request: SeedRequest = {
    ...whole,
    steps: Math.min(whole.steps, (failed.violation?.step ?? whole.steps) + 1),
    skip: [],
    mostDeeds: failed.counts.deeds,
  };
  let tries = 0;
  /** Keeps a smaller one that fails too, and leaves out what comes after its failure. */
  const fails = async (smaller: SeedRequest): Promise<boolean> => {
    tries += 1;
    const { violation, counts } = await run(smaller);
    if (violation === null || violation.rule !== rule) return false;
    request = { ...smaller, steps: Math.min(smaller.steps, violation.step + 1), mostDeeds: counts.deeds };
    return true;
  };
  const before = failed.counts.deeds;
  if (!(await fails(request))) return { request: whole, text: "it can't be made smaller" };
  for (const skip of halves(before)) {
    if (tries >= mostTries) break;
    const left = new Set(request.skip);
    const more = skip.filter((deed) => !left.has(deed) && deed <= (request.mostDeeds ?? before));
    const smaller = { ...request, skip: [...left, ...more] };
    if (more.length > 0) await fails(smaller);
  }
  const done = request.mostDeeds ?? before;
  const kept = done - (request.skip ?? []).filter((deed) => deed <= done).length;
  return { request, text: `made smaller in ${tries} tries: ${kept} of ${before} deeds are left` };
}

/** Numbers from 1 to `count` in runs of half of them, then of a quarter, and so on to each alone. */
function halves(count: number): number[][] {
  const runs: number[][] = [];
  for (let size = Math.ceil(count / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 1; from <= count; from += size) runs.push(Array.from({ length: Math.min(size, count - from + 1) }, (_, n) => from + n));
  return runs;
}
