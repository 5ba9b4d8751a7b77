import { hash } from "node:crypto";

/**
 * So many of a population by a seed: those whose SHA-256 of `SEED:PLACE` is smallest, given in the order of the log. Whoever has the seed and the population
 * gets the same, by any program; whoever chooses neither can't choose what is in it.
 */
export function sampleOf<T>(population: readonly T[], placeOf: (one: T) => number, { seed, count }: { seed: string; count: number }): T[] {
  const ranked = population.map((one) => ({ one, place: placeOf(one), rank: hash("sha256", `${seed}:${placeOf(one)}`) }));
  return ranked
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.place - b.place))
    .slice(0, count)
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}
