import type { Executor } from "../executor.ts";

/** By certname, as nodes are counted now. */
type Buckets = ReadonlyMap<string, number>;

/** Keeps the buckets of nodes that were not seen before; those that were keep theirs, and that they were seen is noted once a day: a look is a minute's. */
export async function keepBuckets(executor: Executor, repository: number, now: Buckets, at: Date): Promise<void> {
  await executor.query(
    `insert into node_buckets (repository, certname, bucket, seen_at)
     select $1, certname, bucket, $4 from unnest($2::text[], $3::int[]) as given (certname, bucket)
     where not exists (select from node_buckets kept where kept.repository = $1 and kept.certname = given.certname)
     on conflict do nothing`,
    [repository, [...now.keys()], [...now.values()], at],
  );
  await executor.query(
    "update node_buckets set seen_at = $3 where repository = $1 and certname = any($2) and seen_at < $3::timestamptz - interval '1 day'",
    [repository, [...now.keys()], at],
  );
}

/**
 * Forgets the buckets of nodes that the fleet has not had for `days`, counted back from when any of it was seen: a gate that stood still, or saw no fleet, forgets
 * nobody. Nor does it forget whom a lane is being judged by.
 */
export async function forgetBuckets(executor: Executor, repository: number, days: number, baselines: readonly string[]): Promise<void> {
  await executor.query(
    `delete from node_buckets n where repository = $1
       and seen_at < (select max(seen_at) from node_buckets where repository = $1) - make_interval(days => $2)
       and not exists (select from baselines b where b.repository = n.repository and b.name = any($3) and b.before ? n.certname)`,
    [repository, days, [...baselines]],
  );
}

/** Of these nodes, the kept buckets of those that are counted otherwise now: usually none, whatever the number of nodes. */
export async function otherBuckets(executor: Executor, repository: number, now: Buckets): Promise<Map<string, number>> {
  const { rows } = await executor.query<{ certname: string; bucket: number }>(
    `select certname, kept.bucket from node_buckets kept join unnest($2::text[], $3::int[]) as given (certname, bucket) using (certname)
     where kept.repository = $1 and kept.bucket <> given.bucket`,
    [repository, [...now.keys()], [...now.values()]],
  );
  return new Map(rows.map(({ certname, bucket }) => [certname, bucket]));
}
