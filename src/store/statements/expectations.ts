import type { Told } from "../../catalog/expect/told.ts";
import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { DraftCount, ExpectationCount, ExpectationStats } from "../../gate/expectation-stats.ts";
import { toNumber, type Executor } from "../executor.ts";

/** What became of expectations on a change, by a check of this head. That an earlier head broke one stays known. */
export async function saveExpectationResults(
  executor: Executor,
  { repository, number }: ChangeKey,
  { head, told }: { head: string; told: readonly Told[] },
  at: Date,
): Promise<void> {
  // Those that ask about no node of this fleet say nothing; one of an earlier head may have.
  const rows = told.filter(({ outcome }) => outcome !== "nobody");
  const column = (of: (one: Told) => string | boolean): (string | boolean)[] => rows.map(of);
  await executor.query(
    `insert into expectation_results (repository, number, name, origin, path, severity, outcome, head, at, caught_at, dark)
     select $1, $2, name, origin, path, severity, outcome, $3, $4, case when outcome = 'broken' then $4::timestamptz end, dark
     from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[]) as told (name, origin, path, severity, outcome, dark)
     on conflict (repository, number, name, origin) do update
     set path = excluded.path, severity = excluded.severity, outcome = excluded.outcome, head = excluded.head, at = excluded.at,
       caught_at = coalesce(expectation_results.caught_at, excluded.caught_at), dark = expectation_results.dark or excluded.dark`,
    [
      repository,
      number,
      head,
      at,
      column(({ name }) => name),
      column(({ origin }) => origin),
      column(({ path }) => path),
      column(({ severity }) => severity),
      column(({ outcome }) => outcome),
      column(({ outcome }) => outcome === "unknown"),
    ],
  );
  // What this head does not bring along any more breaks nothing; base's stay, since a change can't take them away.
  await executor.query(
    `update expectation_results set outcome = 'gone', at = $4
     where repository = $1 and number = $2 and origin <> 'base' and not (name || ' ' || origin = any($3::text[])) and outcome <> 'gone'`,
    [repository, number, column(({ name, origin }) => `${name} ${origin}`), at],
  );
}

interface Row {
  name: string;
  path: string;
  severity: ExpectationCount["severity"];
  changes: number;
  blocked: number;
  asked: number;
  warned: number;
  mended: number;
  approved: number;
  warning: number;
  despite: number;
  open: number;
  closed: number;
  dark: number;
  already: number;
  last_caught: Date | string | null;
}

/** What they caught, of all repositories or of one; `since`: of changes that were checked then or later. */
export async function expectationStats(
  executor: Pick<Executor, "query">,
  { repository, since }: { repository: number | null; since: Date | null },
): Promise<ExpectationStats> {
  const { rows } = await executor.query<Row>(
    `with per_change as (
       select r.repository, r.number, r.name, max(r.at) as at, (array_agg(r.path order by r.at desc))[1] as path,
         (array_agg(r.severity order by r.at desc))[1] as severity,
         min(r.caught_at) as caught_at, bool_or(r.dark) as dark, bool_or(r.outcome = 'already') as already,
         case min(case when r.caught_at is null then 9 when r.severity = 'block' then 1 when r.severity = 'approval' then 2 else 3 end)
           when 1 then 'block' when 2 then 'approval' when 3 then 'warn' end as weight,
         case min(case when r.outcome <> 'broken' then 9 when r.severity = 'block' then 1 when r.severity = 'approval' then 2 else 3 end)
           when 1 then 'block' when 2 then 'approval' when 3 then 'warn' end as still,
         coalesce(max(c.state), 'open') as state
       from expectation_results r left join changes c on c.repository = r.repository and c.number = r.number
       where ($1::bigint is null or r.repository = $1) and ($2::timestamptz is null or r.at >= $2)
       group by r.repository, r.number, r.name
     )
     select name, (array_agg(path order by at desc))[1] as path, (array_agg(severity order by at desc))[1] as severity, count(*) as changes,
       count(*) filter (where weight = 'block') as blocked,
       count(*) filter (where weight = 'approval') as asked,
       count(*) filter (where weight = 'warn') as warned,
       count(*) filter (where weight is not null and state = 'merged' and still is null) as mended,
       count(*) filter (where weight is not null and state = 'merged' and still = 'approval') as approved,
       count(*) filter (where weight is not null and state = 'merged' and still = 'warn') as warning,
       count(*) filter (where weight is not null and state = 'merged' and still = 'block') as despite,
       count(*) filter (where weight is not null and state = 'open') as open,
       count(*) filter (where weight is not null and state = 'closed') as closed,
       count(*) filter (where dark) as dark,
       count(*) filter (where already and weight is null) as already,
       max(caught_at) as last_caught
     from per_change group by name
     order by count(*) filter (where weight is not null) desc, name`,
    [repository, since],
  );
  return { expectations: rows.map(countOf), drafts: await draftCounts(executor, repository, since) };
}

function countOf(row: Row): ExpectationCount {
  const { name, path, severity, last_caught: last } = row;
  const [blocked, asked, warned] = [toNumber(row.blocked), toNumber(row.asked), toNumber(row.warned)];
  return {
    name,
    path,
    severity,
    changes: toNumber(row.changes),
    caught: { blocked, asked, warned },
    became: {
      mended: toNumber(row.mended),
      approved: toNumber(row.approved),
      warned: toNumber(row.warning),
      despite: toNumber(row.despite),
      open: toNumber(row.open),
      closed: toNumber(row.closed),
    },
    unknown: toNumber(row.dark),
    already: toNumber(row.already),
    lastCaught: last === null ? null : new Date(last).toISOString(),
  };
}

/** A change is one, whatever number of lanes stood still over it. What is a revert itself and was taken back did nothing wrong by that. */
async function draftCounts(executor: Pick<Executor, "query">, repository: number | null, since: Date | null): Promise<DraftCount[]> {
  const { rows } = await executor.query<{ cause: DraftCount["cause"]; happened: number; drafted: number; taken_up: number }>(
    `select cause, count(distinct (d.repository, number)) as happened, count(distinct (d.repository, number)) filter (where name is not null) as drafted,
       count(distinct (d.repository, number)) filter (where exists (
         select from expectation_results r where r.repository = d.repository and r.name = d.name and r.origin = 'base' and r.at >= d.at
       )) as taken_up
     from expectation_drafts d
     where ($1::bigint is null or d.repository = $1) and ($2::timestamptz is null or d.at >= $2)
       and (cause = 'halt' or not exists (select from expectation_drafts own where own.repository = d.repository and own.reverted_by = d.number))
     group by cause`,
    [repository, since],
  );
  const found = new Map(rows.map((row) => [row.cause, row]));
  return (["halt", "revert"] as const).map((cause) => {
    const row = found.get(cause);
    return {
      cause,
      happened: toNumber(row?.happened ?? 0),
      drafted: toNumber(row?.drafted ?? 0),
      takenUp: toNumber(row?.taken_up ?? 0),
    };
  });
}

/** A revert that landed. */
export interface LandedRevert {
  /** The pull request that was taken back. */
  number: number;
  /** The commit that did it, on the branch's own line, and its pull request; null for a push around the gate. */
  commit: string;
  by: number | null;
}

/** Known already, it stays as it is. */
export async function addReverts(executor: Executor, repository: number, reverts: readonly LandedRevert[], at: Date): Promise<void> {
  for (const { number, commit, by } of reverts)
    await executor.query(
      `insert into expectation_drafts (repository, number, key, cause, commit_id, reverted_by, at) values ($1, $2, $3, 'revert', $4, $5, $6)
       on conflict do nothing`,
      [repository, number, `revert:${commit}`, commit, by, at],
    );
}

/** Those since then of which nobody was told yet, the oldest first. `isRevert`: what it took back was a revert itself. */
export async function untoldReverts(
  executor: Executor,
  repository: number,
  since: Date,
  most: number,
): Promise<(LandedRevert & { key: string; isRevert: boolean })[]> {
  const { rows } = await executor.query<{ number: number; key: string; commit_id: string; reverted_by: number | null; is_revert: boolean }>(
    `select number, key, commit_id, reverted_by,
       exists (select from expectation_drafts own where own.repository = d.repository and own.reverted_by = d.number) as is_revert
     from expectation_drafts d where repository = $1 and cause = 'revert' and told_at is null and at > $2 order by at, number, key limit $3`,
    [repository, since, most],
  );
  return rows.map(({ number, key, commit_id: commit, reverted_by: by, is_revert: isRevert }) => ({ number, key, commit, by, isRevert }));
}

/** What was drafted of a change, and told. */
export async function toldDrafts(
  executor: Executor,
  { repository, number }: ChangeKey,
): Promise<{ key: string; cause: DraftCount["cause"]; name: string | null }[]> {
  const { rows } = await executor.query<{ key: string; cause: DraftCount["cause"]; name: string | null }>(
    "select key, cause, name from expectation_drafts where repository = $1 and number = $2 and told_at is not null order by at, key",
    [repository, number],
  );
  return rows;
}

/** `name`: of the expectation that was drafted; null where none could be. What was told first stays. */
export async function saveDraftTold(
  executor: Executor,
  { repository, number }: ChangeKey,
  { key, cause, name }: { key: string; cause: DraftCount["cause"]; name: string | null },
  at: Date,
): Promise<void> {
  await executor.query(
    `insert into expectation_drafts (repository, number, key, cause, name, at, told_at) values ($1, $2, $3, $4, $5, $6, $6)
     on conflict (repository, number, key) do update set name = excluded.name, told_at = excluded.told_at where expectation_drafts.told_at is null`,
    [repository, number, key, cause, name, at],
  );
}
