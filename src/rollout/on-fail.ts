import type { Known } from "../policy/known.ts";
import type { Event } from "./effects.ts";
import { goBack } from "./go-back.ts";
import { isEmpty, type Preview } from "./going-back.ts";
import type { Line } from "./line.ts";
import type { LaneState, Rollout } from "./state.ts";
import { clearSuspect, type Suspect } from "./suspects.ts";

export interface Halted {
  rollout: Rollout;
  state: LaneState;
  line: Line;
  now: number;
  suspects: readonly Suspect[];
  /** What going back would not undo, of all lanes that go back. */
  stays: Known<Preview>;
}

export type Ended = { kind: "stands" } | { kind: "stands"; why: string } | { kind: "returns"; rollout: Rollout; events: readonly Event[] };

/** The reason that is kept where no person gave one. */
const byPolicy = "the policy has a lane go back where the fleet stops it, and going back undoes all of it";

/**
 * What follows where the fleet stopped a lane. By default nothing: people decide. Where the policy that the release came under says `return`, the lane goes back
 * by itself if that undoes all of it, as far as the catalogs tell; what is clearly suspected is in quarantine then, or all of the release. A lane that is on
 * its way back already has nowhere else to go.
 */
export function onFail({ rollout, state, line, now, suspects, stays }: Halted): Ended {
  const { stage, halt } = state;
  if (stage?.terms?.policy.onFail !== "return" || halt?.why.kind !== "verdict" || halt.why.verdict.kind !== "failed")
    return { kind: "stands" };
  if (stage.way === "back") return { kind: "stands", why: "it was going back already" };
  if (!stays.known) return { kind: "stands", why: `what going back would not undo is not known: ${stays.reason}` };
  if (!isEmpty(stays.value)) {
    const count = stays.value.items.length + stays.value.more;
    return { kind: "stands", why: `going back would not undo ${count === 1 ? "one thing" : `${count} things`} that it did` };
  }
  const suspect = clearSuspect(suspects);
  const quarantined = suspect === null ? [] : [suspect.commit];
  const back = goBack(rollout, state, { commits: quarantined, by: null, reason: byPolicy }, line, now);
  return back.ok ? { kind: "returns", rollout: back.rollout, events: back.events } : { kind: "stands", why: back.text };
}
