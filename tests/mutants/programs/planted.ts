/** A module to try the tool on: planted-tests.ts and planted-others.ts know some of it well and some of it not. */

const known = new Set(["read", "write"]);

/** Tested on both sides of its boundary. */
export const isAdult = (age: number): boolean => age >= 18;

/** Tested on neither. */
export const isOld = (age: number): boolean => age >= 65;

/** A set that is made while the module is loaded. */
export const isRight = (name: string): boolean => known.has(name);

/** Made while the module is loaded: the one is seen by one file alone, the other by none. */
const [highest, lowest] = [40, 20];
export const atMost = (n: number): number => Math.min(n, highest);
export const atLeast = (n: number): number => Math.max(n, lowest);

/** A loop that is endless where its step is left out. */
export function sum(most: number): number {
  let total = 0;
  let n = 0;
  while (n < most) {
    n += 1;
    total += n;
  }
  return total;
}

const kept = new Map<string, number>();

/** Remembers, so that a mutant of it can spoil what comes after it. */
export function lengthOf(text: string): number {
  const before = kept.get(text);
  if (before !== undefined) return before;
  kept.set(text, text.length + 0);
  return text.length;
}

/** Words for people are no mutants, and nobody passes by here. */
export const told = (count: number): string => `there ${count === 1 ? "is one way" : "are some ways"} to go`;
