import { type Line, type LineStep, placeOf } from "./line.ts";
import type { Quarantined } from "./state.ts";

/**
 * The commit that the first lane takes next: as far up the line as one release may reach. What is in quarantine is not taken along without what reverts
 * it, and a change that asks to be alone is alone where that can be. Of what nobody knows yet whether it asks to be, nothing is taken, nor of what came after. Null where there is nothing new, or nothing that may be taken.
 */
export function nextRelease(line: Line, current: string, quarantined: readonly Pick<Quarantined, "commit">[]): string | null {
  const from = placeOf(line, current);
  if (from === null) return null;
  let furthest: string | null = null;
  let hasSolo = false;
  for (const [at, step] of line.entries()) {
    if (at <= from) continue;
    if (step.solo === null) break;
    hasSolo ||= step.solo;
    if (carriesBad(line, at, quarantined)) continue;
    // The first that may be taken at all is taken whatever is in it: else a change that wants to be alone would hold up everybody.
    if (furthest === null || !hasSolo) furthest = step.sha;
  }
  return furthest;
}

/**
 * The place of the commit that takes back the one at a place of the line, as far as another place; null where that is in effect there. Who takes something back
 * may be taken back, too.
 */
export function takenBackBy(line: readonly Pick<LineStep, "sha" | "reverts">[], at: number, upTo: number): number | null {
  const undone = new Set<string>();
  for (let place = Math.min(upTo, line.length - 1); place > at; place -= 1) {
    const step = line[place];
    if (step === undefined || step.reverts === null || undone.has(step.sha)) continue;
    if (step.reverts === line[at]?.sha) return place;
    undone.add(step.reverts);
  }
  return null;
}

/**
 * Whether what is in quarantine is in effect at a place of the line. A commit is taken back by a later one that reverts it and is not taken back itself: the
 * revert of a revert brings it again, and so does whoever picks it or writes the same anew.
 */
export function carriesBad(line: Line, at: number, quarantined: readonly Pick<Quarantined, "commit">[]): boolean {
  if (quarantined.length === 0) return false;
  const bad = new Set(quarantined.map(({ commit }) => commit));
  const takenBack = new Set<string>();
  for (const { sha, reverts, copies } of line.slice(0, at + 1).toReversed()) {
    if (takenBack.has(sha)) continue;
    if (bad.has(sha) || (copies !== undefined && bad.has(copies))) return true;
    if (reverts !== null) takenBack.add(reverts);
  }
  return false;
}
