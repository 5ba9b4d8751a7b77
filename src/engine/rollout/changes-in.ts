import type { RolloutRecords } from "../ports/rollout.ts";

/** Pull requests in what a lane has and was not found good there, the oldest first; empty where the lane has it no more. */
export async function changesIn(
  records: Pick<RolloutRecords, "rolloutOf" | "lineFrom">,
  repository: number,
  lane: string,
  release: string,
): Promise<number[]> {
  const kept = await records.rolloutOf(repository);
  const state = kept?.rollout.lanes.find((one) => one.lane === lane);
  if (state?.stage?.release !== release) return [];
  const line = await records.lineFrom(repository, state.verified);
  const [first, last] = [line.findIndex(({ sha }) => sha === state.verified), line.findIndex(({ sha }) => sha === release)];
  return first < 0 || last < 0 ? [] : line.slice(first + 1, last + 1).flatMap(({ number }) => number ?? []);
}
