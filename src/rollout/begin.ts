import type { Lane } from "../policy/lanes-schema.ts";
import { brokenStair, type Line } from "./line.ts";
import type { Halt, LaneState, Rollout } from "./state.ts";

export type Begun = { ok: true; rollout: Rollout } | { ok: false; text: string; hint: string };

/**
 * A rollout of lanes as they are found: what each has is taken for good, because what was before the gate is nobody's doing. `tips` are by the lanes' names.
 * Lanes without a branch, beside the base branch, or further than the one before them can't be begun with. `earlier`: the rollout that there was,
 * whose lanes the policy or somebody's hand has changed: its quarantine and its pause stay, and nothing of it may be under way.
 */
export function begin(lanes: readonly Lane[], tips: ReadonlyMap<string, string>, line: Line, earlier: Rollout | null = null): Begun {
  const underWay = earlier?.lanes.find(isUnderWay);
  if (underWay !== undefined)
    return refused(
      `the lane ${underWay.lane} has ${underWay.stage?.release ?? ""} under way`,
      "Let it end, or have it return; of a lane that is not in the policy, put it back until then.",
    );
  const missing = lanes.find(({ name }) => !tips.has(name));
  if (missing !== undefined)
    return refused(`the lane ${missing.name} has no branch`, `Make ${missing.environment} at the commit that the last lane has.`);
  const found = lanes.map((lane) => ({ ...lane, tip: tips.get(lane.name) ?? "" }));
  const broken = brokenStair(
    line,
    found.map(({ tip }) => tip),
  );
  const [wrong, before] = broken === null ? [] : [found[broken], found[broken - 1]];
  if (wrong !== undefined) {
    const isOff = !line.some(({ sha }) => sha === wrong.tip);
    const text = isOff
      ? `the base branch does not lead to ${wrong.tip}, where ${wrong.environment} is`
      : `the lane ${wrong.name} has ${wrong.tip}, and ${before?.name ?? ""} before it only ${before?.tip ?? ""}`;
    return refused(text, `Move ${wrong.environment} to a commit of the base branch that the lane before it has, too.`);
  }
  const states = found.map(({ name, environment, tip }) => ({
    lane: name,
    environment,
    verified: tip,
    stage: null,
    halt: null,
    let: null,
  }));
  return { ok: true, rollout: { lanes: states, quarantined: earlier?.quarantined ?? [], paused: earlier?.paused ?? null } };
}

/** A branch that somebody moved, or that the base branch does not lead to, can't go on as it was: there a beginning is the way on. */
const lost: ReadonlySet<Halt["why"]["kind"]> = new Set(["moved-elsewhere", "off-the-line"]);

const isUnderWay = ({ stage, halt }: LaneState): boolean => stage !== null && (halt === null || !lost.has(halt.why.kind));

const refused = (text: string, hint: string): Begun => ({ ok: false, text, hint });
