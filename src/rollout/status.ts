import type { CausedWait } from "./caused.ts";
import type { Line } from "./line.ts";
import { placeOf } from "./line.ts";
import type { LaneSight, Sight, Tally } from "./sight.ts";
import type { Missing } from "./stage-verdict.ts";
import type { Halt, LaneState, Pause, Phase, Rollout, Stage, Who } from "./state.ts";

/** Where everything is, and why it waits: one value, for a terminal, for a pull request and for a page. Times are milliseconds since 1970. */
export interface RolloutStatus {
  now: number;
  /** When the last look was made; null before the first. */
  seenAt: number | null;
  paused: Pause | null;
  /** Why nothing enters any lane. */
  held: readonly string[];
  /** What speaks against a release now, and holds nothing up. */
  advice: readonly string[];
  /** Why the last look came to nothing. */
  waits: Sight["waits"];
  lanes: readonly LaneStatus[];
  quarantined: readonly { commit: string; number: number | null; lane: string; at: number }[];
  /** Waiting that one change's halt caused others in the last thirty days, what cost most first; missing where there was none. */
  waited?: readonly CausedWait[];
  /** Places that were not told all that happened; missing where all were. */
  untold?: readonly Untold[];
}

/** A place that has not heard so many things yet, or never heard some. */
export interface Untold {
  place: string;
  waiting: number;
  lost: number;
  why: string | null;
}

export interface LaneStatus {
  lane: string;
  environment: string;
  /** What was found good there last. */
  verified: string;
  /** Merged, and not good there yet: pull requests where they are known, the others as commits. */
  behind: readonly Landed[];
  stage: StageStatus | null;
  halt: Halt | null;
  /** Whether a release enters it on a person's word only, and that word where it was given. */
  manual: boolean;
  let: { release: string; by: Who } | null;
}

export interface Landed {
  sha: string;
  number: number | null;
}

export interface StageStatus {
  release: string;
  /** What the release brings to this lane, or takes from it. */
  changes: readonly Landed[];
  way: Stage["way"];
  phase: Phase;
  since: number;
  observedMinutes: number;
  /** Null until the first look after a person's word. */
  bakeMinutes: number | null;
  /** Why the fleet could not be seen by the last look. */
  unseen: string | null;
  nodes: readonly Tally[];
  missing: readonly Missing[];
  /** Why compilers do not serve it, a sentence for each; missing where nothing tells. */
  undeployed?: readonly string[];
}

export function statusOf(
  rollout: Rollout,
  seen: { sight: Sight; at: Date } | null,
  { line, now, untold = [], waited = [] }: { line: Line; now: number; untold?: readonly Untold[]; waited?: readonly CausedWait[] },
): RolloutStatus {
  const { lanes, quarantined, paused } = rollout;
  const tip = line.at(-1)?.sha;
  return {
    now,
    seenAt: seen?.at.getTime() ?? null,
    paused: paused !== null && now < paused.until ? paused : null,
    held: seen?.sight.held ?? [],
    advice: seen?.sight.advice ?? [],
    waits: seen?.sight.waits ?? null,
    lanes: lanes.map((state, at) => laneStatus(state, at === 0 ? tip : has(lanes[at - 1]), line, seen?.sight)),
    quarantined: quarantined.map((one) => ({ ...one, number: line.find(({ sha }) => sha === one.commit)?.number ?? null })),
    ...(waited.length > 0 && { waited }),
    ...(untold.length > 0 && { untold: untold.map(({ place, waiting, lost, why }) => ({ place, waiting, lost, why })) }),
  };
}

const has = (state: LaneState | undefined): string | undefined => state?.stage?.release ?? state?.verified;

function laneStatus(state: LaneState, ahead: string | undefined, line: Line, sight: Sight | undefined): LaneStatus {
  const { lane, environment, verified, stage, halt } = state;
  const seen = sight?.lanes[lane];
  return {
    lane,
    environment,
    verified,
    behind: landedBetween(stage?.release ?? verified, ahead, line),
    stage:
      stage === null
        ? null
        : {
            release: stage.release,
            changes: stage.way === "back" ? landedBetween(stage.release, stage.before, line) : landedBetween(verified, stage.release, line),
            way: stage.way,
            phase: stage.phase,
            since: stage.intendedAt,
            observedMinutes: stage.observedMinutes,
            bakeMinutes: stage.terms?.bakeMinutes ?? null,
            unseen: seen?.unseen ?? null,
            nodes: seen?.nodes ?? [],
            missing: seen?.missing ?? [],
            ...undeployedIn(seen),
          },
    halt,
    manual: sight?.manual.includes(lane) ?? false,
    let: state.let,
  };
}

/** What the commands said is nearer to the cause than what they left. */
function undeployedIn(seen: LaneSight | undefined): Pick<StageStatus, "undeployed"> {
  const undeployed = seen?.undeployed ?? seen?.behind;
  return undeployed === undefined ? {} : { undeployed };
}

/** Empty where one of them is not on the line. */
function landedBetween(after: string, upTo: string | undefined, line: Line): Landed[] {
  const [from, to] = [placeOf(line, after), upTo === undefined ? null : placeOf(line, upTo)];
  if (from === null || to === null) return [];
  return line.slice(from + 1, to + 1).map(({ sha, number }) => ({ sha, number }));
}
