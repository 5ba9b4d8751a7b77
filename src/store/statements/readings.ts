import type { Standing } from "../../gate/view.ts";
import type { Sight } from "../../rollout/sight.ts";
import type { Rollout } from "../../rollout/state.ts";
import { toNumber, type Executor } from "../executor.ts";

/** How things stand, for numbers that are read from outside. Ages are seconds by the database's clock; `name` is `OWNER/NAME`. */
export interface Readings {
  /** `due`: it could be taken now, `later`: it waits for its time. */
  jobs: { queue: string; state: "due" | "later" | "active"; count: number; oldest: number }[];
  /** Open changes; those that were never decided on have no standing. `waited` is the sum of what each waits for so far. */
  changes: { name: string; standing: Standing | null; count: number; waited: number; oldest: number }[];
  /** Open changes by the rules that hold them up, each counted at every one. */
  held: { name: string; rule: string; outcome: string; count: number }[];
  /** Changes that expectations caught, by what became of them; those that landed otherwise than by being mended, by the heaviest that they broke. */
  caught: { name: string; outcome: "mended" | "approved" | "warned" | "despite" | "open" | "closed"; count: number }[];
  givenUp: number;
  /** Intended and not done yet. */
  effects: { count: number; oldest: number };
  /** Merges of which nobody knows yet whether they landed, or which tree did. */
  unsettled: number;
  frozen: { name: string; branches: number }[];
  owed: { name: string; reviews: number }[];
  rollouts: { id: number; name: string; rollout: Rollout; sight: Sight | null; seen: number | null }[];
  /** By place: what it has not heard yet, what it never will, and whether the last try failed. */
  places: { place: string; waiting: number; lost: number; failing: boolean }[];
  ledger: {
    entries: number;
    tree: number;
    /** Of the last checkpoint; null where there is none. */
    signed: { size: number; age: number } | null;
    /** Of the oldest entry that is not signed; null where there is none. */
    unsigned: number | null;
    places: { place: string; behind: number; failing: number | null }[];
  };
  repositories: number;
}

/** Reads it, each kind by a statement: no transaction of another kind waits for these. */
export async function readings(executor: Executor): Promise<Readings> {
  const { rows: jobs } = await executor.query<{ queue: string; state: "due" | "later" | "active"; count: number; oldest: number }>(
    `select name as queue, case when state = 'active' then 'active' when start_after <= clock_timestamp() then 'due' else 'later' end as state,
       count(*)::int as count,
       greatest(extract(epoch from max(clock_timestamp() - coalesce(started_on, greatest(created_on, start_after)))), 0)::float8 as oldest
     from jobs.job where state <= 'active' group by 1, 2 order by 1, 2`,
  );
  const { rows: changes } = await executor.query<Readings["changes"][number]>(
    `select r.owner || '/' || r.name as name, c.standing, count(*)::int as count,
       coalesce(sum(extract(epoch from now() - c.standing_since)), 0)::float8 as waited,
       coalesce(max(extract(epoch from now() - c.standing_since)), 0)::float8 as oldest
     from changes c join repositories r on r.id = c.repository
     where c.state = 'open' and r.gone_at is null group by 1, 2 order by 1, 2`,
  );
  const { rows: held } = await executor.query<Readings["held"][number]>(
    `select r.owner || '/' || r.name as name, substring(held from ' (.*)$') as rule, split_part(held, ' ', 1) as outcome, count(*)::int as count
     from changes c join repositories r on r.id = c.repository cross join unnest(c.held_by) as held
     where c.state = 'open' and r.gone_at is null group by 1, 2, 3 order by 1, 2, 3`,
  );
  const { rows: caught } = await executor.query<Readings["caught"][number]>(
    `select r.owner || '/' || r.name as name, outcome, count(*)::int as count from (
       select e.repository, case coalesce(max(c.state), 'open') when 'open' then 'open' when 'closed' then 'closed' else
         case min(case when e.outcome <> 'broken' then 9 when e.severity = 'block' then 1 when e.severity = 'approval' then 2 else 3 end)
           when 1 then 'despite' when 2 then 'approved' when 3 then 'warned' else 'mended' end end as outcome
       from expectation_results e left join changes c on c.repository = e.repository and c.number = e.number
       where e.caught_at is not null group by e.repository, e.number) changes
     join repositories r on r.id = changes.repository where r.gone_at is null group by 1, 2 order by 1, 2`,
  );
  const { rows: counts } = await executor.query<{
    given_up: number;
    effects: number;
    effects_oldest: number;
    unsettled: number;
    repositories: number;
  }>(
    `select (select count(*)::int from changes where given_up) as given_up,
       (select count(*)::int from effects where state = 'intended') as effects,
       (select coalesce(extract(epoch from max(now() - intended_at)), 0)::float8 from effects where state = 'intended') as effects_oldest,
       (select count(*)::int from landings where state = 'intended' or unread) as unsettled,
       (select count(*)::int from repositories where gone_at is null) as repositories`,
  );
  const [all] = counts;
  const { rows: frozen } = await executor.query<Readings["frozen"][number]>(
    `select r.owner || '/' || r.name as name, count(*)::int as branches from frozen f join repositories r on r.id = f.repository group by 1`,
  );
  const { rows: owed } = await executor.query<Readings["owed"][number]>(
    `select r.owner || '/' || r.name as name, count(*)::int as reviews
     from review_debts d join repositories r on r.id = d.repository where d.paid_at is null group by 1`,
  );
  const { rows: rollouts } = await executor.query<{ id: number; name: string; state: Rollout; sight: Sight | null; seen: number | null }>(
    `select r.id, r.owner || '/' || r.name as name, o.state, s.sight, extract(epoch from now() - s.seen_at)::float8 as seen
     from rollouts o join repositories r on r.id = o.repository left join rollout_sights s on s.repository = o.repository
     where r.gone_at is null order by 1`,
  );
  const { rows: places } = await executor.query<Readings["places"][number]>(
    `select place, sum(waiting)::int as waiting, sum(lost)::int as lost, bool_or(why is not null) as failing from (
       select t.place, case when t.lost_at > now() - interval '7 days' then t.lost else 0 end as lost, t.why,
         (select count(*) from rollout_news n where n.repository = t.repository and n.seq > t.seq) as waiting
       from rollout_told t join repositories r on r.id = t.repository where r.gone_at is null) told
     group by place order by place`,
  );
  return {
    jobs,
    changes,
    held,
    caught,
    givenUp: all?.given_up ?? 0,
    effects: { count: all?.effects ?? 0, oldest: all?.effects_oldest ?? 0 },
    unsettled: all?.unsettled ?? 0,
    frozen,
    owed,
    rollouts: rollouts.map(({ id, state: rollout, ...rest }) => ({ ...rest, id: toNumber(id), rollout })),
    places,
    ledger: await ledgerReadings(executor),
    repositories: all?.repositories ?? 0,
  };
}

/** How it stands with the ledger. */
export async function ledgerReadings(executor: Executor): Promise<Readings["ledger"]> {
  const { rows } = await executor.query<{
    entries: number;
    tree: number;
    signed: number | null;
    signed_age: number | null;
    unsigned: number | null;
  }>(
    `select l.size as entries, t.size as tree, c.size as signed, extract(epoch from now() - c.signed_at)::float8 as signed_age,
       (select extract(epoch from now() - e.at)::float8 from entries e where e.seq = coalesce(c.size, 0) + 1) as unsigned
     from ledger l cross join tree t left join (select size, signed_at from checkpoints order by size desc limit 1) c on true`,
  );
  const [row] = rows;
  const { rows: places } = await executor.query<{ place: string; size: number | null; failing: number | null }>(
    "select name as place, size, extract(epoch from now() - failing_since)::float8 as failing from places order by name",
  );
  const signed = row?.signed === null || row?.signed === undefined ? null : { size: toNumber(row.signed), age: row.signed_age ?? 0 };
  return {
    entries: toNumber(row?.entries ?? 0),
    tree: toNumber(row?.tree ?? 0),
    signed,
    unsigned: row?.unsigned ?? null,
    places: places.map(({ place, size, failing }) => ({
      place,
      behind: Math.max((signed?.size ?? 0) - toNumber(size ?? 0), 0),
      failing,
    })),
  };
}
