import type { Lease } from "../../engine/ports/lease.ts";
import { LeaseLost } from "../../problem.ts";
import { toNumber, type Executor } from "../executor.ts";

/** Time here is the database's own: two machines need not agree on it. */

/** Takes a lease that nobody has; null when somebody does. This is where leases come from: no other code makes one. */
export async function takeLease(
  executor: Executor,
  { name, holder, queue, job, seconds }: { name: string; holder: string; queue: string; job: string; seconds: number },
): Promise<Lease | null> {
  const { rows } = await executor.query<{ epoch: number }>(
    `insert into leases (name, holder, epoch, queue, job, expires_at)
     values ($1, $2, nextval('lease_epochs'), $3, $4, clock_timestamp() + $5::float8 * interval '1 second')
     on conflict (name) do nothing returning epoch`,
    [name, holder, queue, job, seconds],
  );
  const [row] = rows;
  return row === undefined ? null : ({ name, epoch: toNumber(row.epoch) } as Lease);
}

/** Fails unless the lease is held still, and keeps it from being taken over until the transaction ends. */
export async function checkLease(executor: Executor, { name, epoch }: Lease): Promise<void> {
  const { rows } = await executor.query("select 1 from leases where name = $1 and epoch = $2 for update", [name, epoch]);
  if (rows.length === 0) throw new LeaseLost(name);
}

export async function dropLease(executor: Executor, { name, epoch }: Lease): Promise<void> {
  await executor.query("delete from leases where name = $1 and epoch = $2", [name, epoch]);
}

/** Prolongs everything that a process holds; gives the epochs of it. */
export async function renewLeases(executor: Executor, holder: string, seconds: number): Promise<Set<number>> {
  const { rows } = await executor.query<{ epoch: number }>(
    "update leases set expires_at = clock_timestamp() + $2::float8 * interval '1 second' where holder = $1 returning epoch",
    [holder, seconds],
  );
  return new Set(rows.map(({ epoch }) => toNumber(epoch)));
}

export interface EndedLease {
  queue: string;
  job: string;
}

/** Takes away leases whose time is over; or all of them, where their holders can't be alive any more. */
export async function takeAwayLeases(executor: Executor, all: boolean): Promise<EndedLease[]> {
  const { rows } = await executor.query<EndedLease>(
    "delete from leases where $1 or expires_at < clock_timestamp() returning queue, job::text as job",
    [all],
  );
  return rows;
}
