import { doubted } from "./catalog-check.ts";
import type { Effect, Event } from "./effects.ts";
import { type ModuleAt, moduleDrift } from "./module-drift.ts";
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
  return stage.phase === "moved" ? stepMoved(state, stage, around) : stepWatched(state, stage, around);
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

function stepMoved(state: LaneState, stage: Stage, { seen: { served }, now }: Around): LaneStep {
  if (!served.known) return same(state);
  if (served.value?.commit !== stage.release) return { state, effects: [deploy(state, stage)], events: [] };
  const { at, modules } = served.value;
  const differ = otherModules(stage, stage.like, modules, now);
  if (differ !== null) return halted(state, differ);
  const watched: LaneState = {
    ...state,
    stage: { ...stage, phase: "watched", readyAt: at, observedAt: at, seenSince: at, ...(modules !== undefined && { modules }) },
  };
  return { state: watched, effects: [], events: [{ kind: "ready", lane: state.lane, release: stage.release, at }] };
}

/** What was looked at is a commit with its modules. A lane that goes back is let: what it leaves is worse. */
function otherModules({ way }: Stage, like: Stage["like"], modules: readonly ModuleAt[] | undefined, now: number): Halt | null {
  if (way === "back" || like === undefined || modules === undefined) return null;
  const differ = moduleDrift(like.modules, modules);
  return differ.length === 0 ? null : { why: { kind: "modules-differ", than: like.lane, modules: differ }, at: now };
}

function stepWatched(state: LaneState, stage: Stage, { seen, now }: Around): LaneStep {
  const { fleet, served } = seen;
  // What is not observed does not bake, whatever was before and comes after.
  if (!fleet.known || !served.known || served.value?.commit !== stage.release) {
    const unseen = { ...state, stage: { ...stage, observedAt: null } };
    return { state: unseen, effects: served.known && served.value?.commit !== stage.release ? [deploy(state, stage)] : [], events: [] };
  }
  const own = stage.modules === undefined ? {} : { like: { lane: state.lane, modules: stage.modules } };
  const differ = otherModules(stage, own.like, served.value.modules, now);
  if (differ !== null) return halted(state, differ);
  const observed = { ...observedTo(stage, fleet.value.at, fleet.value.heardAt), ...doubtedBy(stage, fleet.value) };
  const next: LaneState = { ...state, stage: observed };
  const verdict = verdictOf(observed, fleet.value);
  if (verdict === null || verdict.kind === "watching") return same(next);
  return verdict.kind === "passed" ? passed(state, stage, verdict) : halted(next, { why: { kind: "verdict", verdict }, at: now });
}

/** Where no node of the lane changes there is nothing to watch, but for a lane without nodes, of which nothing can be said. Null without terms. */
function doubtedBy({ doubted: earlier = {} }: Stage, { catalogs }: Fleet): Pick<Stage, "doubted"> {
  return catalogs === undefined ? {} : { doubted: doubted(earlier, catalogs) };
}

export function verdictOf({ observedMinutes, terms, doubted: seen = {} }: Stage, { nodes, classes }: Fleet): StageVerdict | null {
  if (terms === null) return null;
  if (classes.size === 0 && nodes.length > 0) return { kind: "passed", counts: {}, unchanged: true };
  const catalogs = Object.entries(seen).flatMap(([certname, { confirmed }]) =>
    confirmed.length > 0 ? [{ certname, resources: confirmed }] : [],
  );
  return judgeStage({ nodes, classes, ...terms, catalogs, observedMinutes, isOverdue: observedMinutes >= longestStage(terms) });
}

export function passed(state: LaneState, { release, way, modules }: Stage, verdict: StageVerdict): LaneStep {
  const events: Event[] = [{ kind: way === "back" ? "returned" : "passed", lane: state.lane, release, verdict }];
  return { state: { ...state, verified: release, modules, stage: null, halt: null, let: null }, effects: [], events };
}
