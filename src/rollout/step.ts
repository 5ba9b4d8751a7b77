import type { Effect, Event } from "./effects.ts";
import { enter } from "./enter.ts";
import type { Governing } from "./governing.ts";
import { laneIn, policyFaults, type RolloutFault } from "./lane-changes.ts";
import { placeOf } from "./line.ts";
import type { LaneSeen, Observation } from "./observation.ts";
import { withoutTakenBack } from "./quarantine.ts";
import { lawful } from "./staircase.ts";
import { halted, stepLane } from "./stage-step.ts";
import type { LaneState, Rollout } from "./state.ts";
import { withTerms } from "./terms.ts";

export type { Governing };

export interface Step {
  rollout: Rollout;
  effects: readonly Effect[];
  events: readonly Event[];
  /** Why nothing goes wider until somebody mends it. */
  faults: readonly RolloutFault[];
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
  const faults = policyFaults(rollout, governing.lanes, seen.line, governing.of);
  if (rollout.paused !== null && paused === null) events.push({ kind: "resumed", lane: null, by: null });
  const isHeld = paused !== null || seen.held.length > 0 || faults.length > 0;
  for (const [at, kept] of rollout.lanes.entries()) {
    const lane = laneIn(governing.lanes, kept);
    if (lane === undefined) {
      if (kept.halt === null) keep(at, halted(kept, { why: { kind: "not-in-policy", environment: kept.environment }, at: now }));
      continue;
    }
    const state = withTerms(kept.halt?.why.kind === "not-in-policy" ? { ...kept, halt: null } : kept, lane, governing);
    lanes[at] = state;
    const laneSeen = seen.lanes.get(state.lane);
    if (laneSeen !== undefined) keep(at, offLine(state, seen, now) ?? stepLane(state, { seen: laneSeen, isHeld, now }));
  }
  const done = events.find((event) => event.kind === "passed" && event.lane === lanes.at(-1)?.lane);
  if (done?.kind === "passed") events.push({ kind: "done", release: done.release });
  if (!isHeld)
    for (let at = lanes.length - 1; at >= 0; at -= 1) {
      if (seen.lanes.get(lanes[at]?.lane ?? "")?.tip.known !== true) continue;
      const entry = enter(at, { governing, rollout: { ...rollout, lanes }, line: seen.line, now });
      if (entry !== null) keep(at, entry);
    }
  const left = withoutTakenBack(rollout.quarantined, lanes, seen.line);
  events.push(...left.events);
  const tips = lanes.map(({ lane }) => ({ lane, tip: tipOf(seen.lanes.get(lane)) }));
  return {
    rollout: { ...rollout, lanes, paused, quarantined: left.quarantined },
    effects: lawful(effects, tips, seen.line),
    events,
    faults,
  };
}

const tipOf = (lane: LaneSeen | undefined): string | null => (lane?.tip.known === true ? lane.tip.value : null);

/** Whose base branch does not lead to it any more stands still: going on from there would take back what nobody reviewed. */
function offLine(
  state: LaneState,
  { line }: Observation,
  now: number,
): { state: LaneState; effects: readonly Effect[]; events: readonly Event[] } | null {
  const commit = state.stage?.release ?? state.verified;
  if (state.halt !== null || placeOf(line, commit) !== null) return null;
  return halted(state, { why: { kind: "off-the-line", commit }, at: now });
}
