import { toNumber, toText, type Executor } from "../executor.ts";
import { within } from "../jobs.ts";
import { dropLease } from "./leases.ts";
import { keyOf, type ChangeKey, type JobExecutor } from "./keys.ts";
import type { TakenJob } from "./taking.ts";

/** A change whose turn it is; `attempts` counts the turns before it that came to nothing. */
export interface Turn extends ChangeKey {
  attempts: number;
}

/** Asks for another turn of a change, at once and with all its attempts. One that is under way does not count: it has read already. */
export const wake = (executor: JobExecutor, change: ChangeKey): Promise<void> => wakeAll(executor, [change]);

/**
 * The same for many, in a few statements however many there are. Whatever locks more than one thing of ours takes leases first, then
 * changes, then jobs, then the ledger, and of each kind in order: two that do can't wait for each other.
 */
export async function wakeAll(executor: JobExecutor, changes: readonly ChangeKey[]): Promise<void> {
  if (changes.length === 0) return;
  const byKey = new Map(changes.map((change) => [keyOf(change), change]));
  const columns = [[...byKey.values()].map(({ repository }) => repository), [...byKey.values()].map(({ number }) => number)];
  await executor.query(
    `insert into changes (repository, number)
     select w.repository, w.number from unnest($1::bigint[], $2::int[]) as w (repository, number)
     where not exists (select from changes c where c.repository = w.repository and c.number = w.number and not c.given_up)
     order by w.repository, w.number
     on conflict (repository, number) do update set given_up = false`,
    columns,
  );
  const queued = await putForward(executor, [...byKey.keys()]);
  const missing = [...byKey].filter(([key]) => !queued.has(key));
  if (missing.length === 0) return;
  const jobs = missing
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, { repository, number }]) => ({
      data: { repository, number, attempts: 0 },
      singletonKey: key,
      group: { id: String(repository) },
    }));
  const inserted = await executor.boss.insert("advance", jobs, { ...within(executor), returnId: true });
  // Somebody else queued one meanwhile: theirs is committed by now, and can be put forward.
  if ((inserted ?? []).length < jobs.length) await putForward(executor, [...byKey.keys()]);
}

/** pg-boss's own channel for the schema `jobs`, as its `notifyChannelSql` makes it. */
const channel = "'pgboss_' || left(encode(sha224('jobs'::bytea), 'hex'), 24)";

/**
 * Makes the queued turns of these changes due, and locks them until the transaction ends, so that none is taken and done before what it is
 * to see is committed. That is `upsert` of pg-boss for many at once. Gives the keys of those that there are.
 */
async function putForward(executor: Executor, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await executor.query<{ singleton_key: string }>(
    `with queued as (
       select id from jobs.job where name = 'advance' and state < 'active' and singleton_key = any($1) order by singleton_key for update
     ), forward as (
       update jobs.job j set data = jsonb_set(j.data, '{attempts}', '0'), start_after = least(j.start_after, jobs.job_now())
       from queued where j.name = 'advance' and j.id = queued.id returning j.singleton_key
     ), told as (select pg_notify(${channel}, 'advance') from forward limit 1)
     select singleton_key from forward where (select count(*) from told) >= 0`,
    [[...keys]],
  );
  return new Set(rows.map(({ singleton_key }) => singleton_key));
}

/** Ends a turn that came to something; a wake since it was taken is another turn. */
export async function settleTurn(executor: JobExecutor, job: TakenJob<Turn>): Promise<void> {
  const { repository, number } = job.data;
  await executor.query(
    "update changes set error = null, given_up = false where repository = $1 and number = $2 and (error is not null or given_up)",
    [repository, number],
  );
  await endJob(executor, job);
}

/** Keeps a turn that came to nothing, with its error: to be tried again in so many seconds, or given up when that is null. */
export async function postponeTurn(executor: JobExecutor, job: TakenJob<Turn>, error: string, seconds: number | null): Promise<void> {
  const { repository, number, attempts } = job.data;
  // A wake that is not committed yet may be missed below; the turn that it queues takes the mark away again.
  await executor.query("update changes set error = $3, given_up = false where repository = $1 and number = $2", [
    repository,
    number,
    toText(error),
  ]);
  await endJob(executor, job);
  const options = { ...within(executor), singletonKey: keyOf(job.data), group: { id: String(repository) } };
  // A wake in the meantime keeps what it set: it is a turn of its own, due at once, and a second job of this key is not taken.
  if (seconds !== null)
    await executor.boss.send("advance", { repository, number, attempts: attempts + 1 }, { ...options, startAfter: seconds });
  else if ((await executor.boss.findJobs("advance", { ...within(executor), key: keyOf(job.data), queued: true })).length === 0)
    await executor.query("update changes set given_up = true where repository = $1 and number = $2", [repository, number]);
}

/** Removes a job with the lease that it was taken under. */
export async function endJob(executor: JobExecutor, { queue, id, lease }: TakenJob<object>): Promise<void> {
  await executor.boss.deleteJob(queue, id, within(executor));
  await dropLease(executor, lease);
}

/** How many changes wait or have their turn, and how many were given up. */
export async function countTurns(executor: Executor): Promise<{ waiting: number; givenUp: number }> {
  const { rows } = await executor.query<{ waiting: number; given_up: number }>(
    `select (select count(*)::int from jobs.job where name = 'advance') as waiting,
            (select count(*)::int from changes where given_up) as given_up`,
  );
  return { waiting: rows[0]?.waiting ?? 0, givenUp: rows[0]?.given_up ?? 0 };
}

/** How many jobs there are to be done, now or later; of the sweep, which always comes again, only one that is due. */
export async function countJobs(executor: Executor): Promise<number> {
  const { rows } = await executor.query<{ jobs: number }>(
    "select count(*)::int as jobs from jobs.job where name <> 'sweep' or state = 'active' or start_after <= clock_timestamp()",
  );
  return rows[0]?.jobs ?? 0;
}

/** Seconds until the next job is due that waits for its time; null when none does. */
export async function secondsToNext(executor: Executor): Promise<number | null> {
  const { rows } = await executor.query<{ seconds: number | null }>(
    `select extract(epoch from min(start_after) - clock_timestamp())::float8 as seconds
     from jobs.job where state < 'active' and start_after > clock_timestamp()`,
  );
  return rows[0]?.seconds ?? null;
}

/** Changes that were given up. */
export async function givenUp(executor: Executor): Promise<ChangeKey[]> {
  const { rows } = await executor.query<ChangeKey>("select repository, number from changes where given_up order by repository, number");
  return rows.map(({ repository, number }) => ({ repository: toNumber(repository), number }));
}

/**
 * Changes of which something was intended and not seen through, and for which nothing is queued or under way; and those that wait for a
 * check that is not there. One of a fork that nobody trusts waits for people.
 */
export async function unfinished(executor: Executor): Promise<ChangeKey[]> {
  const { rows } = await executor.query<ChangeKey>(
    `select repository, number from changes c where not given_up and (
       exists (select from effects e where e.repository = c.repository and e.number = c.number and e.state = 'intended')
       or exists (select from landings l where l.repository = c.repository and l.number = c.number and l.state = 'intended')
       or (state = 'open' and base is not null and standing in ('checking', 'unknown') and not exists (
         select from checks k where k.repository = c.repository and k.number = c.number and k.base = c.base and k.head = c.head)))
     and not exists (select from jobs.job j where j.name in ('advance', 'check') and j.singleton_key = c.repository || '#' || c.number)
     order by repository, number`,
  );
  return rows.map(({ repository, number }) => ({ repository: toNumber(repository), number }));
}
