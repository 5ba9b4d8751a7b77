import type { Executor } from "../executor.ts";
import { toNumber, toText } from "../executor.ts";

export interface ChangeKey {
  repository: number;
  number: number;
}

/** A change whose turn it is. `wanted` is what `settleTurn` takes; `attempts` counts the turns that came to nothing. */
export interface Turn extends ChangeKey {
  wanted: number;
  attempts: number;
}

/** Asks for another turn of a change, at once and with all its attempts. */
export async function wake(executor: Executor, { repository, number }: ChangeKey): Promise<void> {
  await executor.query(
    `insert into changes (repository, number, wanted) values ($1, $2, 1)
     on conflict (repository, number) do update
     set wanted = changes.wanted + 1, attempts = 0, not_before = null, given_up = false`,
    [repository, number],
  );
}

/** Changes that wait and may be advanced now, the longest waiting first. */
export async function dueTurns(executor: Executor, now: Date): Promise<Turn[]> {
  const { rows } = await executor.query<Turn>(
    `select repository, number, wanted, attempts from changes
     where wanted > done and not given_up and (not_before is null or not_before <= $1)
     order by not_before nulls first, decided_at nulls first, repository, number`,
    [now],
  );
  return rows.map((row) => ({
    repository: toNumber(row.repository),
    number: row.number,
    wanted: toNumber(row.wanted),
    attempts: row.attempts,
  }));
}

/** When the next change that waits for its time may be advanced. */
export async function nextTurn(executor: Executor): Promise<Date | null> {
  const { rows } = await executor.query<{ at: Date | null }>(
    "select min(not_before) as at from changes where wanted > done and not given_up and not_before is not null",
  );
  return rows[0]?.at ?? null;
}

/** Ends a turn that came to something; a wake since then is another turn. */
export async function settleTurn(executor: Executor, { repository, number, wanted }: Turn): Promise<void> {
  await executor.query(
    `update changes set done = greatest(done, $3), attempts = 0, not_before = null, error = null
     where repository = $1 and number = $2`,
    [repository, number, wanted],
  );
}

/** Keeps a turn that came to nothing, with its error: to be tried again at `notBefore`, or given up when that is null. */
export async function postponeTurn(
  executor: Executor,
  { repository, number, wanted }: Turn,
  error: string,
  notBefore: Date | null,
): Promise<void> {
  // A wake in the meantime keeps what it set: it is a turn of its own, due at once.
  await executor.query(
    `update changes set error = $4,
       attempts = case when wanted = $3 then attempts + 1 else attempts end,
       not_before = case when wanted = $3 then $5::timestamptz else not_before end,
       given_up = case when wanted = $3 then $5::timestamptz is null else given_up end
     where repository = $1 and number = $2`,
    [repository, number, wanted, toText(error), notBefore],
  );
}

/** After a start: what was given up is tried again, and what was intended but not seen through gets a turn. */
export async function resumeTurns(executor: Executor): Promise<void> {
  await executor.query("update changes set given_up = false, attempts = 0, not_before = null where wanted > done");
  await executor.query(
    `update changes set wanted = wanted + 1 where wanted = done and (
       exists (select from effects e where e.repository = changes.repository and e.number = changes.number and e.state = 'intended')
       or exists (select from landings l where l.repository = changes.repository and l.number = changes.number and l.state = 'intended')
       or (state = 'open' and base is not null and not exists (
         select from checks c where c.repository = changes.repository and c.number = changes.number
           and c.base = changes.base and c.head = changes.head)))`,
  );
}

/** How many changes wait, and how many were given up. */
export async function countTurns(executor: Executor): Promise<{ waiting: number; givenUp: number }> {
  const { rows } = await executor.query<{ waiting: number; given_up: number }>(
    `select count(*) filter (where not given_up)::int as waiting, count(*) filter (where given_up)::int as given_up
     from changes where wanted > done`,
  );
  return { waiting: rows[0]?.waiting ?? 0, givenUp: rows[0]?.given_up ?? 0 };
}
