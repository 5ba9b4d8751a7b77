import type { Measured, MeasuredChange } from "./rows.ts";
import { shareOf, spreadOf, type Share, type Spread } from "./spread.ts";

/** What a central review of each change would cost: nobody measured that, so that whoever asks says it. */
export interface Assumed {
  /** Minutes of work of whoever reviews and merges. */
  minutes: number;
  /** Hours that a change lies until they come to it. */
  hours: number;
}

export interface Toil {
  /** Changes that landed without anybody but their own people and peers: on a contributor's word, and not by break-glass. */
  changes: number;
  /** Hours of central people's work. */
  work: number;
  /** Hours of waiting beyond what each waited for its peer. */
  wait: number;
}

export interface Summary {
  review: Spread;
  toLanded: Spread;
  toEverywhere: Spread;
  landedToEverywhere: Spread;
  selfMerges: Share;
  /** Releases that failed, of those that began. */
  failures: Share;
  /** How these failed; one may have failed in several ways. */
  ways: { halted: number; reverted: number; hotfixed: number };
  restore: Spread;
  /** Failed releases whose lane is not well again. */
  unrestored: number;
  landed: number;
  outside: number;
  glass: number;
  /** Releases that every lane verified. */
  done: number;
  toil: Toil;
}

/** A time from this moment on, and before that: milliseconds since 1970. */
export interface Period {
  from: number;
  to: number;
}

const hour = 3_600_000;

/**
 * The measures of a period. What took time counts in the period in which it ended, so that what is still under way is in none; a release counts in the
 * one in which it began.
 */
export function summaryOf({ changes, releases }: Measured, { from, to }: Period, assumed: Assumed): Summary {
  const within = (at: number | null): at is number => at !== null && from <= at && at < to;
  // Loops, because a year of a busy repository are fifty thousand changes, looked at for the whole and for each service and team.
  const between = (start: (change: MeasuredChange) => number | null, end: (change: MeasuredChange) => number | null): Spread => {
    const durations: number[] = [];
    for (const change of changes) {
      const [began, ended] = [start(change), end(change)];
      if (began !== null && within(ended)) durations.push(Math.max(0, ended - began));
    }
    return spreadOf(durations);
  };
  const landed = changes.filter(({ landedAt, outside }) => within(landedAt) && !outside);
  const asked = landed.filter(({ own }) => own !== null);
  const begun = releases.filter(({ enteredAt }) => within(enteredAt));
  const halted = begun.filter(({ failedAt }) => failedAt !== null);
  const reverted = begun.filter(({ revertedAt }) => revertedAt !== null);
  const hotfixed = begun.filter(({ hotfixedAt }) => hotfixedAt !== null);
  const restored = releases.flatMap(({ failedAt, restoredAt }) => (failedAt !== null && within(restoredAt) ? [restoredAt - failedAt] : []));
  return {
    review: between(
      ({ openedAt }) => openedAt,
      ({ reviewedAt }) => reviewedAt,
    ),
    toLanded: between(
      ({ openedAt }) => openedAt,
      ({ landedAt, outside }) => (outside ? null : landedAt),
    ),
    toEverywhere: between(
      ({ openedAt }) => openedAt,
      ({ everywhereAt }) => everywhereAt,
    ),
    landedToEverywhere: between(
      ({ landedAt }) => landedAt,
      ({ everywhereAt }) => everywhereAt,
    ),
    selfMerges: shareOf(asked.filter(({ own }) => own).length, asked.length),
    failures: shareOf(new Set([...halted, ...reverted, ...hotfixed]).size, begun.length),
    ways: { halted: halted.length, reverted: reverted.length, hotfixed: hotfixed.length },
    restore: spreadOf(restored),
    unrestored: halted.filter(({ restoredAt }) => restoredAt === null).length,
    landed: landed.length,
    outside: changes.filter(({ landedAt, outside }) => outside && within(landedAt)).length,
    glass: landed.filter(({ glass }) => glass).length,
    done: releases.filter(({ doneAt }) => within(doneAt)).length,
    toil: toilOf(landed, assumed),
  };
}

/** Whoever waited longer for a peer than a central review is said to take has saved nothing by it, and is not counted against the others. */
function toilOf(landed: readonly MeasuredChange[], { minutes, hours }: Assumed): Toil {
  const saved = landed.filter(({ own, glass }) => own === true && !glass);
  const wait = saved.reduce((sum, { openedAt, reviewedAt }) => {
    if (openedAt === null || reviewedAt === null) return sum;
    return sum + Math.max(0, hours - Math.max(0, reviewedAt - openedAt) / hour);
  }, 0);
  return { changes: saved.length, work: (saved.length * minutes) / 60, wait };
}
