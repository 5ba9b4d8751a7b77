import type { NightJob } from "../../engine/ports/night.ts";
import { toNumber, type Executor } from "../executor.ts";
import { within } from "../jobs.ts";
import type { JobExecutor } from "./keys.ts";

/**
 * Asks for the nights of these repositories that have begun and are not through; one that is under way is not asked for again. A branch that is
 * seen for the first time has its first night with the next: what is kept of it is hours old at most.
 */
export async function askNights(executor: JobExecutor, begun: readonly { repository: number; night: string }[], now: Date): Promise<void> {
  const given = [begun.map(({ repository }) => repository), begun.map(({ night }) => night)];
  const wanted = "unnest($1::bigint[], $2::text[]) as wanted (repository, night)";
  await executor.query(
    `insert into nights (repository, branch, night, through)
     select wanted.repository, watched.branch, wanted.night, true from ${wanted} join (
       select repository, base_ref as branch from changes where state = 'open' and base_ref is not null
       union select repository, branch from branches) watched on watched.repository = wanted.repository
     on conflict do nothing`,
    given,
  );
  // One that is not through goes on where it is, however late it is by now.
  await executor.query(
    `update nights set night = wanted.night, after = null, through = false, not_before = null from ${wanted}
     where nights.repository = wanted.repository and nights.night < wanted.night and through`,
    given,
  );
  const { rows } = await executor.query<{ repository: number }>(
    `select distinct repository from nights where repository = any($1::bigint[]) and not through and (not_before is null or not_before <= $2)
     order by repository`,
    [given[0], now],
  );
  for (const { repository } of rows) {
    const job: NightJob = { repository: toNumber(repository) };
    await executor.boss.send("night", job, { ...within(executor), singletonKey: String(repository) });
  }
}

/** A branch whose night is not through, and the last node that was looked at; null where there is none. */
export async function nextNight(executor: Executor, repository: number): Promise<{ branch: string; after: string | null } | null> {
  const { rows } = await executor.query<{ branch: string; after: string | null }>(
    "select branch, after from nights where repository = $1 and not through order by not_before nulls first, branch limit 1",
    [repository],
  );
  return rows[0] ?? null;
}

export async function saveNight(
  executor: Executor,
  repository: number,
  branch: string,
  { after, isThrough, notBefore }: { after: string | null; isThrough: boolean; notBefore: Date | null },
): Promise<void> {
  await executor.query("update nights set after = $3, through = $4, not_before = $5 where repository = $1 and branch = $2", [
    repository,
    branch,
    after,
    isThrough,
    notBefore,
  ]);
}

/** Whether a check waits or is under way, in whatever process. */
export async function isChecking(executor: Executor): Promise<boolean> {
  const { rows } = await executor.query("select 1 from jobs.job where name = 'check' limit 1");
  return rows.length > 0;
}
