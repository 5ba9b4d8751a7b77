import { takenBackBy } from "./train.ts";
import type { SeenLine, Wait } from "./waits.ts";
import type { Sight } from "./sight.ts";
import type { Halt, LaneState, Rollout } from "./state.ts";

/** Where one change is, lane by lane, and what it waits for: one value, which is another only where people should hear of it. Times are milliseconds since 1970. */
export interface ChangeStanding {
  lanes: readonly { lane: string; is: LaneStanding }[];
  /** Because of others, longest first; without those of now. */
  waited: readonly { lane: string; over: readonly number[]; minutes: number }[];
  /** What takes it back, on the base branch by now; missing where nothing does. */
  takenBack?: Taker;
}

/** A commit, and the pull request that it landed; null for a push around the gate. */
export interface Taker {
  sha: string;
  number: number | null;
}

export type LaneStanding =
  | { kind: "good" }
  /** The lane has what takes it back. */
  | { kind: "taken-back"; by: Taker }
  /** Decided, and its branch is not moved yet; moved, and not every compiler proved to serve it. */
  | { kind: "entering" | "deploying" | "going-back" }
  /** `minutes` in quarters of `of`, so that it is told four times and not each minute. */
  | { kind: "watched"; minutes: number; of: number | null }
  | { kind: "halted"; why: Halt["why"]; at: number }
  | { kind: "waits"; for: WaitsFor };

export type WaitsFor =
  | { kind: "lane"; lane: string }
  | { kind: "halt"; over: readonly number[]; since: number }
  | { kind: "pause"; by: string; until: number }
  | { kind: "held"; why: string }
  | { kind: "quarantine" }
  /** A person has to let it in. */
  | { kind: "word" }
  /** The next release that leaves. */
  | { kind: "train" };

export interface Seen {
  rollout: Rollout;
  sight: Sight | null;
  line: SeenLine;
  waits: readonly Wait[];
  now: number;
}

/** Gives where the change at a place of the line is. */
export function changeStandings(seen: Seen): (at: number) => ChangeStanding {
  const places = new Map(seen.line.map(({ sha }, index) => [sha, index]));
  // What is older than all that is looked at comes before it.
  const placeOf = (sha: string): number => places.get(sha) ?? -1;
  const line = seen.line.map(({ sha, reverts = null }) => ({ sha, reverts }));
  const takerOf = (at: number, upTo: number): Taker | null => {
    const step = seen.line[takenBackBy(line, at, upTo) ?? -1];
    return step === undefined ? null : { sha: step.sha, number: step.number };
  };
  const waits = Map.groupBy(seen.waits, ({ number }) => number);
  return (at) => {
    const own = waits.get(seen.line[at]?.number ?? 0) ?? [];
    const lanes: { lane: string; is: LaneStanding }[] = [];
    for (const state of seen.rollout.lanes) {
      const before = lanes.at(-1);
      const has = placeOf(hasIn(state));
      const by = has < at ? null : takerOf(at, has);
      const is: LaneStanding =
        by !== null
          ? { kind: "taken-back", by }
          : (inLane(state, at, placeOf) ?? { kind: "waits" as const, for: waitsFor({ ...seen, waits: own }, { state, before, at }) });
      lanes.push({ lane: state.lane, is });
    }
    const takenBack = takerOf(at, seen.line.length - 1);
    return { lanes, waited: waitedOf(own), ...(takenBack !== null && { takenBack }) };
  };
}

/** Nothing is left to say of it. */
export const isSettled = ({ lanes, takenBack }: ChangeStanding): boolean =>
  lanes.every(({ is }) => is.kind === (takenBack === undefined ? "good" : "taken-back"));

/** What its branch has, or was last moved to. */
const hasIn = ({ verified, stage }: LaneState): string => {
  if (stage === null) return verified;
  return stage.phase === "intended" ? stage.before : stage.release;
};

/** Null where it is not there yet. */
function inLane({ verified, stage, halt }: LaneState, at: number, placeOf: (sha: string) => number): LaneStanding | null {
  const isThere = placeOf(verified) >= at;
  if (stage === null) return isThere ? { kind: "good" } : null;
  if (stage.way === "back")
    return isThere && placeOf(stage.release) >= at ? { kind: "good" } : placeOf(stage.before) >= at ? { kind: "going-back" } : null;
  if (isThere) return { kind: "good" };
  if (placeOf(stage.release) < at) return null;
  if (halt !== null) return { kind: "halted", why: halt.why, at: halt.at };
  if (stage.phase === "intended") return { kind: "entering" };
  if (stage.phase === "moved") return { kind: "deploying" };
  const of = stage.terms?.bakeMinutes ?? null;
  return { kind: "watched", minutes: of === null ? 0 : quarters(stage.observedMinutes, of), of };
}

const quarters = (minutes: number, of: number): number => Math.floor((Math.min(Math.floor((4 * minutes) / Math.max(of, 1)), 4) * of) / 4);

interface Waiting {
  state: LaneState;
  before: { lane: string; is: LaneStanding } | undefined;
  at: number;
}

/** The nearest thing that has to happen first. */
function waitsFor({ rollout, sight, line, waits, now }: Seen, { state, before, at }: Waiting): WaitsFor {
  const { paused, quarantined } = rollout;
  if (quarantined.some(({ commit }) => commit === line[at]?.sha)) return { kind: "quarantine" };
  if (before !== undefined && before.is.kind !== "good") return { kind: "lane", lane: before.lane };
  if (state.halt !== null) {
    const own = waits.find(({ lane, to }) => lane === state.lane && to === null);
    return { kind: "halt", over: own?.over ?? [], since: own?.from ?? state.halt.at };
  }
  if (paused !== null && now < paused.until) return { kind: "pause", by: paused.by.name, until: paused.until };
  const [why] = sight?.held ?? [];
  if (why !== undefined) return { kind: "held", why };
  return sight?.manual.includes(state.lane) === true && state.let === null ? { kind: "word" } : { kind: "train" };
}

/** A minute is nobody's fault. */
const worthTelling = 5;

function waitedOf(waits: readonly Wait[]): ChangeStanding["waited"] {
  const sums = new Map<string, { lane: string; over: readonly number[]; minutes: number }>();
  for (const { lane, over, from, to } of waits) {
    if (to === null) continue;
    const key = `${lane} ${over.join(" ")}`;
    const sum = sums.get(key) ?? { lane, over, minutes: 0 };
    sums.set(key, { ...sum, minutes: sum.minutes + (to - from) / 60_000 });
  }
  return [...sums.values()]
    .map((sum) => ({ ...sum, minutes: Math.round(sum.minutes) }))
    .filter(({ minutes }) => minutes >= worthTelling)
    .sort((a, b) => b.minutes - a.minutes);
}
