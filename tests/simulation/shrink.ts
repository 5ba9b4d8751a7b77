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
  const fails = async (smaller: SeedRequest): Promise<boolean> => {
    tries += 1;
    return (await run(smaller)).violation?.rule === rule;
  };
  const before = failed.counts.deeds;
  if (!(await fails(request))) return { request: whole, text: "it can't be made smaller" };
  for (const skip of halves(before)) {
    if (tries >= mostTries) break;
    const left = new Set(request.skip);
    const more = skip.filter((deed) => !left.has(deed));
    const smaller = { ...request, skip: [...left, ...more] };
    if (more.length > 0 && (await fails(smaller))) request = smaller;
  }
  const kept = before - (request.skip?.length ?? 0);
  return { request, text: `made smaller in ${tries} tries: ${kept} of ${before} deeds are left` };
}

/** Numbers from 1 to `count` in runs of half of them, then of a quarter, and so on to each alone. */
function halves(count: number): number[][] {
  const runs: number[][] = [];
  for (let size = Math.ceil(count / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 1; from <= count; from += size) runs.push(Array.from({ length: Math.min(size, count - from + 1) }, (_, n) => from + n));
  return runs;
}
