import type { Measured } from "./rows.ts";
import { spreadOf, type Spread } from "./spread.ts";
import { summaryOf, type Assumed, type Period, type Summary } from "./summary.ts";

const week = 7 * 86_400_000;
/** Weeks begin on Monday, UTC: 5 January 1970 was one. */
const monday = 4 * 86_400_000;

/** The Monday that a moment's week began on. */
export const weekOf = (at: number): number => Math.floor((at - monday) / week) * week + monday;

/** What a picture of the time shows of each week. */
export interface Week extends Period {
  /** Changes that the gate merged in it. */
  landed: number;
  review: Spread;
  toLanded: Spread;
  begun: number;
  failed: number;
}

/** Each week that the period touches, whole ones and the parts at its ends, the oldest first. */
export function byWeek({ changes, releases }: Measured, period: Period): Week[] {
  const first = weekOf(period.from);
  const count = Math.max(0, Math.ceil((period.to - first) / week));
  const weeks = Array.from({ length: count }, () => ({ review: [] as number[], toLanded: [] as number[], landed: 0, begun: 0, failed: 0 }));
  const at = (moment: number | null): (typeof weeks)[number] | undefined =>
    moment === null || moment < period.from || moment >= period.to ? undefined : weeks[Math.floor((moment - first) / week)];
  for (const { openedAt, reviewedAt, landedAt, outside } of changes) {
    if (openedAt !== null && reviewedAt !== null) at(reviewedAt)?.review.push(Math.max(0, reviewedAt - openedAt));
    const own = outside ? undefined : at(landedAt);
    if (own === undefined) continue;
    own.landed += 1;
    if (openedAt !== null && landedAt !== null) own.toLanded.push(Math.max(0, landedAt - openedAt));
  }
  for (const { enteredAt, failedAt, revertedAt, hotfixedAt } of releases) {
    const own = at(enteredAt);
    if (own === undefined) continue;
    own.begun += 1;
    if (failedAt !== null || revertedAt !== null || hotfixedAt !== null) own.failed += 1;
  }
  return weeks.map(({ review, toLanded, ...counts }, index) => ({
    from: Math.max(first + index * week, period.from),
    to: Math.min(first + (index + 1) * week, period.to),
    review: spreadOf(review),
    toLanded: spreadOf(toLanded),
    ...counts,
  }));
}

export interface Group {
  name: string;
  summary: Summary;
}

/** By service or by team, sorted by name: what is of several counts in each of them, and what is of none in none. */
export function byName(of: "services" | "teams", { changes, releases }: Measured, period: Period, assumed: Assumed): Group[] {
  const [ofChanges, ofReleases] = [inGroups(of, changes), inGroups(of, releases)];
  return [...new Set([...ofChanges.keys(), ...ofReleases.keys()])].sort().map((name) => {
    const own = { changes: ofChanges.get(name) ?? [], releases: ofReleases.get(name) ?? [] };
    return { name, summary: summaryOf(own, period, assumed) };
  });
}

function inGroups<T extends Record<"services" | "teams", readonly string[]>>(
  of: "services" | "teams",
  all: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all)
    for (const name of one[of]) {
      const own = groups.get(name);
      if (own === undefined) groups.set(name, [one]);
      else own.push(one);
    }
  return groups;
}
