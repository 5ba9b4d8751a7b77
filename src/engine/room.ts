import type { Change } from "../catalog/change.ts";
import { Binary, Deferred, Secret, type Value } from "../catalog/catalog.ts";
import { Problem } from "../problem.ts";

/**
 * What a check may hold of one change's effects, over all nodes, in bytes, roughly: some three million changes of short values. A catalog may
 * have 64 MiB, and a hostile one differs on every node; this process checks others' changes too.
 */
const roomOfEffects = 2 ** 30;
const bytesOfChange = 300;
const bytesOfRestart = 200;

/** Counts what is kept. `take` throws a Problem where there is no room for more. */
export class Room {
  #left: number;

  constructor(bytes = roomOfEffects) {
    this.#left = bytes;
  }

  take(changes: readonly Change[], restarts: number): void {
    this.#left -= restarts * bytesOfRestart;
    for (const { before, after } of changes) {
      this.#left -= bytesOfChange + sizeOf(before) + sizeOf(after);
      if (this.#left < 0) throw tooMuch();
    }
  }
}

function sizeOf(value: Value): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null || value instanceof Secret || value instanceof Binary) return 8;
  const items: Value[] = value instanceof Deferred ? value.args : Object.values(value);
  return items.reduce<number>((sum, item) => sum + 16 + sizeOf(item), 0);
}

export const tooMuch = (): Problem =>
  new Problem({
    code: "too-many-effects",
    text: "The change does more than a check can hold: over all nodes, its effects are above 1 GiB, or what nodes export and collect is too much to compare.",
    hint: "Split it into changes that do one thing each. If it was meant to do little, look for what makes every node's catalog another one.",
  });
