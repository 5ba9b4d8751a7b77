import type { CausedWait } from "../rollout/caused.ts";
import type { Reading } from "../metrics/metrics.ts";
import type { LaneState, Rollout } from "../rollout/state.ts";
import type { Sight } from "../rollout/sight.ts";
import type { Store } from "../store/records.ts";

type Readings = Awaited<ReturnType<Store["readings"]>>;

/** What the database tells, as numbers to be shown. `waited`: what halts cost others, by repository. `now` in milliseconds since 1970. */
export function readingsOf(of: Readings, waited: ReadonlyMap<number, readonly CausedWait[]>, now: number): Reading[] {
  const { ledger } = of;
  return [
    ["repositories", [], of.repositories],
    ...of.jobs.flatMap(({ queue, state, count, oldest }): Reading[] => [
      ["jobs", [queue, state], count],
      ["jobs_oldest_seconds", [queue, state], oldest],
    ]),
    ...of.changes.flatMap(({ name, standing, count, waited, oldest }): Reading[] => {
      const labels = [name, standing ?? "new"];
      return [
        ["changes_open", labels, count],
        ["changes_waiting_seconds", labels, Math.max(waited, 0)],
        ["changes_waiting_longest_seconds", labels, Math.max(oldest, 0)],
      ];
    }),
    ...of.held.map(({ name, rule, outcome, count }): Reading => ["changes_held", [name, rule, outcome], count]),
    // From none on, or nobody would see the first.
    ...new Set(of.changes.map(({ name }) => name))
      .difference(new Set(of.caught.filter(({ outcome }) => outcome === "despite").map(({ name }) => name)))
      .values()
      .map((name): Reading => ["changes_caught", [name, "despite"], 0]),
    ...of.caught.map(({ name, outcome, count }): Reading => ["changes_caught", [name, outcome], count]),
    ["changes_given_up", [], of.givenUp],
    ["effects_outstanding", [], of.effects.count],
    ["effects_oldest_seconds", [], Math.max(of.effects.oldest, 0)],
    ["landings_unsettled", [], of.unsettled],
    ...of.frozen.map(({ name, branches }): Reading => ["branches_frozen", [name], branches]),
    ...of.owed.map(({ name, reviews }): Reading => ["reviews_owed", [name], reviews]),
    ...of.rollouts.flatMap(({ id, name, rollout, sight, seen }) => [
      ...rolloutReadings(name, rollout, { sight, seen }, now),
      ...waitedReadings(name, rollout, waited.get(id) ?? []),
    ]),
    ...of.places.flatMap(({ place, waiting, lost, failing }): Reading[] => [
      ["news_waiting", [place], waiting],
      ["news_lost", [place], lost],
      ["places_failing", [place], failing ? 1 : 0],
    ]),
    ["ledger_entries", [], ledger.entries],
    ["ledger_signed_entries", [], ledger.signed?.size ?? 0],
    ...(ledger.signed === null ? [] : ([["ledger_checkpoint_seconds", [], Math.max(ledger.signed.age, 0)]] as const)),
    ["ledger_unsigned_seconds", [], Math.max(ledger.unsigned ?? 0, 0)],
    ...ledger.places.flatMap(({ place, behind, failing }): Reading[] => [
      ["ledger_place_behind_entries", [placeOf(place)], behind],
      ["ledger_place_failing_seconds", [placeOf(place)], Math.max(failing ?? 0, 0)],
    ]),
  ];
}

function rolloutReadings(
  name: string,
  rollout: Rollout,
  { sight, seen }: { sight: Sight | null; seen: number | null },
  now: number,
): Reading[] {
  const { lanes, paused, quarantined } = rollout;
  return [
    ...lanes.flatMap((lane): Reading[] => [
      ["rollout_lane_state", [name, lane.lane, stateOf(lane)], 1],
      ["rollout_lane_seconds", [name, lane.lane], Math.max((now - (lane.halt?.at ?? lane.stage?.intendedAt ?? now)) / 1000, 0)],
      ...(sight?.lanes[lane.lane]?.nodes ?? []).map(({ kind, count }): Reading => ["rollout_lane_nodes", [name, lane.lane, kind], count]),
    ]),
    ["rollout_paused", [name], paused === null ? 0 : 1],
    ["rollout_blind", [name], sight?.waits ? 1 : 0],
    ["rollout_quarantined", [name], quarantined.length],
    ...(seen === null ? [] : ([["rollout_look_seconds", [name], Math.max(seen, 0)]] as const)),
  ];
}

function waitedReadings(name: string, { lanes }: Rollout, waited: readonly CausedWait[]): Reading[] {
  return lanes.flatMap(({ lane }): Reading[] => {
    const own = waited.filter((one) => one.lane === lane);
    const waiting = own.reduce((sum, { changes }) => sum + changes.filter(({ waits }) => waits).length, 0);
    const minutes = own.reduce((sum, one) => sum + one.minutes, 0);
    return [
      ["rollout_waiting_changes", [name, lane], waiting],
      ["rollout_waited_seconds", [name, lane], Math.round(minutes * 60)],
    ];
  });
}

function stateOf({ stage, halt }: LaneState): string {
  if (halt !== null) return "halted";
  if (stage === null) return "still";
  return stage.way === "back" ? "returning" : stage.phase;
}

/** An address may hold a token: of a webhook's only its host is shown, and of a branch's neither user nor password. */
function placeOf(place: string): string {
  if (!/^https?:/u.test(place) || !URL.canParse(place)) return place;
  const { host, pathname, hash } = new URL(place);
  return hash === "" ? `webhook at ${host}` : `${host}${pathname}${hash}`;
}
