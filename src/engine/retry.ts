import type { CheckResult } from "./ports/judge.ts";

/** What a pair gives again whenever it is tried, so that only another pair, or a hand, helps: not to be tried for ever. */
const lasting: ReadonlySet<string> = new Set(["bad-policy", "check-time", "tree-too-large", "unrelated-histories"]);
/** A machine that was busy may have had its part in those too. */
const triesOfLasting = 3;
/** Retries that are no farther off are waited for as a turn; for a later one the sweep wakes the change. */
export const soonSeconds = 60;

export interface Tried {
  /** On these grounds. */
  attempts: number;
  endedAt: Date;
  result: CheckResult;
}

/**
 * When a check is to be tried again, as long as its pair is wanted: one that could not be done, or that missed what may be there by then. Null
 * for one that says what there is to say. `delays` are seconds before each further try; the last of them is that of every later one.
 */
export function triedAgainAt({ attempts, endedAt, result }: Tried, delays: readonly number[]): Date | null {
  const seconds = delays[Math.min(attempts, delays.length) - 1];
  if (seconds === undefined || !isPassing(result, attempts)) return null;
  return new Date(endedAt.getTime() + seconds * 1000);
}

function isPassing(result: CheckResult, attempts: number): boolean {
  if (!result.ok) return !lasting.has(result.problem.code) || attempts < triesOfLasting;
  return result.checked.report.verdict.reasons.some(({ passing }) => passing === true);
}
