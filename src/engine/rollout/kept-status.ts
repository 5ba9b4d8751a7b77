import { type RolloutStatus, statusOf } from "../../rollout/status.ts";
import type { RolloutRecords } from "../ports/rollout.ts";
import { lostSince } from "./tell.ts";
import { waitedFor, type WaitedRecords } from "./waited.ts";

export interface KeptRecords extends Pick<RolloutRecords, "rolloutOf" | "sightOf" | "placesBehind">, WaitedRecords {
  /** The base branch's own line from a commit on, as looks found it. */
  lineFrom(repository: number, sha: string): Promise<readonly { sha: string; number: number | null }[]>;
}

/** Where each release is, by what the last look kept: nobody is asked anything. Null where nothing was ever rolled out. */
export async function keptStatus(records: KeptRecords, repository: number, now: Date): Promise<RolloutStatus | null> {
  const kept = await records.rolloutOf(repository);
  if (kept === null) return null;
  const line = await records.lineFrom(repository, kept.rollout.lanes.at(-1)?.verified ?? "");
  const seen = await records.sightOf(repository);
  const steps = line.map(({ sha, number }) => ({ sha, number, solo: null, reverts: null }));
  const [untold, waited] = [await records.placesBehind(repository, lostSince(now)), await waitedFor(records, repository, { now })];
  return statusOf(kept.rollout, seen, { line: steps, now: now.getTime(), untold, waited });
}
