import type { Lane, RolloutPolicy } from "../policy/lanes-schema.ts";
import type { Effect, Event } from "./effects.ts";
import { type Line, placeOf } from "./line.ts";
import { nextRelease } from "./train.ts";
import type { LaneState, Rollout, Stage } from "./state.ts";

export interface Entry {
  state: LaneState;
  effects: readonly Effect[];
  events: readonly Event[];
}

export interface Entering {
  rollout: Rollout;
  lanes: readonly Lane[];
  policy: RolloutPolicy;
  /** Digest of the policy, which governs a stage to its end. */
  policyDigest: string;
  line: Line;
  now: number;
}

/**
 * What enters a lane now; null for nothing. Into the first: the next release, once the one before was found good there, stood still and was taken back, or
 * was observed for so long that others wait. Into any other: what the lane before it has, once exactly that was found good there and is there still.
 */
export function enter(at: number, { rollout, lanes, policy, policyDigest, line, now }: Entering): Entry | null {
  const state = rollout.lanes[at];
  const lane = lanes[at];
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
    intendedAt: now,
    readyAt: null,
    observedMinutes: 0,
    observedAt: null,
  };
  const superseded: Event[] =
    state.stage === null ? [] : [{ kind: "superseded", lane: state.lane, release: state.stage.release, by: release }];
  return {
    state: { ...state, stage, halt: null },
    effects: [{ kind: "move", lane: state.lane, branch: state.environment, before, after: release, way: "forward" }],
    events: [...superseded, { kind: "entered", lane: state.lane, release, before, let: letIn }],
  };
}

function forFirst(state: LaneState, { quarantined }: Rollout, policy: RolloutPolicy, line: Line, now: number): string | null {
  const { stage, halt } = state;
  if (stage !== null && (stage.way === "back" || stage.phase !== "watched")) return null;
  const next = nextRelease(line, stage?.release ?? state.verified, quarantined);
  if (next === null || (stage === null && halt === null)) return next;
  if (halt !== null)
    return stage !== null && halt.why.kind === "verdict" && takesBack(line, state.verified, stage.release, next) ? next : null;
  const waited = stage === null ? 0 : now - stage.intendedAt;
  return waited >= policy.maxWaitMinutes * 60_000 ? next : null;
}

/** Whether what comes next reverts something of what stands still: it is the way out of it. */
function takesBack(line: Line, verified: string, release: string, next: string): boolean {
  const [from, to, upTo] = [placeOf(line, verified), placeOf(line, release), placeOf(line, next)];
  if (from === null || to === null || upTo === null) return false;
  const batch = new Set(line.slice(from + 1, to + 1).map(({ sha }) => sha));
  return line.slice(to + 1, upTo + 1).some(({ reverts }) => reverts !== null && batch.has(reverts));
}

function forLater(state: LaneState, before: LaneState | undefined, line: Line, { quarantined }: Rollout): string | null {
  if (before === undefined || state.stage !== null || state.halt !== null) return null;
  // Exactly what is there, and was found good there.
  if (before.stage !== null || before.halt !== null) return null;
  const [own, theirs] = [placeOf(line, state.verified), placeOf(line, before.verified)];
  if (own === null || theirs === null || theirs <= own) return null;
  const batch = new Set(line.slice(own + 1, theirs + 1).map(({ sha }) => sha));
  const takenBack = new Set(line.slice(own + 1, theirs + 1).flatMap(({ reverts }) => reverts ?? []));
  const isBad = quarantined.some(({ commit }) => batch.has(commit) && !takenBack.has(commit));
  return isBad ? null : before.verified;
}
