import type { Wait } from "./waits.ts";

/** Days that people are told of. */
export const waitedDays = 30;

/** What one lane that stood still over one release cost the changes behind it. Times are milliseconds since 1970. */
export interface CausedWait {
  lane: string;
  /** What it stood still over. */
  release: string;
  /** Whose halt it is: the pull requests that it points to, the likeliest first; empty where it points to none. */
  over: readonly Whose[];
  /** Since when somebody waited for that, and until when; null: somebody waits still. */
  from: number;
  to: number | null;
  /** Who waited, the longest first. */
  changes: readonly (Whose & { minutes: number; waits: boolean })[];
  /** Of all of them together. */
  minutes: number;
}

/** A pull request and the services that it reaches, which is whose it is. */
export interface Whose {
  number: number;
  services: readonly string[];
  /** That own them, as `acme/web`; missing where none is known. */
  teams?: readonly string[];
}

/** Whom a change reaches. */
export type Reached = Pick<Whose, "services"> & { teams: readonly string[] };

/**
 * Waits by the halt that caused them, what costs most first; of each only what lies between `since` and `now`, which may be a moment of the past: what
 * ended after it counts as waiting still. `reached`: whom changes reach, as far as it is known.
 */
export function causedWaits(
  waits: readonly Wait[],
  { since, now, reached }: { since: number; now: number; reached: ReadonlyMap<number, Reached> },
): CausedWait[] {
  const whose = (number: number): Whose => {
    const { services = [], teams = [] } = reached.get(number) ?? {};
    return { number, services, ...(teams.length > 0 && { teams }) };
  };
  const within = waits
    .filter(({ from, to }) => from < now && (to ?? now) > since)
    .map((wait) => (wait.to !== null && wait.to > now ? { ...wait, to: null } : wait));
  const caused = [...Map.groupBy(within, ({ lane, release }) => JSON.stringify([lane, release])).values()].flatMap((of): CausedWait[] => {
    const [first] = of;
    if (first === undefined) return [];
    const { lane, release } = first;
    const changes = [...Map.groupBy(of, ({ number }) => number)].map(([number, own]) => ({
      ...whose(number),
      minutes: own.reduce((sum, { from, to }) => sum + ((to ?? now) - Math.max(from, since)) / 60_000, 0),
      waits: own.some(({ to }) => to === null),
    }));
    const ends = of.flatMap(({ to }) => to ?? []);
    return [
      {
        lane,
        release,
        over: [...new Set(of.flatMap(({ over }) => over))].map(whose),
        from: Math.min(...of.map(({ from }) => Math.max(from, since))),
        to: ends.length < of.length ? null : Math.max(...ends),
        changes: changes.sort((a, b) => b.minutes - a.minutes || a.number - b.number),
        minutes: changes.reduce((sum, { minutes }) => sum + minutes, 0),
      },
    ];
  });
  return caused.sort((a, b) => b.minutes - a.minutes || a.from - b.from);
}
