import type { Effect, Event } from "./effects.ts";
import type { Fleet, LaneSeen } from "./observation.ts";
import { judgeStage, type StageVerdict } from "./stage-verdict.ts";
import type { Halt, LaneState, Stage } from "./state.ts";
import { longestStage, observedTo } from "./terms.ts";

export interface LaneStep {
  state: LaneState;
  effects: readonly Effect[];
  events: readonly Event[];
}

export interface Around {
  seen: LaneSeen;
  /** Whether nothing may go wider now. */
  isHeld: boolean;
  now: number;
}

/**
 * One step of one lane, from what is so: the branch says whether a move was made, the compilers whether it was deployed, and the fleet whether it is
 * good. Nothing is remembered that could be looked at, so that whoever was killed anywhere goes on from there.
 */
export function stepLane(state: LaneState, around: Around): LaneStep {
  const { seen, now } = around;
  if (state.halt !== null || !seen.tip.known) return same(state);
  const { stage } = state;
  const tip = seen.tip.value;
  const expected = stage === null ? state.verified : stage.phase === "intended" ? null : stage.release;
  if (expected !== null && tip !== expected) return halted(state, { why: { kind: "moved-elsewhere", tip }, at: now });
  if (stage === null) return same(state);
  if (stage.phase === "intended") return stepIntended(state, stage, tip, around);
  return stage.phase === "moved" ? stepMoved(state, stage, seen) : stepWatched(state, stage, around);
}

const same = (state: LaneState): LaneStep => ({ state, effects: [], events: [] });

export const halted = (state: LaneState, halt: Halt): LaneStep => ({
  state: { ...state, halt },
  effects: [],
  events: [{ kind: "halted", lane: state.lane, release: state.stage?.release ?? null, halt }],
});

/** An answer that was lost is no matter: where the branch is decides. */
function stepIntended(state: LaneState, stage: Stage, tip: string | null, { isHeld, now }: Around): LaneStep {
  if (tip === stage.release) {
    const moved: LaneState = { ...state, stage: { ...stage, phase: "moved" } };
    return { state: moved, effects: [deploy(state, stage)], events: [{ kind: "moved", lane: state.lane, release: stage.release }] };
  }
  if (tip === null || (tip !== stage.before && stage.mayBeAt?.includes(tip) !== true))
    return halted(state, { why: { kind: "moved-elsewhere", tip }, at: now });
  return isHeld && stage.way === "forward" ? same(state) : { state, effects: [move(state, { ...stage, before: tip })], events: [] };
}

export const move = ({ lane, environment }: LaneState, { before, release, way, baseline }: Stage): Effect => ({
  kind: "move",
  lane,
  branch: environment,
  before,
  after: release,
  way,
  baseline,
});

const deploy = ({ lane, environment }: LaneState, { release }: Stage): Effect => ({ kind: "deploy", lane, environment, release });

function stepMoved(state: LaneState, stage: Stage, { served }: LaneSeen): LaneStep {
  if (!served.known) return same(state);
  if (served.value?.commit !== stage.release) return { state, effects: [deploy(state, stage)], events: [] };
  const { at } = served.value;
  const watched: LaneState = { ...state, stage: { ...stage, phase: "watched", readyAt: at, observedAt: at, seenSince: at } };
  return { state: watched, effects: [], events: [{ kind: "ready", lane: state.lane, release: stage.release, at }] };
}

function stepWatched(state: LaneState, stage: Stage, { seen, now }: Around): LaneStep {
  const { fleet, served } = seen;
  // What is not observed does not bake, whatever was before and comes after.
  if (!fleet.known || !served.known || served.value?.commit !== stage.release) {
    const unseen = { ...state, stage: { ...stage, observedAt: null } };
    return { state: unseen, effects: served.known && served.value?.commit !== stage.release ? [deploy(state, stage)] : [], events: [] };
  }
  const observed = observedTo(stage, fleet.value.at);
  const next: LaneState = { ...state, stage: observed };
  const verdict = verdictOf(observed, fleet.value);
  if (verdict === null || verdict.kind === "watching") return same(next);
  return verdict.kind === "passed" ? passed(state, stage, verdict) : halted(next, { why: { kind: "verdict", verdict }, at: now });
}

/** Where no node of the lane changes there is nothing to watch, but for a lane without nodes, of which nothing can be said. Null without terms. */
function verdictOf({ observedMinutes, terms }: Stage, { nodes, classes, isOverdue }: Fleet): StageVerdict | null {
  if (terms === null) return null;
  if (classes.size === 0 && nodes.length > 0) return { kind: "passed", counts: {} };
  const isOver = isOverdue && observedMinutes >= longestStage(terms);
  return judgeStage({ nodes, classes, ...terms, observedMinutes, isOverdue: isOver });
}

export function passed(state: LaneState, { release, way }: Stage, verdict: StageVerdict): LaneStep {
  const events: Event[] = [{ kind: way === "back" ? "returned" : "passed", lane: state.lane, release, verdict }];
  return { state: { ...state, verified: release, stage: null, halt: null, let: null }, effects: [], events };
}
