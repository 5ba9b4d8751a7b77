import type { Origin } from "../../gate/event.ts";
import type { GateMirror } from "../ports/mirror.ts";
import type { Forge } from "../ports/forge.ts";
import type { Log } from "../ports/log.ts";
import type { Records } from "../ports/records.ts";

/** A revert that landed. */
export interface LandedRevert {
  /** The pull request that was taken back. */
  number: number;
  /** What did it, on the branch's own line, and its pull request; null for a push around the gate. */
  commit: string;
  by: number | null;
}

export interface RevertRecords {
  /** Reverts that landed, of which expectations are to be drafted. */
  addReverts(repository: number, reverts: readonly LandedRevert[], at: Date): Promise<void>;
}

/** A step of a branch's own line, and the commits that it takes back. */
interface Reverting {
  sha: string;
  reverted: readonly string[];
}

/** Reverts of one look whose pull requests are asked for. */
const mostReverted = 20;

export async function revertingSteps(
  mirror: Pick<GateMirror, "revertsOf">,
  steps: readonly { sha: string; parents: string[] }[],
): Promise<Reverting[]> {
  const found: Reverting[] = [];
  for (const step of steps) {
    const reverted = await mirror.revertsOf(step);
    if (reverted.length > 0) found.push({ sha: step.sha, reverted });
  }
  return found;
}

/**
 * The pull requests that were taken back, whoever did it. Git's own words tell which commit was: a merge, or a commit of one. What no pull request landed has nobody to
 * be told. A commit of which the forge tells nothing now is left out: a message may name any, and what came into a branch is accounted for whatever it says.
 */
export async function revertedBy(
  { store: { records }, forge, log }: { store: { records: Pick<Records, "landingsAt"> }; forge: Pick<Forge, "pullsOf">; log: Log },
  origin: Origin,
  branch: string,
  steps: readonly Reverting[],
): Promise<LandedRevert[]> {
  if (steps.length === 0) return [];
  const asked = steps.flatMap(({ sha, reverted }) => [sha, ...reverted]).slice(0, 2 * mostReverted);
  const numbers = new Map<string, number | null>();
  for (const { sha, number } of await records.landingsAt(origin.repository.id, asked)) numbers.set(sha, number);
  for (const sha of asked) {
    if (numbers.has(sha)) continue;
    const pulls = await forge.pullsOf(origin, sha);
    if (!pulls.known) log.warn({ repository: origin.repository, sha }, `what a revert takes back can't be told: ${pulls.reason}`);
    else numbers.set(sha, pulls.value.find((one) => one.merged && one.base === branch)?.number ?? null);
  }
  const found = new Map<string, LandedRevert>();
  for (const { sha, reverted } of steps)
    for (const one of reverted) {
      const number = numbers.get(one) ?? null;
      const by = numbers.get(sha) ?? null;
      // Within one pull request it is somebody who changed their mind before it landed.
      if (number !== null && number !== by) found.set(`${number} ${sha}`, { number, commit: sha, by });
    }
  return [...found.values()];
}
