import type { Event } from "./effects.ts";
import { type Line, placeOf } from "./line.ts";
import type { LaneState, Quarantined } from "./state.ts";
import { carriesBad } from "./train.ts";

/**
 * What is left in quarantine, and what left it: a commit that is taken back in every lane and on the base branch. Whoever lands the same once more has it reviewed
 * and rolled out anew. One that the line does not have is not known to be taken back, and stays.
 */
export function withoutTakenBack(
  quarantined: readonly Quarantined[],
  lanes: readonly LaneState[],
  line: Line,
): { quarantined: readonly Quarantined[]; events: readonly Event[] } {
  const had = lanes.flatMap(({ verified, stage }) => [verified, ...(stage === null ? [] : [stage.before, stage.release])]);
  const places = [...had.map((sha) => placeOf(line, sha)), line.length - 1];
  const isOver = ({ commit }: Quarantined): boolean => {
    const own = placeOf(line, commit);
    return own !== null && places.every((at) => at !== null && at > own && !carriesBad(line, at, [{ commit }]));
  };
  const over = quarantined.filter(isOver);
  if (over.length === 0) return { quarantined, events: [] };
  const events = over.map(({ commit }): Event => ({ kind: "unquarantined", commit, by: null, reason: everywhere }));
  return { quarantined: quarantined.filter((one) => !over.includes(one)), events };
}

/** The reason that is kept where no person gave one. */
const everywhere = "what takes it back is good in every lane";
