/** The first-parent line of the base branch, from the oldest commit that a lane has up to its tip. */
export type Line = readonly LineStep[];

export interface LineStep {
  sha: string;
  /** The pull request that it landed; null for a push around the gate. */
  number: number | null;
  /** Whether its author wants it to be alone in its release; null where that is not known yet, so that no release reaches it. */
  solo: boolean | null;
  /** The commit of this line that it takes back; null where it takes back none. */
  reverts: string | null;
  /** Where `reverts` is null, commits beside this piece of the line that it says it takes back; missing where there are none. */
  older?: readonly string[];
  /** The commit in quarantine that it does again, by another name: picked, or written anew. Missing where it does none. */
  copies?: string;
}

/** Where a commit stands on the line; null where the base branch does not lead to it. */
export function placeOf(line: Line, commit: string): number | null {
  const at = line.findIndex(({ sha }) => sha === commit);
  return at < 0 ? null : at;
}

/**
 * Where lanes break the staircase: each may be only as far as the one before it. `commits` are what the lanes have, in their order. Gives the place
 * of the first lane that is further than the one before, or of one whose commit is not on the line; null where all is well.
 */
export function brokenStair(line: Line, commits: readonly string[]): number | null {
  let before = Number.POSITIVE_INFINITY;
  for (const [at, commit] of commits.entries()) {
    const place = placeOf(line, commit);
    if (place === null || place > before) return at;
    before = place;
  }
  return null;
}
