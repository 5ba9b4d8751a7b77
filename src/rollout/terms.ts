import type { Lane, RolloutPolicy } from "../policy/lanes-schema.ts";
import type { Watch } from "./node-verdict.ts";
import type { LaneState, Stage, Terms } from "./state.ts";
import type { Governing } from "./governing.ts";

export const termsOf = ({ bakeMinutes, runsPerNode }: Lane, policy: RolloutPolicy): Terms => ({ policy, bakeMinutes, runsPerNode });

/** A stage that a person asked for gets its terms by the first look after that; every other has them from its beginning. */
export function withTerms(state: LaneState, lane: Lane, { policy, policyDigest }: Governing): LaneState {
  const { stage } = state;
  if (stage === null || stage.terms !== null) return state;
  return { ...state, stage: { ...stage, policy: policyDigest, terms: termsOf(lane, policy) } };
}

const minute = 60_000;

/** After so many milliseconds without a report a node counts as silent. */
export const deadlineOf = ({ runMinutes, deadlineRuns }: RolloutPolicy): number => runMinutes * deadlineRuns * minute;

/** Minutes of observation after which a stage that is neither good nor bad is undecided: what was not observed is waited for all the same. */
export const longestStage = ({ bakeMinutes, policy }: Terms): number => bakeMinutes + deadlineOf(policy) / minute;

/** Longer than this between two observations (milliseconds), and what was between them was not observed. */
const longestGap = 5 * minute;

/**
 * A look at a stage at `at`, by PuppetDB's clock. Where that was put back, or the newest run that was seen is gone (PuppetDB was restored from a backup), nothing was
 * observed between: who told something that is lost was not silent.
 */
export function observedTo(stage: Stage, at: number, heardAt?: number): Stage {
  const gap = stage.observedAt === null ? null : at - stage.observedAt;
  const isLost = heardAt !== undefined && heardAt < (stage.heardAt ?? 0);
  const seen = { ...stage, observedAt: at, ...(heardAt !== undefined && { heardAt }) };
  if (gap === null || gap < 0 || gap > longestGap || isLost) return { ...seen, seenSince: at };
  return { ...seen, observedMinutes: stage.observedMinutes + gap / minute };
}

/** What nodes are judged by at `now`, by PuppetDB's clock; null before the release is ready there. `heardAt`: of the newest run. */
export function watchOf(stage: Stage, now: number, heardAt?: number): Watch | null {
  const { readyAt, terms, release } = stage;
  if (readyAt === null || terms === null) return null;
  const { runsPerNode, policy } = terms;
  const { seenSince } = observedTo(stage, now, heardAt);
  return { release, readyAt, now, runsPerNode, deadline: deadlineOf(policy), seenSince: seenSince ?? now };
}
