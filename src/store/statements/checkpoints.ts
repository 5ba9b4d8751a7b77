import type { PlaceState } from "../../engine/ports/ledger.ts";
import type { Draft } from "../../ledger/entry.ts";
import { toNumber, type Executor } from "../executor.ts";
import { appendEntries } from "./ledger.ts";

/** Signed heads of the tree, the smallest first. */
export async function checkpoints(executor: Executor): Promise<{ size: number; note: string }[]> {
  const { rows } = await executor.query<{ size: number; note: string }>("select size, note from checkpoints order by size");
  return rows.map(({ size, note }) => ({ size: toNumber(size), note }));
}

/** The last of each day of UTC, the smallest first. */
export async function dailyCheckpoints(executor: Executor): Promise<{ size: number; note: string }[]> {
  const { rows } = await executor.query<{ size: number; note: string }>(
    `select size, note from checkpoints
     where size in (select max(size) from checkpoints group by date_trunc('day', signed_at at time zone 'UTC')) order by size`,
  );
  return rows.map(({ size, note }) => ({ size: toNumber(size), note }));
}

/** The largest of them, and when it was signed; null before the first. */
export async function newestCheckpoint(executor: Executor): Promise<{ size: number; note: string; signedAt: Date } | null> {
  const { rows } = await executor.query<{ size: number; note: string; signed_at: Date | string }>(
    "select size, note, signed_at from checkpoints order by size desc limit 1",
  );
  const [row] = rows;
  return row === undefined ? null : { size: toNumber(row.size), note: row.note, signedAt: new Date(row.signed_at) };
}

/** What is there of the same size stays, unless other keys have signed this one. */
export async function saveCheckpoint(executor: Executor, { size, note }: { size: number; note: string }, at: Date): Promise<void> {
  await executor.query(
    `insert into checkpoints (size, note, signed_at) values ($1, $2, $3)
     on conflict (size) do update set note = excluded.note, signed_at = excluded.signed_at where checkpoints.note <> excluded.note`,
    [size, note, at],
  );
}

export async function places(executor: Executor): Promise<PlaceState[]> {
  const { rows } = await executor.query<{
    name: string;
    size: number | null;
    told_at: Date | null;
    failing_since: Date | null;
    why: string | null;
  }>("select name, size, told_at, failing_since, why from places order by name");
  return rows.map(({ name, size, told_at, failing_since, why }) => ({
    name,
    size: size === null ? null : toNumber(size),
    toldAt: told_at,
    failingSince: failing_since,
    why,
  }));
}

export async function savePlace(executor: Executor, { name, size, toldAt, failingSince, why }: PlaceState): Promise<void> {
  await executor.query(
    `insert into places (name, size, told_at, failing_since, why) values ($1, $2, $3, $4, $5)
     on conflict (name) do update set size = excluded.size, told_at = excluded.told_at, failing_since = excluded.failing_since, why = excluded.why`,
    [name, size, toldAt, failingSince, why],
  );
}

/** Forgets the tree and all that was signed of it, for a log that begins anew, and records what is told. In a transaction. */
export async function beginLog(executor: Executor, drafts: readonly Draft[], at: Date): Promise<void> {
  await executor.query("select size from tree for update");
  await executor.query("update tree set size = 0");
  for (const table of ["tiles", "checkpoints", "places"]) await executor.query(`delete from ${table}`);
  await appendEntries(executor, 0, drafts, at);
}
