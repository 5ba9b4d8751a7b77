/** Seeded chance: the same seed draws the same row, whatever machine it is on. */
export interface Chance {
  /** From 0 up to, and without, 1. */
  next(): number;
  /** Whether something of this probability happens. */
  is(probability: number): boolean;
  /** From 0 up to, and without, `count`. */
  below(count: number): number;
  pick<T>(from: readonly T[]): T;
  /** By the weight of each; weights of 0 are never picked. */
  weighted<T extends { weight: number }>(from: readonly T[]): T;
}

/** https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32: 32 bits of state are enough for what nobody must guess. */
export function createChance(seed: number): Chance {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    below,
    is: (probability) => next() < probability,
    pick: <T>(from: readonly T[]): T => {
      if (from.length === 0) throw new Error("nothing to pick from");
      return from[below(from.length)] as T;
    },
    weighted: (from) => {
      let left = next() * from.reduce((sum, { weight }) => sum + weight, 0);
      for (const one of from) {
        left -= one.weight;
        if (left < 0) return one;
      }
      throw new Error("nothing to pick from");
    },
  };
}
