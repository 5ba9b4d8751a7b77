import type { Known } from "../policy/known.ts";
import type { Event } from "./effects.ts";
import { type Line, placeOf } from "./line.ts";
import { passed } from "./stage-step.ts";
import type { LaneState, Rollout, Who } from "./state.ts";

/** What a person says to a rollout. */
export type RolloutCommand =
  | { kind: "pause"; until: number; reason: string }
  /** Ends the pause; of a lane that a person stopped, or whose branch somebody else moved, it goes on from where its branch is. */
  | { kind: "resume"; lane: string | null }
  /** A release counts as good in its lane, or may enter one, on a person's word. */
  | { kind: "promote"; lane: string; reason: string }
  /** A lane stands still where it is. */
  | { kind: "abort"; lane: string; reason: string }
  /** Whatever is further than what was good in this lane goes back to it. `commits`: what no later release may bring along. */
  | { kind: "return"; lane: string; commits: readonly string[]; reason: string };

export interface Sayer {
  who: Who;
  /** Whether they had a part in any change of the release. */
  contributed: Known<boolean>;
}

export type Obeyed = { ok: true; rollout: Rollout; events: readonly Event[] } | { ok: false; text: string; hint: string };

/** What becomes of a rollout by a person's word. Going wider or around takes somebody who had no part in it; stopping takes anybody. */
export function obey(rollout: Rollout, command: RolloutCommand, sayer: Sayer, line: Line, now: number): Obeyed {
  if (command.kind === "pause") {
    const { until, reason } = command;
    return { ok: true, rollout: { ...rollout, paused: { by: sayer.who, reason, at: now, until } }, events: [] };
  }
  if (command.kind === "resume" && command.lane === null)
    return rollout.paused === null
      ? refused("nothing is paused", "`puppet-gate rollout status` says why a lane waits.")
      : { ok: true, rollout: { ...rollout, paused: null }, events: [] };
  const at = rollout.lanes.findIndex(({ lane }) => lane === command.lane);
  const state = rollout.lanes[at];
  if (state === undefined)
    return refused(`there is no lane ${command.lane}`, `The lanes are ${rollout.lanes.map(({ lane }) => lane).join(", ")}.`);
  if (command.kind === "abort") return abort(rollout, at, state, { kind: "person", by: sayer.who, reason: command.reason }, now);
  const independent = isIndependent(sayer);
  if (independent !== null) return independent;
  if (command.kind === "resume") return goOn(rollout, at, state);
  return command.kind === "promote" ? promote(rollout, at, state, sayer.who) : goBack(rollout, state, command.commits, line, now);
}

const refused = (text: string, hint: string): Obeyed => ({ ok: false, text, hint });

function isIndependent({ contributed }: Sayer): Obeyed | null {
  if (!contributed.known)
    return refused(`whether you had a part in this release is not known: ${contributed.reason}`, "Try again in a minute.");
  if (!contributed.value) return null;
  return refused("you had a part in this release", "Ask somebody who had none: going wider or around takes a second person.");
}

const withLane = (rollout: Rollout, at: number, state: LaneState): Rollout => ({ ...rollout, lanes: rollout.lanes.with(at, state) });

function abort(rollout: Rollout, at: number, state: LaneState, why: { kind: "person"; by: Who; reason: string }, now: number): Obeyed {
  if (state.stage === null || state.halt !== null)
    return refused(`the lane ${state.lane} has nothing under way`, "`puppet-gate rollout status` says where each release is.");
  const halt = { why, at: now };
  const events: Event[] = [{ kind: "halted", lane: state.lane, release: state.stage.release, halt }];
  return { ok: true, rollout: withLane(rollout, at, { ...state, halt }), events };
}

/** What a verdict stopped has other ways out: what is true of the fleet is still true. */
function goOn(rollout: Rollout, at: number, state: LaneState): Obeyed {
  if (state.halt === null)
    return refused(`the lane ${state.lane} does not stand still`, "`puppet-gate rollout status` says why a lane waits.");
  if (state.halt.why.kind === "verdict")
    return refused(`the fleet's own runs stopped the lane ${state.lane}`, "Say `promote` or `return`, or land what takes the change back.");
  return { ok: true, rollout: withLane(rollout, at, { ...state, halt: null }), events: [] };
}

function promote(rollout: Rollout, at: number, state: LaneState, by: Who): Obeyed {
  const { stage, halt } = state;
  if (stage === null) {
    const release = rollout.lanes[at - 1]?.verified ?? null;
    if (release === null || release === state.verified)
      return refused(`nothing waits to enter the lane ${state.lane}`, "`puppet-gate rollout status` says where each release is.");
    return { ok: true, rollout: withLane(rollout, at, { ...state, let: { release, by } }), events: [] };
  }
  if (stage.phase !== "watched")
    return refused(
      `the release is not deployed in the lane ${state.lane} yet`,
      "Wait until every compiler serves it; `resume` goes on after an abort.",
    );
  if (halt !== null && halt.why.kind !== "verdict" && halt.why.kind !== "person")
    return refused(`the branch of ${state.lane} is not where the gate put it`, "Put it back, and say `resume`.");
  const verdict = halt?.why.kind === "verdict" ? halt.why.verdict : { kind: "passed" as const, counts: {} };
  const next = passed(state, stage, verdict);
  const events: Event[] = [{ kind: "promoted", lane: state.lane, release: stage.release, by }, ...next.events];
  return { ok: true, rollout: withLane(rollout, at, next.state), events };
}

/** All lanes that are further, so that the staircase stays one: nothing that was bad in one lane stays in those before it. */
function goBack(rollout: Rollout, state: LaneState, commits: readonly string[], line: Line, now: number): Obeyed {
  const target = placeOf(line, state.verified);
  if (target === null)
    return refused(
      `the base branch does not lead to ${state.verified} any more`,
      "Mend the branch by hand, and say `puppet-gate rollout begin`.",
    );
  const isFurther = ({ stage, verified }: LaneState): boolean => (placeOf(line, stage?.release ?? verified) ?? target + 1) > target;
  if (!rollout.lanes.some(isFurther))
    return refused(`the lane ${state.lane} has nothing to return from`, "`puppet-gate rollout status` says where each release is.");
  const moving = rollout.lanes.find(({ stage }) => stage?.phase === "intended");
  if (moving !== undefined) return refused(`the branch of ${moving.lane} is being moved right now`, "Say it again in a minute.");
  const lanes = rollout.lanes.map((lane): LaneState => {
    if (!isFurther(lane)) return lane;
    const before = lane.stage?.release ?? lane.verified;
    const stage = {
      before,
      release: state.verified,
      way: "back",
      phase: "intended",
      policy: lane.stage?.policy ?? "",
      intendedAt: now,
      readyAt: null,
      observedMinutes: 0,
      observedAt: null,
    } as const;
    return { ...lane, stage, halt: null, let: null };
  });
  const quarantined = [...rollout.quarantined, ...commits.map((commit) => ({ commit, lane: state.lane, at: now }))];
  const events: Event[] = lanes.flatMap(({ lane, stage }) =>
    stage?.way === "back" ? [{ kind: "returning" as const, lane, release: stage.release, before: stage.before }] : [],
  );
  return { ok: true, rollout: { ...rollout, lanes, quarantined }, events };
}
