import { causedWaits, type CausedWait, type Reached, waitedDays } from "../../rollout/caused.ts";
import type { Event } from "../../rollout/effects.ts";
import type { Rollout } from "../../rollout/state.ts";
import { type SeenLine, type Wait, waitsOf } from "../../rollout/waits.ts";

export interface WaitedRecords {
  /** Null before the first look. */
  rolloutOf(repository: number): Promise<{ rollout: Rollout } | null>;
  /** The base branch's own line from a place on, in order. */
  lineBehind(repository: number, place: number): Promise<readonly PlacedCommit[]>;
  newsSince(repository: number, since: Date, most: number): Promise<readonly { at: Date; event: Event }[]>;
  /** By number, for those that reach any. */
  reachOfChanges(repository: number, numbers: readonly number[]): Promise<ReadonlyMap<number, Reached>>;
}

export interface PlacedCommit {
  sha: string;
  place: number;
  number: number | null;
  seenAt: Date;
  reverts: string | null;
}

const day = 86_400_000;
/** A halt that others wait for now began before the days that are asked about: so long before, at most. */
export const longestHalt = 60 * day;
/** Of more events the latest. */
const mostNews = 5_000;

/**
 * The waiting that one change's halt caused others in the last days, for the status, for pages and for whoever measures: each halt with whose it was, who waited
 * and for how many minutes. Empty where nobody waited and where nothing was ever rolled out. `now`: until when; what came later is left out.
 */
export async function waitedFor(
  records: WaitedRecords,
  repository: number,
  { now, days = waitedDays }: { now: Date; days?: number },
): Promise<CausedWait[]> {
  const kept = await records.rolloutOf(repository);
  if (kept === null) return [];
  const since = now.getTime() - days * day;
  const line = seenLine(await records.lineBehind(repository, 0));
  const lanes = kept.rollout.lanes.map(({ lane }) => lane);
  const waits = await waitsSince(records, repository, { lanes, line, since: new Date(since - longestHalt) });
  const numbers = [...new Set(waits.flatMap(({ number, over }) => [number, ...over]))];
  const reached = numbers.length === 0 ? new Map<number, Reached>() : await records.reachOfChanges(repository, numbers);
  return causedWaits(waits, { since, now: now.getTime(), reached });
}

export const seenLine = (rows: readonly PlacedCommit[]): SeenLine =>
  rows.map(({ sha, number, seenAt, reverts }) => ({ sha, number, seenAt: seenAt.getTime(), reverts }));

/** Who waited over whose halt, by what happened since. */
export async function waitsSince(
  records: Pick<WaitedRecords, "newsSince">,
  repository: number,
  { lanes, line, since }: { lanes: readonly string[]; line: SeenLine; since: Date },
): Promise<Wait[]> {
  const news = await records.newsSince(repository, since, mostNews);
  return waitsOf(
    lanes,
    line,
    news.map(({ at, event }) => ({ at: at.getTime(), event })),
  );
}
