import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Queue, Job, Turn } from "../../engine/ports/jobs.ts";
import { toNumber, toText, type Executor } from "../executor.ts";
import { within } from "../jobs.ts";
import { dropLease } from "./leases.ts";
import { keyOf, type JobExecutor } from "./keys.ts";

/** Ends a turn that came to something; a wake since it was taken is another turn. */
export async function settleTurn(executor: JobExecutor, job: Job<Turn>): Promise<void> {
  const { repository, number } = job.data;
  await executor.query(
    "update changes set error = null, given_up = false where repository = $1 and number = $2 and (error is not null or given_up)",
    [repository, number],
  );
  await endJob(executor, job);
}

/** Keeps a turn that came to nothing, with its error: to be tried again in so many seconds, or given up when that is null. */
export async function postponeTurn(executor: JobExecutor, job: Job<Turn>, error: string, seconds: number | null): Promise<void> {
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
export async function endJob(executor: JobExecutor, { queue, id, lease }: Job<object>): Promise<void> {
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

/** Queues with a job that could be taken now, and the seconds until another one is due; null when none waits for its time. */
export async function outlook(executor: Executor): Promise<{ due: Queue[]; seconds: number | null }> {
  const { rows } = await executor.query<{ name: Queue; is_due: boolean; seconds: number | null }>(
    `select name,
       bool_or(start_after <= clock_timestamp() and (name <> 'advance' or group_id not in (
         select group_id from jobs.job where name = 'advance' and state = 'active' and group_id is not null))) as is_due,
       extract(epoch from min(start_after) filter (where start_after > clock_timestamp()) - clock_timestamp())::float8 as seconds
     from jobs.job where state < 'active' group by name order by name`,
  );
  const seconds = rows.flatMap((row) => (row.seconds === null ? [] : [row.seconds]));
  return { due: rows.filter((row) => row.is_due).map(({ name }) => name), seconds: seconds.length === 0 ? null : Math.min(...seconds) };
}

/** Changes that were given up. */
export async function givenUp(executor: Executor): Promise<ChangeKey[]> {
  const { rows } = await executor.query<ChangeKey>("select repository, number from changes where given_up order by repository, number");
  return rows.map(({ repository, number }) => ({ repository: toNumber(repository), number }));
}

/**
 * Changes of which something was intended and not seen through, or landed and not read, and for which nothing is queued or under way; and
 * those that wait for a check that is not there. One of a fork that nobody trusts waits for people.
 */
export async function unfinished(executor: Executor): Promise<ChangeKey[]> {
  const { rows } = await executor.query<ChangeKey>(
    `select repository, number from changes c where not given_up and (
       exists (select from effects e where e.repository = c.repository and e.number = c.number and e.state = 'intended')
       or exists (select from landings l where l.repository = c.repository and l.number = c.number and (l.state = 'intended' or l.unread))
       or (state = 'open' and base is not null and standing in ('checking', 'unknown') and not exists (
         select from checks k where k.repository = c.repository and k.number = c.number and k.base = c.base and k.head = c.head)))
     and exists (select from repositories r where r.id = c.repository and r.gone_at is null)
     and not exists (select from jobs.job j where j.name in ('advance', 'check') and j.singleton_key = c.repository || '#' || c.number)
     order by repository, number`,
  );
  return rows.map(({ repository, number }) => ({ repository: toNumber(repository), number }));
}
