import type { RolloutPolicy } from "../policy/lanes-schema.ts";
import type { Effect, Event } from "./effects.ts";
import { laneIn } from "./lane-changes.ts";
import { type Line, placeOf } from "./line.ts";
import { move } from "./stage-step.ts";
import type { LaneState, Rollout, Stage } from "./state.ts";
import type { Governing } from "./governing.ts";
import { longestStage, termsOf } from "./terms.ts";
import { carriesBad, nextRelease } from "./train.ts";

export interface Entry {
  state: LaneState;
  effects: readonly Effect[];
  events: readonly Event[];
}

export interface Entering {
  rollout: Rollout;
  governing: Governing;
  line: Line;
  now: number;
}

/**
 * What enters a lane now; null for nothing. Into the first: the next release, once the one before was found good there, stood still and was taken back, or
 * was observed for so long that others wait. Into any other: what the lane before it has, once exactly that was found good there and is there still.
 */
export function enter(at: number, { rollout, governing, line, now }: Entering): Entry | null {
  const { lanes, policy, policyDigest } = governing;
  const state = rollout.lanes[at];
  const lane = state === undefined ? undefined : laneIn(lanes, state);
  if (state === undefined || lane === undefined) return null;
  const release = at === 0 ? forFirst(state, rollout, policy, line, now) : forLater(state, rollout.lanes[at - 1], line, rollout);
  if (release === null) return null;
  const letIn = state.let?.release === release ? state.let.by : null;
  if (lane.gate === "manual" && letIn === null) return null;
  const before = state.stage?.release ?? state.verified;
  const stage: Stage = {
    before,
    release,
    way: "forward",
    phase: "intended",
    policy: policyDigest,
    terms: termsOf(lane, policy),
    intendedAt: now,
    readyAt: null,
    observedMinutes: 0,
    observedAt: null,
    baseline: state.stage?.baseline ?? `${release}@${now}`,
    seenSince: null,
    ...likeBefore(rollout.lanes[at - 1]),
  };
  const superseded: Event[] =
    state.stage === null ? [] : [{ kind: "superseded", lane: state.lane, release: state.stage.release, by: release }];
  return {
    state: { ...state, stage, halt: null },
    effects: [move(state, stage)],
    events: [...superseded, { kind: "entered", lane: state.lane, release, before, let: letIn }],
  };
}

const likeBefore = (before: LaneState | undefined): Pick<Stage, "like"> =>
  before?.modules === undefined ? {} : { like: { lane: before.lane, modules: before.modules } };

function forFirst(state: LaneState, { quarantined }: Rollout, policy: RolloutPolicy, line: Line, now: number): string | null {
  const { stage, halt } = state;
  if (stage !== null && (stage.way === "back" || stage.phase !== "watched")) return null;
  const next = firstNext(state, line, quarantined);
  if (next === null) return null;
  if (halt !== null) return isWayOut(state, line, next) ? next : null;
  if (stage === null) return next;
  // One that is observed all the time is decided by then: else a storm of merges would let none ever end.
  const longest = Math.max(policy.maxWaitMinutes, stage.terms === null ? 0 : longestStage(stage.terms));
  return now - stage.intendedAt >= longest * 60_000 ? next : null;
}

/** What a person let in goes before what landed since: it is what they looked at. */
function firstNext({ stage, verified, let: allowed }: LaneState, line: Line, quarantined: Rollout["quarantined"]): string | null {
  const current = stage?.release ?? verified;
  const upTo = allowed === null ? null : placeOf(line, allowed.release);
  if (allowed !== null && upTo !== null && nextRelease(line.slice(0, upTo + 1), current, quarantined) === allowed.release)
    return allowed.release;
  return nextRelease(line, current, quarantined);
}

/** Whether a release may enter where the one before it was stopped: by the fleet, if it takes something of that back; over its modules, if it is a newer one. */
function isWayOut({ stage, halt, verified }: LaneState, line: Line, next: string): boolean {
  if (halt?.why.kind === "modules-differ") return next !== stage?.release;
  if (stage === null || halt?.why.kind !== "verdict") return false;
  const [from, to, upTo] = [placeOf(line, verified), placeOf(line, stage.release), placeOf(line, next)];
  if (from === null || to === null || upTo === null) return false;
  const batch = new Set(line.slice(from + 1, to + 1).map(({ sha }) => sha));
  return line.slice(to + 1, upTo + 1).some(({ reverts }) => reverts !== null && batch.has(reverts));
}

function forLater(state: LaneState, before: LaneState | undefined, line: Line, { quarantined }: Rollout): string | null {
  // Exactly what is there, and was found good there.
  if (before === undefined || before.stage !== null || before.halt !== null) return null;
  const next = before.verified;
  if ((state.stage !== null || state.halt !== null) && !isWayOut(state, line, next)) return null;
  const [own, theirs] = [placeOf(line, state.verified), placeOf(line, next)];
  return own === null || theirs === null || theirs <= own || carriesBad(line, theirs, quarantined) ? null : next;
}
