import type { Origin } from "../../gate/event.ts";
import type { Draft } from "../../ledger/entry.ts";
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

/** A commit that says that it takes another one back, of which the forge did not tell by now whose they are. */
export interface UnnamedRevert {
  branch: string;
  /** On the branch's own line. */
  commit: string;
  reverted: string;
}

export interface RevertRecords {
  /** Reverts that landed, of which expectations are to be drafted. */
  addReverts(repository: number, reverts: readonly LandedRevert[], at: Date): Promise<void>;
  /** Those that are asked about again. `at`: when that is due first. */
  addUnnamedReverts(repository: number, reverts: readonly UnnamedRevert[], at: Date): Promise<void>;
  /** Those that are due, the longest first, with how often they were asked about since they were found. */
  unnamedReverts(repository: number, now: Date, most: number): Promise<readonly (UnnamedRevert & { tries: number })[]>;
  /** `dueAt`: when it is asked about again; null: never. */
  retryUnnamedRevert(repository: number, revert: UnnamedRevert, dueAt: Date | null): Promise<void>;
}

/** A step of a branch's own line, and the commits that it takes back. */
interface Reverting {
  sha: string;
  reverted: readonly string[];
}

/** That a change was taken back, told of that change; whose word for it is git's. */
export const revertedDraft = ({ number, commit, by }: LandedRevert): Draft => ({
  kind: "reverted",
  subject: `pull/${number}`,
  actor: null,
  evidence: [JSON.stringify({ commit, by })],
  key: `reverted:pull/${number}:${commit}`,
});

/** Reverts of one look whose pull requests are asked for. */
const mostReverted = 20;

const minute = 60_000;
/** Minutes after which it is asked again, at most; and how often: a day in all. Who writes a message may name commits that nobody knows. */
const longestWait = 60;
const mostTries = 28;

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
 * be told. Of what the forge tells nothing now it is asked again later: what came into a branch is accounted for whatever that says.
 */
export async function revertedBy(
  { store: { records }, forge, log }: { store: { records: Pick<Records, "landingsAt"> }; forge: Pick<Forge, "pullsOf">; log: Log },
  origin: Origin,
  branch: string,
  steps: readonly Reverting[],
): Promise<{ reverts: LandedRevert[]; unnamed: UnnamedRevert[] }> {
  if (steps.length === 0) return { reverts: [], unnamed: [] };
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
  const unnamed: UnnamedRevert[] = [];
  for (const { sha, reverted } of steps)
    for (const one of reverted) {
      // What is beyond the most is asked about by nobody.
      if (!asked.includes(one) || !asked.includes(sha)) continue;
      const [number, by] = [numbers.get(one), numbers.get(sha)];
      if (number === undefined || by === undefined) {
        if (number !== null) unnamed.push({ branch, commit: sha, reverted: one });
        continue;
      }
      // Within one pull request it is somebody who changed their mind before it landed.
      if (number !== null && number !== by) found.set(`${number} ${sha}`, { number, commit: sha, by });
    }
  return { reverts: [...found.values()], unnamed };
}

/** Asks again whose the reverts are of which the forge told nothing when they were found. What it does not tell within a day is said, and left. */
export async function nameReverts(ports: NamingPorts, origin: Origin): Promise<void> {
  const { store, now, log } = ports;
  const { id } = origin.repository;
  for (const { tries, ...revert } of await store.records.unnamedReverts(id, now(), mostReverted)) {
    const { branch, commit, reverted } = revert;
    const { reverts, unnamed } = await revertedBy(ports, origin, branch, [{ sha: commit, reverted: [reverted] }]);
    const isOpen = unnamed.length > 0;
    if (isOpen && tries + 1 >= mostTries)
      log.warn(
        { repository: origin.repository, commit, reverted },
        "whose change was taken back is not asked any more: GitHub did not say",
      );
    const dueAt = isOpen && tries + 1 < mostTries ? new Date(now().getTime() + Math.min(longestWait, 2 ** tries) * minute) : null;
    await store.transaction(async (records) => {
      await records.addReverts(id, reverts, now());
      await records.retryUnnamedRevert(id, revert, dueAt);
      await records.appendEntries(id, reverts.map(revertedDraft), now());
    });
  }
}

interface NamingPorts {
  store: {
    records: Pick<Records, "landingsAt" | "unnamedReverts">;
    transaction(work: (records: Pick<Records, "addReverts" | "appendEntries" | "retryUnnamedRevert">) => Promise<void>): Promise<void>;
  };
  forge: Pick<Forge, "pullsOf">;
  now: () => Date;
  log: Log;
}
