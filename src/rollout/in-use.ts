import type { Rollout } from "./state.ts";

/** What a rollout rests on: whatever lanes have, had when they were good, or are about to get, and the names of what their nodes were like before. */
export function inUse({ lanes }: Rollout): { commits: string[]; baselines: string[] } {
  const commits = lanes.flatMap(({ verified, stage, let: allowed }) => [
    verified,
    ...(stage === null ? [] : [stage.before, stage.release, ...(stage.mayBeAt ?? [])]),
    ...(allowed === null ? [] : [allowed.release]),
  ]);
  return { commits: [...new Set(commits)], baselines: lanes.flatMap(({ stage }) => stage?.baseline ?? []) };
}
