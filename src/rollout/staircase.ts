import type { Effect } from "./effects.ts";
import { type Line, placeOf } from "./line.ts";

/**
 * The moves that keep the staircase, by where the branches are now: what enters a lane is no further than the lane before it, and what goes back leaves no
 * lane behind it further than itself. The others wait for the next look, when their neighbours have moved. `tips` are in the lanes' order; null where
 * one is not known or gone.
 */
export function lawful(effects: readonly Effect[], tips: readonly { lane: string; tip: string | null }[], line: Line): Effect[] {
  return effects.filter((effect) => {
    if (effect.kind !== "move") return true;
    const at = tips.findIndex(({ lane }) => lane === effect.lane);
    const after = placeOf(line, effect.after);
    if (at < 0 || after === null) return false;
    const above = at === 0 ? Number.POSITIVE_INFINITY : placeAt(at - 1);
    const below = at === tips.length - 1 ? Number.NEGATIVE_INFINITY : placeAt(at + 1);
    return above !== null && below !== null && below <= after && after <= above;
  });

  function placeAt(at: number): number | null {
    const tip = tips[at]?.tip ?? null;
    return tip === null ? null : placeOf(line, tip);
  }
}
