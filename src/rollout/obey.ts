import type { Known } from "../policy/known.ts";
import type { Event } from "./effects.ts";
import type { Line } from "./line.ts";
import { goBack } from "./go-back.ts";
import { type Obeyed, refused } from "./obeyed.ts";
import { shownInstant } from "./said.ts";
import { passed } from "./stage-step.ts";
import type { LaneState, Rollout, Who } from "./state.ts";
import { nextRelease } from "./train.ts";

/** What a person says to a rollout. */
export type RolloutCommand =
  | { kind: "pause"; until: number; reason: string }
  /** Ends the pause; a lane that a person stopped, or whose branch somebody else moved and put back, goes on. */
  | { kind: "resume"; lane: string | null }
  /** A release counts as good in its lane, or may enter one, on a person's word. `release`: the one that they mean; null or missing for whichever it is. */
  | { kind: "promote"; lane: string; release?: string | null; reason: string }
  /** A lane stands still where it is. */
  | { kind: "abort"; lane: string; reason: string }
  /**
   * Whatever is further than what was good in this lane goes back to it. `commits`: what no later release may bring along; where there is none, all that
   * goes back.
   */
  | { kind: "return"; lane: string; commits: readonly string[]; reason: string }
  /** Later releases may bring it along again. */
  | { kind: "unquarantine"; commit: string; reason: string };

export interface Sayer {
  who: Who;
  /** Whether they had a part in any change of the release. */
  contributed: Known<boolean>;
}

/** What becomes of a rollout by a person's word. Going wider or around takes somebody who had no part in it; stopping takes anybody. */
export function obey(rollout: Rollout, command: RolloutCommand, sayer: Sayer, line: Line, now: number): Obeyed {
  const by = sayer.who;
  if (command.kind === "pause") {
    const { until, reason } = command;
    if (until <= now) return refused("that pause would be over already", "Give an end that is still to come.");
    const { paused } = rollout;
    // Of two people who stop everything at once neither may let it go on earlier than the other meant.
    if (paused !== null && paused.until > until)
      return refused(
        `it is paused until ${shownInstant(paused.until)} already, which is longer, by ${paused.by.name}: ${paused.reason}`,
        "Nothing enters a lane until then. If it is to end sooner, say `resume` first.",
      );
    return { ok: true, rollout: { ...rollout, paused: { by, reason, at: now, until } }, events: [{ kind: "paused", by, reason, until }] };
  }
  if (command.kind === "resume" && command.lane === null)
    return rollout.paused === null
      ? refused("nothing is paused", "`puppet-gate rollout status` says why a lane waits.")
      : { ok: true, rollout: { ...rollout, paused: null }, events: [{ kind: "resumed", lane: null, by }] };
  if (command.kind === "unquarantine") return isIndependent(sayer) ?? unquarantine(rollout, command, by);
  const at = rollout.lanes.findIndex(({ lane }) => lane === command.lane);
  const state = rollout.lanes[at];
  if (state === undefined)
    return refused(`there is no lane ${command.lane}`, `The lanes are ${rollout.lanes.map(({ lane }) => lane).join(", ")}.`);
  if (command.kind === "abort") return abort(rollout, at, state, { kind: "person", by, reason: command.reason }, now);
  const independent = isIndependent(sayer);
  if (independent !== null) return independent;
  if (command.kind === "resume") return goOn(rollout, at, state, by);
  if (command.kind === "promote") return promote(rollout, at, state, { ...command, by }, line);
  return goBack(rollout, state, { ...command, by }, line, now);
}

const whereEachIs = "`puppet-gate rollout status` says where each release is.";

function unquarantine(rollout: Rollout, { commit, reason }: { commit: string; reason: string }, by: Who): Obeyed {
  const left = rollout.quarantined.filter((one) => one.commit !== commit);
  if (left.length < rollout.quarantined.length)
    return { ok: true, rollout: { ...rollout, quarantined: left }, events: [{ kind: "unquarantined", commit, by, reason }] };
  return refused(`${commit} is not in quarantine`, "`puppet-gate rollout status` names what is.");
}

function isIndependent({ contributed }: Sayer): Obeyed | null {
  if (!contributed.known)
    return refused(`whether you had a part in this release is not known: ${contributed.reason}`, "Try again in a minute.");
  if (!contributed.value) return null;
  return refused("you had a part in this release", "Ask somebody who had none: going wider or around takes a second person.");
}

const withLane = (rollout: Rollout, at: number, state: LaneState): Rollout => ({ ...rollout, lanes: rollout.lanes.with(at, state) });

function abort(rollout: Rollout, at: number, state: LaneState, why: { kind: "person"; by: Who; reason: string }, now: number): Obeyed {
  if (state.halt !== null) return refused(`the lane ${state.lane} stands still already`, "`puppet-gate rollout status` says why.");
  if (state.stage === null) return refused(`the lane ${state.lane} has nothing under way`, whereEachIs);
  const halt = { why, at: now };
  const events: Event[] = [{ kind: "halted", lane: state.lane, release: state.stage.release, halt }];
  return { ok: true, rollout: withLane(rollout, at, { ...state, halt }), events };
}

/** What a verdict stopped has other ways out: what is true of the fleet is still true. */
function goOn(rollout: Rollout, at: number, state: LaneState, by: Who): Obeyed {
  if (state.halt === null)
    return refused(`the lane ${state.lane} does not stand still`, "`puppet-gate rollout status` says why a lane waits.");
  const isGone = state.halt.why.kind === "not-in-policy" ? elsewhere(state) : null;
  if (isGone !== null) return isGone;
  if (state.halt.why.kind === "verdict")
    return refused(`the fleet's own runs stopped the lane ${state.lane}`, "Say `promote` or `return`, or land what takes the change back.");
  return { ok: true, rollout: withLane(rollout, at, { ...state, halt: null }), events: [{ kind: "resumed", lane: state.lane, by }] };
}

function promote(
  rollout: Rollout,
  at: number,
  state: LaneState,
  { release: meant = null, by, reason }: { release?: string | null; by: Who; reason: string },
  line: Line,
): Obeyed {
  const { stage, halt } = state;
  const isElsewhere = elsewhere(state);
  if (isElsewhere !== null) return isElsewhere;
  if (stage === null) {
    const release = at === 0 ? nextRelease(line, state.verified, rollout.quarantined) : (rollout.lanes[at - 1]?.verified ?? null);
    if (release === null || release === state.verified) return refused(`nothing waits to enter the lane ${state.lane}`, whereEachIs);
    if (meant !== null && meant !== release) return another(state.lane, meant, release);
    const events: Event[] = [{ kind: "let-in", lane: state.lane, release, by, reason }];
    return { ok: true, rollout: withLane(rollout, at, { ...state, let: { release, by } }), events };
  }
  if (meant !== null && meant !== stage.release) return another(state.lane, meant, stage.release);
  if (stage.phase !== "watched" && stage.way === "back")
    return refused(
      `the lane ${state.lane} is on its way back to ${stage.release}, since somebody said so or the policy does`,
      "`puppet-gate rollout status` says why; `unquarantine` lets later releases bring along again what was taken back.",
    );
  if (stage.phase !== "watched")
    return refused(
      `the release is not deployed in the lane ${state.lane} yet`,
      "Wait until every compiler serves it; `resume` goes on after an abort.",
    );
  const verdict = halt?.why.kind === "verdict" ? halt.why.verdict : { kind: "passed" as const, counts: {} };
  const next = passed(state, stage, verdict);
  const events: Event[] = [{ kind: "promoted", lane: state.lane, release: stage.release, by, reason }, ...next.events];
  return { ok: true, rollout: withLane(rollout, at, next.state), events };
}

/** What somebody looked at is not what would go on: by now there is more in it, or less. */
const another = (lane: string, meant: string, is: string): Obeyed =>
  refused(`you meant ${meant}, and in the lane ${lane} it is about ${is} now`, "Look at that one, and name it if you mean it.");

/** What stopped a lane beside the fleet and people is true whatever somebody says of the release. */
function elsewhere({ lane, halt }: LaneState): Obeyed | null {
  const why = halt?.why;
  if (why?.kind === "moved-elsewhere")
    return refused(`the branch of ${lane} is not where the gate put it`, "Put it back, and say `resume`.");
  if (why?.kind === "modules-differ") {
    const names = why.modules.map((one) => `${one.name} (${one.before ?? "none"} then, ${one.now ?? "none"} now)`).join(", ");
    const where = why.than === lane ? "when its watch began" : `in the lane ${why.than}`;
    return refused(
      `the compilers of ${lane} serve the same commit with other modules than ${where}: ${names}`,
      "Pin them by commit in the Puppetfile and land that; or put them back, deploy again, and say `resume`.",
    );
  }
  if (why?.kind === "off-the-line")
    return refused(`the base branch does not lead to ${why.commit} any more`, "Put the base branch back, and say `resume`.");
  if (why?.kind === "not-in-policy")
    return refused(`the policy has no lane ${lane} any more`, "Put it back into the policy: then it goes on.");
  return null;
}
