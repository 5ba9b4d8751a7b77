import type { TellJob, News, Heard } from "../../engine/ports/news.ts";
import type { Event } from "../../rollout/effects.ts";
import { toNumber, toText, type Executor } from "../executor.ts";
import { within } from "../jobs.ts";
import type { JobExecutor } from "./keys.ts";

/** Only under the lease of the repository's rollout: the order of their numbers is that in which they were kept. */
export async function addNews(executor: Executor, repository: number, events: readonly Event[], at: Date): Promise<void> {
  await executor.query(
    `insert into rollout_news (repository, at, event)
     select $1, $2, event from jsonb_array_elements($3::jsonb) with ordinality as given (event, place) order by place`,
    [repository, at, JSON.stringify(events)],
  );
}

/**
 * Has the news of each of these repositories told. To be asked once they are committed: a job that is under way then sees them or, where it has looked
 * already, is gone before this one is queued.
 */
export async function askTells(executor: JobExecutor, repositories: readonly number[]): Promise<void> {
  for (const repository of repositories) {
    const job: TellJob = { repository };
    await executor.boss.send("tell", job, { ...within(executor), singletonKey: String(repository) });
  }
}

/** How far a place has heard; one that is new begins with what happened after `oldest`. */
export async function toldTo(executor: Executor, repository: number, place: string, oldest: Date): Promise<Heard> {
  const { rows } = await executor.query<ToldRow>(
    "select place, seq, attempts, next_at, why, lost, lost_at from rollout_told where repository = $1 and place = $2",
    [repository, place],
  );
  if (rows[0] !== undefined) return toldOf(rows[0]);
  const { rows: begun } = await executor.query<{ seq: number }>(
    "select coalesce(max(seq), 0) as seq from rollout_news where repository = $1 and at < $2",
    [repository, oldest],
  );
  return { seq: toNumber(begun[0]?.seq ?? 0), attempts: 0, nextAt: null, why: null, lost: 0, lostAt: null };
}

export async function saveToldTo(executor: Executor, repository: number, place: string, told: Heard): Promise<void> {
  await executor.query(
    `insert into rollout_told (repository, place, seq, attempts, next_at, why, lost, lost_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (repository, place) do update set seq = excluded.seq, attempts = excluded.attempts, next_at = excluded.next_at,
       why = excluded.why, lost = excluded.lost, lost_at = excluded.lost_at`,
    [repository, place, told.seq, told.attempts, told.nextAt, told.why === null ? null : toText(told.why), told.lost, told.lostAt],
  );
}

/** So many at most, of after `seq`, in order. */
export async function newsAfter(executor: Executor, repository: number, seq: number, most: number): Promise<News[]> {
  const { rows } = await executor.query<{ seq: number; at: Date; event: Event }>(
    "select seq, at, event from rollout_news where repository = $1 and seq > $2 order by seq limit $3",
    [repository, seq, most],
  );
  return rows.map((row) => ({ seq: toNumber(row.seq), repository, at: row.at, event: row.event }));
}

/** What happened after `since`, in order; of more than so many the latest. */
export async function newsSince(executor: Executor, repository: number, since: Date, most: number): Promise<News[]> {
  const { rows } = await executor.query<{ seq: number; at: Date; event: Event }>(
    "select seq, at, event from rollout_news where repository = $1 and at > $2 order by seq desc limit $3",
    [repository, since, most],
  );
  return rows.map((row) => ({ seq: toNumber(row.seq), repository, at: row.at, event: row.event })).reverse();
}

/** Forgets how far other places than these have heard: nobody tells them any more. */
export async function keepPlaces(executor: Executor, repository: number, places: readonly string[]): Promise<void> {
  await executor.query("delete from rollout_told where repository = $1 and place <> all($2)", [repository, [...places]]);
}

/** Places that have not heard all, or lost some after `since`, with how many wait: for whoever looks after the server. */
export async function placesBehind(
  executor: Executor,
  repository: number,
  since: Date,
): Promise<(Heard & { place: string; waiting: number })[]> {
  const { rows } = await executor.query<ToldRow & { waiting: number }>(
    `select * from (
       select place, seq, attempts, next_at, why, case when lost_at > $2 then lost else 0 end as lost, lost_at,
         (select count(*)::int from rollout_news n where n.repository = t.repository and n.seq > t.seq) as waiting
       from rollout_told t where repository = $1) told
     where waiting > 0 or lost > 0 order by place`,
    [repository, since],
  );
  return rows.map((row) => ({ place: row.place, ...toldOf(row), waiting: row.waiting }));
}

interface ToldRow {
  place: string;
  seq: number;
  attempts: number;
  next_at: Date | null;
  why: string | null;
  lost: number;
  lost_at: Date | null;
}

const toldOf = ({ seq, attempts, next_at: nextAt, why, lost, lost_at: lostAt }: ToldRow): Heard => ({
  seq: toNumber(seq),
  attempts,
  nextAt,
  why,
  lost,
  lostAt,
});
