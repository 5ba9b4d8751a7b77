import { known, type Known, unknown } from "../../policy/known.ts";
import type { Event } from "../../rollout/effects.ts";
import { evidenceOf } from "../../rollout/evidence.ts";
import { allOf, type Preview, previewOf } from "../../rollout/going-back.ts";
import { type Line, type LineStep, placeOf } from "../../rollout/line.ts";
import type { LaneSeen } from "../../rollout/observation.ts";
import { onFail } from "../../rollout/on-fail.ts";
import type { Halt, LaneState, Rollout } from "../../rollout/state.ts";
import type { Suspect } from "../../rollout/suspects.ts";
import { asKnown } from "./observe.ts";
import type { Prediction, RolloutRecords } from "../ports/rollout.ts";
import { findSuspects, type SuspectMirror } from "./suspects.ts";

export interface HaltPorts {
  mirror: SuspectMirror;
  records: Pick<RolloutRecords, "predictionOf">;
  repository: number;
}

export interface Looked {
  rollout: Rollout;
  events: readonly Event[];
}

export interface Around {
  line: Line;
  seen: ReadonlyMap<string, LaneSeen>;
  certnamesOf: (lane: string) => readonly string[];
  now: number;
}

/**
 * What follows from what the fleet stopped in this look: whom it points to, what going back would not undo, and where the policy wants it and nothing
 * speaks against it, the way back. What can't be found out is said, and never keeps a lane from standing still.
 */
export async function afterHalts(ports: HaltPorts, { rollout, events }: Looked, around: Around): Promise<Looked> {
  let looked: Looked = { rollout, events: [] };
  for (const event of events) {
    const state = event.kind === "halted" ? rollout.lanes.find(({ lane }) => lane === event.lane) : undefined;
    looked =
      event.kind === "halted" && event.halt.why.kind === "verdict" && state !== undefined
        ? await afterHalt(ports, looked, { event, state }, around)
        : { ...looked, events: [...looked.events, event] };
  }
  return looked;
}

async function afterHalt(
  ports: HaltPorts,
  { rollout, events }: Looked,
  { event, state }: { event: Extract<Event, { kind: "halted" }>; state: LaneState },
  { line, seen, certnamesOf, now }: Around,
): Promise<Looked> {
  const release = releaseOf(state, event.release, line);
  const suspects = await suspectsOf(ports, { state, event, release }, seen.get(state.lane));
  const stays = await goingBackOf(ports.records, ports.repository, { rollout, lane: state.lane, line, certnamesOf });
  const given = { rollout, state, line, now, stays, suspects: suspects.known ? suspects.value : [] };
  const ended = onFail(given);
  const halt: Halt = { ...event.halt, suspects, stays, ...("why" in ended && { notReturned: ended.why }) };
  const told: Event = { ...event, halt, suspects: given.suspects };
  if (ended.kind === "returns") return { rollout: ended.rollout, events: [...events, told, ...ended.events] };
  // What takes it back may have followed in the same look.
  const lanes = rollout.lanes.map((one) => (one.lane === state.lane && one.halt !== null ? { ...one, halt } : one));
  return { rollout: { ...rollout, lanes }, events: [...events, told] };
}

/** What the lane has, and had not when it was good. */
function releaseOf({ verified }: LaneState, release: string | null, line: Line): readonly LineStep[] {
  const [from, to] = [placeOf(line, verified), release === null ? null : placeOf(line, release)];
  return from === null || to === null ? [] : line.slice(from + 1, to + 1);
}

async function suspectsOf(
  { mirror, records, repository }: HaltPorts,
  { state, event, release }: { state: LaneState; event: Extract<Event, { kind: "halted" }>; release: readonly LineStep[] },
  seen: LaneSeen | undefined,
): Promise<Known<readonly Suspect[]>> {
  const verdict = event.halt.why.kind === "verdict" ? event.halt.why.verdict : null;
  // Neither good nor bad: nothing went wrong that could point anywhere. And what was good before has no commit of its own.
  if (verdict?.kind !== "failed" || state.verified === event.release || state.stage?.way === "back") return known([]);
  if (release.length === 0) return unknown("the base branch does not lead from what was good there to the release");
  if (seen?.fleet.known !== true) return unknown("the fleet can't be seen any more");
  const { nodes, places = new Map() } = seen.fleet.value;
  const prediction = (await records.predictionOf(repository, {
    before: state.verified,
    release: event.release ?? "",
  })) as Prediction | null;
  const { classes = [], trails = null } = prediction ?? {};
  const evidence = evidenceOf({ troubles: verdict.troubles, nodes, places, classes, trails });
  return asKnown(() => findSuspects(mirror, { after: state.verified, release }, evidence));
}

export interface GoingBack {
  rollout: Rollout;
  /** The lane whose good commit is gone back to. */
  lane: string;
  line: Line;
  /** Null for all nodes that a release reaches. */
  certnamesOf: ((lane: string) => readonly string[]) | null;
}

/**
 * What going back to what was good in a lane would not undo, in all lanes that are further, by what was expected of their releases before they were let in.
 * Nothing is compiled for it. Unknown where one of them was not looked at like that.
 */
export async function goingBackOf(
  records: Pick<RolloutRecords, "predictionOf">,
  repository: number,
  { rollout, lane, line, certnamesOf }: GoingBack,
): Promise<Known<Preview>> {
  const target = rollout.lanes.find((one) => one.lane === lane)?.verified;
  const place = target === undefined ? null : placeOf(line, target);
  if (target === undefined || place === null) return unknown("the base branch does not lead to what was good there any more");
  const kept = async (before: string, release: string): Promise<Prediction | null> =>
    (await records.predictionOf(repository, { before, release })) as Prediction | null;
  const previews: Preview[] = [];
  for (const each of rollout.lanes) {
    const has = each.stage?.release ?? each.verified;
    if ((placeOf(line, has) ?? line.length) <= place) continue;
    const direct = await kept(target, has);
    // What it had between: what neither of two steps leaves, both together don't.
    const way = direct === null ? [await kept(target, each.verified), await kept(each.verified, has)] : [direct];
    const certnames = certnamesOf === null ? null : new Set(certnamesOf(each.lane));
    for (const one of way) {
      const preview = previewOf(one, certnames);
      if (!preview.known) return preview;
      previews.push(preview.value);
    }
  }
  return known(allOf(previews));
}
