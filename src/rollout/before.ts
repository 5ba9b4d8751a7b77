import { changedTwice } from "./node-verdict.ts";
import { type Before, failuresOf, inOrder, isUncompiled, type Run } from "./runs.ts";

/**
 * What was so of a node, from its runs of up to `now`: the failures of its last two runs, what changed on both and on any, and whether it reported
 * within `deadline` (milliseconds). Who never reported was silent.
 */
export function beforeOf(runs: readonly Run[], now: number, deadline: number): Before {
  const sorted = inOrder(runs.filter(({ producedAt }) => producedAt <= now));
  const [last, previous] = [sorted.at(-1), sorted.at(-2)];
  const recent = [last, previous].filter((run) => run !== undefined);
  return {
    reported: last !== undefined && now - last.producedAt <= deadline,
    noop: last?.noop ?? false,
    noopPending: last?.noopPending ?? false,
    failed: [...new Set(recent.flatMap(failuresOf))],
    restless: changedTwice(last, previous),
    uncompiled: last !== undefined && isUncompiled(last),
    pinned: last?.cached === "explicitly_requested",
    changed: [...new Set(sorted.flatMap(({ changed }) => changed.map(({ resource }) => resource)))],
    runs: sorted.length,
  };
}
