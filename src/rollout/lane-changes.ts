import type { Lane } from "../policy/lanes-schema.ts";
import { type Line, placeOf } from "./line.ts";
import type { Rollout } from "./state.ts";

/** Why nothing goes wider: the policy and the rollout don't fit each other. */
export interface RolloutFault {
  lane: string | null;
  text: string;
  hint: string;
}

export const laneIn = (lanes: readonly Lane[], { lane, environment }: { lane: string; environment: string }): Lane | undefined =>
  lanes.find((one) => one.name === lane && one.environment === environment);

const again = "Once nothing is under way and nothing stands still, the lanes are taken as they are.";

/** Whether the policy has other lanes than the rollout, and nothing of that is on its way or stands still: then it can begin anew. */
export const mayBeginAnew = (rollout: Rollout, lanes: readonly Lane[]): boolean =>
  policyFaults(rollout, lanes, [], undefined).length > 0 &&
  rollout.lanes.every(({ stage, halt }) => stage === null && (halt === null || halt.why.kind === "not-in-policy"));

/**
 * Where the policy's lanes are no longer those of the rollout, or where it would govern the release that brings it. `of` is the commit that the policy
 * was read at.
 */
export function policyFaults(rollout: Rollout, lanes: readonly Lane[], line: Line, of: string | undefined): RolloutFault[] {
  const faults: RolloutFault[] = [];
  for (const state of rollout.lanes) {
    if (laneIn(lanes, state) !== undefined) continue;
    const text = `the policy has no lane ${state.lane} with the environment ${state.environment} any more`;
    const hint = state.stage === null ? again : "Put it back until its release is through, or was taken back.";
    faults.push({ lane: state.lane, text, hint });
  }
  const kept = rollout.lanes.map(({ lane }) => lane);
  for (const { name } of lanes)
    if (!kept.includes(name))
      faults.push({ lane: name, text: `the lane ${name} is new, and the rollout has not begun in it`, hint: again });
  const named = lanes.map(({ name }) => name);
  const inPolicy = kept.filter((name) => named.includes(name));
  if (inPolicy.some((name, at) => name !== named.filter((one) => kept.includes(one))[at]))
    faults.push({
      lane: null,
      text: `the policy has the lanes in another order: ${named.join(", ")}, and not ${kept.join(", ")}`,
      hint: again,
    });
  const last = rollout.lanes.at(-1);
  if (of === undefined || last === undefined) return faults;
  const [read, carried] = [placeOf(line, of), placeOf(line, last.verified)];
  if (read !== null && carried !== null && read > carried) {
    const text = `the policy was read at ${of}, which the lane ${last.lane} does not have yet`;
    faults.push({ lane: null, text, hint: "The policy that was carried out last governs: a change may not loosen its own rollout." });
  }
  return faults;
}
