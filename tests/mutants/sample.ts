import { createChance } from "../simulation/chance.ts";

/** So many of them, each as likely as any other, in their order; the same for the same seed. */
export function drawn<T>(all: readonly T[], count: number, seed: number): T[] {
  const chance = createChance(seed);
  const left = all.map((_, n) => n);
  const taken = Array.from({ length: Math.min(count, all.length) }, () => left.splice(chance.below(left.length), 1)[0] ?? 0);
  return taken.sort((a, b) => a - b).flatMap((n) => all.slice(n, n + 1));
}
