/** GitHub's rate limits, as its answers tell of them: each account that was used has one, and the one that is nearest to its end is shown. */
export interface Limits {
  hear(told: { resource: string; limit: number; remaining: number; reset: number }): void;
  left(): { resource: string; limit: number; remaining: number }[];
}

/** More windows at once would be of more accounts than a gate has. */
const mostWindows = 200;

/** `now` in milliseconds since 1970. */
export function createLimits(now: () => number): Limits {
  /** Which account a request was for, an answer does not tell: windows that end at different times are of different ones. */
  const windows = new Map<string, { resource: string; limit: number; remaining: number; reset: number }>();
  const forget = (): void => {
    for (const [key, { reset }] of windows) if (reset * 1000 <= now() || windows.size > mostWindows) windows.delete(key);
  };
  return {
    hear: (told) => {
      forget();
      windows.set(`${told.resource} ${told.limit} ${told.reset}`, told);
    },
    left: () => {
      forget();
      return [...Map.groupBy(windows.values(), ({ resource }) => resource)].flatMap(([resource, of]) => {
        const [least] = of.toSorted((one, other) => one.remaining - other.remaining);
        return least === undefined ? [] : [{ resource, limit: least.limit, remaining: least.remaining }];
      });
    },
  };
}
