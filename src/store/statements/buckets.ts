import type { Executor } from "../executor.ts";

/** By certname, as nodes are counted now. */
type Buckets = ReadonlyMap<string, number>;

/** Keeps the buckets of nodes that were not seen before; those that were keep theirs. */
export async function keepBuckets(executor: Executor, repository: number, now: Buckets, at: Date): Promise<void> {
  await executor.query(
    `insert into node_buckets (repository, certname, bucket, seen_at)
     select $1, certname, bucket, $4 from unnest($2::text[], $3::int[]) as given (certname, bucket)
     where not exists (select from node_buckets kept where kept.repository = $1 and kept.certname = given.certname)
     on conflict do nothing`,
    [repository, [...now.keys()], [...now.values()], at],
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
