import type { Executor } from "../executor.ts";

/** What the gate can't see: since when, why, and whether the ledger knows that it began. */
export interface Blind {
  since: Date;
  why: string;
  told: boolean;
}

interface Row {
  since: Date | string;
  why: string;
  told: boolean;
}

const blindIn = ({ since, why, told }: Row): Blind => ({ since: new Date(since), why, told });

/** Notes that something can't be seen; since when and why stay as they were noted first. */
export async function beginBlind(
  executor: Executor,
  repository: number,
  { what, since, why }: { what: string; since: Date; why: string },
): Promise<Blind> {
  const { rows } = await executor.query<Row>(
    `insert into blindness (repository, what, since, why) values ($1, $2, $3, $4)
     on conflict (repository, what) do update set what = excluded.what returning since, why, told`,
    [repository, what, since, why],
  );
  const [row] = rows;
  return row === undefined ? { since, why, told: false } : blindIn(row);
}

/** Notes that the ledger knows. False where it was noted before. */
export async function tellBlind(executor: Executor, repository: number, what: string): Promise<boolean> {
  const { affectedRows } = await executor.query("update blindness set told = true where repository = $1 and what = $2 and not told", [
    repository,
    what,
  ]);
  return affectedRows === 1;
}

/** Notes that it is seen again; gives what had been so. Null where it was seen all the time, or began after `before`. */
export async function endBlind(executor: Executor, repository: number, what: string, before: Date): Promise<Blind | null> {
  const { rows } = await executor.query<Row>(
    "delete from blindness where repository = $1 and what = $2 and since <= $3 returning since, why, told",
    [repository, what, before],
  );
  return rows[0] === undefined ? null : blindIn(rows[0]);
}

/** When the gate looked last; null before the first time. */
export async function lastBeat(executor: Executor): Promise<Date | null> {
  return newestIn(executor, "select at from heartbeat");
}

export async function saveBeat(executor: Executor, at: Date): Promise<void> {
  await executor.query("update heartbeat set at = $1", [at]);
}

/** When the newest delivery came in; null before the first, or where they are forgotten. */
export async function newestDelivery(executor: Executor): Promise<Date | null> {
  return newestIn(executor, "select max(received_at) as at from deliveries");
}

async function newestIn(executor: Executor, sql: string): Promise<Date | null> {
  const { rows } = await executor.query<{ at: Date | string | null }>(sql);
  const at = rows[0]?.at ?? null;
  return at === null ? null : new Date(at);
}
