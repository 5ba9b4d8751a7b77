import { type Line, placeOf } from "./line.ts";
import type { Quarantined } from "./state.ts";

/**
 * The commit that the first lane takes next: as far up the line as one release may reach. What is in quarantine is not taken along without what reverts
 * it, and a change that asks to be alone is alone where that can be. Null where there is nothing new, or nothing that may be taken.
 */
export function nextRelease(line: Line, current: string, quarantined: readonly Pick<Quarantined, "commit">[]): string | null {
  const from = placeOf(line, current);
  if (from === null) return null;
  const pending = line.slice(from + 1);
  const bad = new Set(quarantined.map(({ commit }) => commit));
  const standing = new Set(line.slice(0, from + 1).flatMap(({ sha }) => (bad.has(sha) ? [sha] : [])));
  let furthest: string | null = null;
  let hasSolo = false;
  for (const step of pending) {
    if (bad.has(step.sha)) standing.add(step.sha);
    if (step.reverts !== null) standing.delete(step.reverts);
    hasSolo ||= step.solo;
    if (standing.size > 0) continue;
    // The first that may be taken at all is taken whatever is in it: else a change that wants to be alone would hold up everybody.
    if (furthest === null || !hasSolo) furthest = step.sha;
    if (hasSolo) break;
  }
  return furthest;
}
