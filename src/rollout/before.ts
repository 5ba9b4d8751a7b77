import { changedTwice } from "./node-verdict.ts";
import type { Before, Run } from "./runs.ts";

/**
 * What was so of a node, from its runs of up to `now`: the failures of its last two runs, what changed on both, and whether it reported within
 * `deadline` (milliseconds). Who never reported was silent.
 */
export function beforeOf(runs: readonly Run[], now: number, deadline: number): Before {
  const sorted = runs.filter(({ producedAt }) => producedAt <= now).sort((a, b) => a.producedAt - b.producedAt);
  const [last, previous] = [sorted.at(-1), sorted.at(-2)];
  return {
    reported: last !== undefined && now - last.producedAt <= deadline,
    noop: last?.noop ?? false,
    noopPending: last?.noopPending ?? false,
    failed: [...new Set([...(last?.failed ?? []), ...(previous?.failed ?? [])])],
    restless: changedTwice(last, previous),
  };
}
