import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../problem.ts";
import type { Executor } from "./executor.ts";
import { mayNotCreate } from "./postgres-problems.ts";

export interface Migration {
  id: number;
  name: string;
  sql: string;
}

/** The migrations that came with this program, in order. They are append-only: a number that was ever released never changes. */
export const readMigrations = (folder = join(import.meta.dirname, "migrations")): Migration[] =>
  readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.sql$/u.test(name))
    .sort()
    .map((name) => ({ id: Number(name.slice(0, 4)), name, sql: readFileSync(join(folder, name), "utf8") }));

/** Any number that nobody else locks: those who start at the same time go one after the other. */
const advisoryLock = 7_410_217;

/**
 * Brings a database to the newest form, each step in a transaction of its own; `onStep` hears of each before it is made,
 * but for those of an empty database. Throws a Problem on a database
 * from a newer program.
 */
export async function migrate(
  database: { transaction<T>(work: (executor: Executor) => Promise<T>): Promise<T> },
  migrations: readonly Migration[],
  onStep: (name: string) => void = () => undefined,
): Promise<void> {
  let isNew: boolean | null = null;
  const tell = (name: string, missing: number): void => {
    isNew ??= missing === migrations.length;
    if (!isNew) onStep(name);
  };
  try {
    while (await database.transaction((executor) => step(executor, migrations, tell)));
  } catch (error) {
    throw mayNotCreate(error);
  }
}

/** The next migration that is not applied; false when there is none. What was applied is read under the lock, each time. */
async function step(
  executor: Executor,
  migrations: readonly Migration[],
  onStep: (name: string, missing: number) => void,
): Promise<boolean> {
  // The embedded database grants it always, and has no other process to wait for.
  await executor.query("select pg_advisory_xact_lock($1)", [advisoryLock]);
  await executor.exec(
    "create table if not exists migrations (id integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())",
  );
  const { missing } = compare(await appliedTo(executor), migrations);
  const next = missing[0];
  if (next === undefined) return false;
  onStep(next.name, missing.length);
  // Each transaction of a server has read this table first: those that began before are waited for, and those that come wait, and see what they are not of.
  await executor.exec("lock table migrations in access exclusive mode");
  await executor.query("insert into migrations (id, name, sha256) values ($1, $2, $3)", [next.id, next.name, digest(next)]);
  await executor.exec(next.sql);
  return true;
}

interface Applied {
  id: number;
  name: string;
  sha256: string;
}

const appliedTo = async (executor: Pick<Executor, "query">): Promise<Applied[]> =>
  (await executor.query<Applied>("select id, name, sha256 from migrations order by id")).rows;

/**
 * What of ours is not applied. Not by its count: programs from before a number was given may have applied a later one first. Throws a Problem where others are
 * than ours.
 */
function compare(applied: readonly Applied[], ours: readonly Migration[]): { missing: Migration[] } {
  const known = new Map(ours.map((one) => [one.id, one]));
  const newer = applied.filter(({ id }) => !known.has(id));
  if (newer.length > 0) throw changedByNewer(newer.map(({ name }) => name));
  for (const { id, name, sha256 } of applied) {
    const one = known.get(id);
    if (one !== undefined && digest(one) !== sha256) throw madeOtherwise(name);
  }
  const done = new Set(applied.map(({ id }) => id));
  return { missing: ours.filter(({ id }) => !done.has(id)) };
}

/** Resolves where a database has exactly these migrations. Throws a Problem that says what to do where it has none, fewer, more or others. Changes nothing. */
export async function requireMigrated(executor: Pick<Executor, "query">, migrations: readonly Migration[]): Promise<void> {
  const { rows } = await executor.query<{ is: boolean }>("select to_regclass('migrations') is not null as is");
  if (rows[0]?.is !== true)
    throw new Problem({
      code: "no-database",
      text: "No puppet-gate has kept anything in this database: it is empty.",
      hint: "Give the server's own (DATABASE_URL, PUPPET_GATE_DATA); `serve` makes its tables when it starts.",
    });
  const { missing } = compare(await appliedTo(executor), migrations);
  if (missing.length > 0) throw tooFew(missing.length, migrations.length);
}

/** One statement, cheap enough for the beginning of each transaction: whether exactly these were applied. */
export function fenceOf(migrations: readonly Migration[]): (executor: Pick<Executor, "query">) => Promise<boolean> {
  const ours = migrations.map(({ id }) => id).join(" ");
  return async (executor) => {
    const { rows } = await executor.query<{ ids: string | null }>("select string_agg(id::text, ' ' order by id) as ids from migrations");
    return rows[0]?.ids === ours;
  };
}

const digest = ({ sql }: Migration): string => createHash("sha256").update(sql).digest("hex");

const changedByNewer = (names: readonly string[]): Problem =>
  new Problem({
    code: "database-version",
    text: `The database has been changed by a newer puppet-gate (${names.length > 2 ? `${names[0]} and ${names.length - 1} more` : names.join(", ")}).`,
    hint: "Run that version here, or a later one. To go back to this one, restore the backup from before the upgrade (docs/operations.md).",
  });

const madeOtherwise = (name: string): Problem =>
  new Problem({
    code: "database-version",
    text: `The database was made with another text of migration ${name}.`,
    hint: "Run the version of puppet-gate that made it, or one that came later.",
  });

const tooFew = (missing: number, all: number): Problem =>
  new Problem({
    code: "database-older",
    text: `The database is an older puppet-gate's: ${missing} of this program's ${all} migrations are not applied.`,
    hint: "Back it up, and start `serve` of this version, which applies them at its start (docs/operations.md); or run the version that it is of.",
  });
