import type { Event } from "./effects.ts";
import { type Line, placeOf } from "./line.ts";
import { type Obeyed, refused } from "./obeyed.ts";
import type { LaneState, Rollout, Stage, Who } from "./state.ts";

/**
 * All lanes that are further go back to what was good in this one, so that the staircase stays one: nothing that was bad in one lane stays in those
 * before it. A lane whose move is under way goes back from wherever its branch then is.
 */
export function goBack(
  rollout: Rollout,
  state: LaneState,
  { commits, by, reason }: { commits: readonly string[]; by: Who | null; reason: string },
  line: Line,
  now: number,
): Obeyed {
  const target = placeOf(line, state.verified);
  if (target === null)
    return refused(`the base branch does not lead to ${state.verified} any more`, "Put the base branch back, and say `resume`.");
  const placed = rollout.lanes.map((lane) => placeOf(line, has(lane)) ?? line.length);
  if (placed.every((place) => place <= target))
    return refused(`the lane ${state.lane} has nothing to return from`, "`puppet-gate rollout status` says where each release is.");
  const batch = line.slice(target + 1, Math.max(...placed) + 1).map(({ sha }) => sha);
  const foreign = commits.find((commit) => !batch.includes(commit));
  if (foreign !== undefined)
    return refused(`${foreign} is not among the commits that go back`, `Name some of these: ${batch.join(", ")}; or none for all of them.`);
  const lanes = rollout.lanes.map((lane, at): LaneState => ((placed[at] ?? 0) > target ? goingBack(lane, state.verified, now) : lane));
  const already = new Set(rollout.quarantined.map(({ commit }) => commit));
  const bad = (commits.length === 0 ? batch : [...new Set(commits)]).filter((commit) => !already.has(commit));
  const quarantined = [...rollout.quarantined, ...bad.map((commit) => ({ commit, lane: state.lane, at: now }))];
  const told: Event[] = bad.length === 0 ? [] : [{ kind: "quarantined", lane: state.lane, commits: bad, by, reason }];
  const events: Event[] = lanes.flatMap(({ lane, stage }, at) =>
    (placed[at] ?? 0) > target && stage !== null
      ? [{ kind: "returning" as const, lane, release: stage.release, before: stage.before, by, reason }]
      : [],
  );
  return { ok: true, rollout: { ...rollout, lanes, quarantined }, events: [...events, ...told] };
}

const has = ({ stage, verified }: LaneState): string => stage?.release ?? verified;

function goingBack(lane: LaneState, target: string, now: number): LaneState {
  const { stage } = lane;
  const back: Stage = {
    before: has(lane),
    release: target,
    way: "back",
    phase: "intended",
    policy: stage?.policy ?? "",
    terms: stage?.terms ?? null,
    intendedAt: now,
    readyAt: null,
    observedMinutes: 0,
    observedAt: null,
    seenSince: null,
    baseline: stage?.baseline ?? `${target}@${now}`,
    ...(stage?.phase === "intended" && { mayBeAt: [...(stage.mayBeAt ?? []), stage.before] }),
  };
  return { ...lane, stage: back, halt: null, let: null };
}
