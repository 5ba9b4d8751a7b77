import type { Event } from "./effects.ts";

/** How long changes waited because a lane stood still over another release. */
export interface Wait {
  /** Of the pull request that waited. */
  number: number;
  /** The lane that it could not enter. */
  lane: string;
  /** What that stood still over. */
  release: string;
  /** Pull requests that it stood still for, the likeliest first; empty where that is not known. */
  over: readonly number[];
  /** When it began to wait for that, and when it went on; null: it waits still. Milliseconds since 1970. */
  from: number;
  to: number | null;
}

/** The base branch's own line, the oldest first, with when each commit was seen there first. */
export type SeenLine = readonly SeenStep[];

export interface SeenStep {
  sha: string;
  number: number | null;
  seenAt: number;
  /** The commit of this line that it takes back; missing or null where it takes back none. */
  reverts?: string | null;
}

interface LaneThen {
  lane: string;
  /** The place of what was found good there last; before all others where that is not known. */
  good: number;
  /** The place of what it has, good or not. */
  has: number;
  /** Null where it goes on. */
  halt: { release: string; place: number; over: readonly number[]; at: number } | null;
}

/**
 * Who waited because of whose halt, from what happened, in its order: a change waits for a lane while that stands still over an earlier release, it has not
 * entered it, and it could: it was found good in the lane before, or has landed for the first. Changes of the release itself wait for nobody else.
 * What a person stopped counts like what the fleet did. Linear in events times changes that are on their way.
 */
export function waitsOf(lanes: readonly string[], line: SeenLine, happened: readonly { at: number; event: Event }[]): Wait[] {
  const places = new Map(line.map(({ sha }, at) => [sha, at]));
  const then = lanes.map((lane): LaneThen => ({ lane, good: -1, has: -1, halt: null }));
  const open = new Map<string, Wait>();
  const waits: Wait[] = [];
  const count = (at: number): void => {
    const now = new Map(waitingAt(then, line, at).map((wait) => [`${wait.number} ${wait.lane} ${wait.release}`, wait]));
    for (const [key, wait] of open) {
      if (now.has(key)) continue;
      waits.push({ ...wait, to: at });
      open.delete(key);
    }
    for (const [key, wait] of now) if (!open.has(key)) open.set(key, wait);
  };
  for (const { at, event } of happened) {
    // Whoever came while a lane stood still waited, even where it goes on by this.
    count(at);
    apply(then, places, event, at);
    count(at);
  }
  count(Number.POSITIVE_INFINITY);
  return [...waits, ...open.values()]
    .filter(({ from, to }) => to === null || to > from)
    .sort((a, b) => a.from - b.from || a.number - b.number);
}

function waitingAt(then: readonly LaneThen[], line: SeenLine, at: number): Wait[] {
  return then.flatMap(({ lane, has, halt }, index) => {
    if (halt === null) return [];
    const good = index === 0 ? line.length : (then[index - 1]?.good ?? -1);
    return line.slice(Math.max(has, halt.place) + 1, good + 1).flatMap(({ number, seenAt }): Wait[] => {
      if (number === null || seenAt > at) return [];
      return [{ number, lane, release: halt.release, over: halt.over, from: index === 0 ? Math.max(seenAt, halt.at) : at, to: null }];
    });
  });
}

function apply(then: LaneThen[], places: ReadonlyMap<string, number>, event: Event, at: number): void {
  const lane = "lane" in event ? then.find((one) => one.lane === event.lane) : undefined;
  if (event.kind === "resumed" && event.lane !== null && lane !== undefined) lane.halt = null;
  if (lane === undefined || !("release" in event) || event.release === null) return;
  const place = places.get(event.release) ?? -1;
  if (event.kind === "entered" || event.kind === "returning") {
    Object.assign(lane, { has: place, halt: null });
    if (event.kind === "returning") lane.good = Math.min(lane.good, place);
  } else if (event.kind === "passed" || event.kind === "returned" || event.kind === "promoted")
    Object.assign(lane, { good: place, has: place, halt: null });
  else if (event.kind === "halted") {
    const over = (event.suspects ?? []).flatMap(({ number }) => number ?? []);
    Object.assign(lane, { has: Math.max(lane.has, place), halt: { release: event.release, place, over, at } });
  }
}
