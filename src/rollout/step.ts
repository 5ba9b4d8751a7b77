import type { Lane, RolloutPolicy } from "../policy/lanes-schema.ts";
import type { Effect, Event } from "./effects.ts";
import { enter } from "./enter.ts";
import { placeOf } from "./line.ts";
import type { LaneSeen, Observation } from "./observation.ts";
import { lawful } from "./staircase.ts";
import { stepLane } from "./stage-step.ts";
import type { LaneState, Rollout } from "./state.ts";

export interface Governing {
  lanes: readonly Lane[];
  policy: RolloutPolicy;
  policyDigest: string;
}

export interface Step {
  rollout: Rollout;
  effects: readonly Effect[];
  events: readonly Event[];
}

/**
 * One look at a repository's rollout: what becomes of it, what to do, and what happened. The last lane is looked at first, so that a release that was found
 * good goes on before the lane that it is in takes a newer one: else lanes that take long would never get any. Asked again of the same, it gives
 * the same effects and no events.
 */
export function step(rollout: Rollout, seen: Observation, governing: Governing, now: number): Step {
  const effects: Effect[] = [];
  const events: Event[] = [];
  const keep = (at: number, next: { state: LaneState; effects: readonly Effect[]; events: readonly Event[] }): void => {
    lanes[at] = next.state;
    effects.push(...next.effects);
    events.push(...next.events);
  };
  const lanes = [...rollout.lanes];
  const paused = rollout.paused !== null && now < rollout.paused.until ? rollout.paused : null;
  const isHeld = paused !== null || seen.held.length > 0;
  for (const [at, state] of lanes.entries()) {
    const [lane, laneSeen] = [governing.lanes.find(({ name }) => name === state.lane), seen.lanes.get(state.lane)];
    if (lane !== undefined && laneSeen !== undefined)
      keep(at, offLine(state, seen, now) ?? stepLane(state, { lane, policy: governing.policy, seen: laneSeen, isHeld, now }));
  }
  const done = events.find((event) => event.kind === "passed" && event.lane === lanes.at(-1)?.lane);
  if (done?.kind === "passed") events.push({ kind: "done", release: done.release });
  if (!isHeld)
    for (let at = lanes.length - 1; at >= 0; at -= 1) {
      if (seen.lanes.get(lanes[at]?.lane ?? "")?.tip.known !== true) continue;
      const entry = enter(at, { ...governing, rollout: { ...rollout, lanes }, line: seen.line, now });
      if (entry !== null) keep(at, entry);
    }
  const tips = lanes.map(({ lane }) => ({ lane, tip: tipOf(seen.lanes.get(lane)) }));
  return { rollout: { ...rollout, lanes, paused }, effects: lawful(effects, tips, seen.line), events };
}

const tipOf = (lane: LaneSeen | undefined): string | null => (lane?.tip.known === true ? lane.tip.value : null);

/** Whose base branch does not lead to it any more stands still: going on from there would take back what nobody reviewed. */
function offLine(state: LaneState, { line }: Observation, now: number): { state: LaneState; effects: Effect[]; events: Event[] } | null {
  const commit = state.stage?.release ?? state.verified;
  if (state.halt !== null || placeOf(line, commit) !== null) return null;
  const halt = { why: { kind: "off-the-line", commit } as const, at: now };
  return { state: { ...state, halt }, effects: [], events: [{ kind: "halted", lane: state.lane, release: commit, halt }] };
}
