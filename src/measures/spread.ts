/** Durations, by their median and the one that nine of ten do not exceed. */
export interface Spread {
  count: number;
  /** Milliseconds; null where there is none. */
  median: number | null;
  ninth: number | null;
}

/** By nearest rank: each is a duration that occurred. https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method */
export function spreadOf(durations: readonly number[]): Spread {
  const sorted = Float64Array.from(durations).sort();
  const at = (share: number): number | null => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { count: sorted.length, median: at(0.5), ninth: at(0.9) };
}

/** A part of a whole; `share` null where the whole is nothing. */
export interface Share {
  part: number;
  whole: number;
  share: number | null;
}

export const shareOf = (part: number, whole: number): Share => ({ part, whole, share: whole === 0 ? null : part / whole });
