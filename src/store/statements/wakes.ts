import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Event, Origin, Push } from "../../gate/event.ts";
import type { Executor } from "../executor.ts";
import type { Delivery } from "./deliveries.ts";

/** pg-boss's own channel for the schema `jobs`, as its `notifyChannelSql` makes it. */
const channel = "'pgboss_' || left(encode(sha224('jobs'::bytea), 'hex'), 24)";

/**
 * Gives each change of `wanted` (repository, number) a turn: the change is known from here on, and its queued turn is put forward or made,
 * which `turns` tells. What is queued already stays locked until the transaction ends, so that none is taken and done before
 * what it is to see is committed.
 *
 * That is `upsert` of pg-boss for many at once, in one statement: a webhook is answered after it. Whatever locks more than one thing of ours
 * takes leases first, then pushes, changes, jobs and the ledger, and of each kind in order: two that do can't wait for each other. The
 * counts are what makes PostgreSQL do one part after the other.
 */
const wakes = `
  known_changes as (
    insert into changes (repository, number)
    select w.repository, w.number from wanted w
    where not exists (select from changes c where c.repository = w.repository and c.number = w.number and not c.given_up)
    order by w.repository, w.number
    on conflict (repository, number) do update set given_up = false returning 1
  ), turns as (
    insert into jobs.job_common as j (name, singleton_key, group_id, data, start_after, created_on, keep_until, policy, retry_limit, expire_seconds, deletion_seconds)
    select q.name, w.repository || '#' || w.number, w.repository, jsonb_build_object('repository', w.repository, 'number', w.number, 'attempts', 0),
      jobs.job_now(), jobs.job_now(), jobs.job_now() + q.retention_seconds * interval '1 second', q.policy, q.retry_limit, q.expire_seconds, q.deletion_seconds
    from wanted w join jobs.queue q on q.name = 'advance'
    where (select count(*) from known_changes) >= 0
    order by 2
    on conflict (name, coalesce(singleton_key, '')) where state = 'created' and policy = 'short'
    do update set data = excluded.data, start_after = least(j.start_after, excluded.start_after)
    where j.start_after > excluded.start_after or j.data <> excluded.data
    returning 1
  )`;

/** PostgreSQL commits transactions that notify one after the other, each with its own write to the disk. */
const tell = `pg_notify(${channel}, 'advance')`;

/** Asks for another turn of a change, at once and with all its attempts. One that is under way does not count: it has read already. */
export const wake = (executor: Executor, change: ChangeKey): Promise<void> => wakeAll(executor, [change]);

/** The same for many. */
export async function wakeAll(executor: Executor, changes: readonly ChangeKey[]): Promise<void> {
  if (changes.length === 0) return;
  await executor.query(
    `with wanted as (select distinct repository, number from unnest($1::bigint[], $2::int[]) as given (repository, number)), ${wakes}
     select ${tell} from (select count(*) from turns) made`,
    [changes.map(({ repository }) => repository), changes.map(({ number }) => number)],
  );
}

/** A delivery of which nothing follows but turns: of these changes, and of the open ones with this head. */
export interface Touch {
  origin: Origin;
  numbers: readonly number[];
  head: string | null;
  /** Who pushed what, where the delivery tells. */
  push: Push | null;
}

/**
 * Takes such a delivery in whole, by one statement that is its own transaction; or nothing of it, where its repository is not known under
 * this name and installation. Most deliveries are of this kind, and they come in bursts: where a turn is due already, nobody is notified,
 * and whoever calls this has to look for turns afterwards.
 */
export async function addTouch(
  executor: Executor,
  { id, name, event, receivedAt }: Delivery & { event: Event },
  { origin: { installation, repository }, numbers, head, push }: Touch,
): Promise<"news" | "no-news" | "repository-unknown"> {
  const { rows } = await executor.query<{ is_known: boolean; is_news: boolean }>(
    `with repository as (
       select id from repositories where id = $5::bigint and installation = $6 and owner = $7 and name = $8 and gone_at is null
     ), news as (
       insert into deliveries (id, name, event, received_at) select $1, $2, $3, $4 from repository on conflict (id) do nothing returning 1
     ), pushed as (
       insert into pushes (repository, sha, user_id, login, bot, at) select $5::bigint, $11::text, $12, $13, $14, $15 from news where $11 is not null
       on conflict (repository, sha, user_id) do update set login = excluded.login, at = greatest(pushes.at, excluded.at) returning 1
     ), touched as (
       select $5::bigint as repository, unnest($9::int[]) as number
       union
       select repository, number from changes where repository = $5::bigint and head = $10 and state = 'open' and standing is not null
     ), wanted as (
       select repository, number from touched where exists (select from news) and (select count(*) from pushed) >= 0
     ), ${wakes}
     select exists (select from repository) as is_known, exists (select from news) as is_news, (select ${tell} from turns limit 1) as told`,
    [
      id,
      name,
      JSON.stringify(event),
      receivedAt,
      repository.id,
      installation,
      repository.owner,
      repository.name,
      [...numbers],
      head,
      push?.sha ?? null,
      push?.by?.id ?? 0,
      push?.by?.login ?? null,
      push?.by?.bot ?? false,
      push?.at ?? null,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("a statement without a condition gave no row");
  if (!row.is_known) return "repository-unknown";
  return row.is_news ? "news" : "no-news";
}
