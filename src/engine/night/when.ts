/** Minutes over which the repositories' nights begin one after the other: else all of them would at once. */
const spread = 120;

/**
 * The latest night of a repository that has begun, by the day that it began on: `YYYY-MM-DD`, UTC. `start` is the minute of the day at which
 * the first repositories' nights begin.
 */
export function nightOf(now: Date, start: number, repository: number): string {
  // Knuth's multiplicative hash: neighbouring numbers come to lie far apart.
  const share = (Math.imul(repository % 2 ** 31, 2_654_435_761) >>> 0) / 2 ** 32;
  return new Date(now.getTime() - (start + share * spread) * 60_000).toISOString().slice(0, 10);
}
