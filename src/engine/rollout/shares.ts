import type { Lane } from "../../policy/lanes-schema.ts";
import { bucketOf, type Member } from "../../rollout/members.ts";

export interface SharesRecords {
  /** Of these nodes, the kept buckets of those that are counted otherwise now. */
  otherBuckets(repository: number, now: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>;
}

/** Where lanes have shares of the fleet, what its nodes are counted by; empty where none does. */
export const bucketsNow = (lanes: readonly Lane[], members: readonly Pick<Member, "certname">[]): ReadonlyMap<string, number> =>
  lanes.some(({ members: of }) => of !== "rest" && "percent" in of)
    ? new Map(members.map(({ certname }) => [certname, bucketOf(certname)]))
    : new Map();

/** The buckets that nodes had when they were seen first, where those are others than now. */
export async function keptShares(
  records: SharesRecords,
  repository: number,
  lanes: readonly Lane[],
  members: readonly Member[],
): Promise<ReadonlyMap<string, number>> {
  const now = bucketsNow(lanes, members);
  return now.size === 0 ? now : records.otherBuckets(repository, now);
}
