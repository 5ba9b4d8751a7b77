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

/** Brings a database to the newest form, each step in a transaction of its own. Throws a Problem on a database from a newer program. */
export async function migrate(
  database: { transaction<T>(work: (executor: Executor) => Promise<T>): Promise<T> },
  migrations: readonly Migration[],
): Promise<void> {
  try {
    while (await database.transaction((executor) => step(executor, migrations)));
  } catch (error) {
    throw mayNotCreate(error);
  }
}

/** The next migration that is not applied; false when there is none. What was applied is read under the lock, each time. */
async function step(executor: Executor, migrations: readonly Migration[]): Promise<boolean> {
  // The embedded database grants it always, and has no other process to wait for.
  await executor.query("select pg_advisory_xact_lock($1)", [advisoryLock]);
  await executor.exec(
    "create table if not exists migrations (id integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())",
  );
  const { rows: applied } = await executor.query<{ id: number; name: string; sha256: string }>(
    "select id, name, sha256 from migrations order by id",
  );
  for (const { id, name, sha256 } of applied) {
    const ours = migrations.find((migration) => migration.id === id);
    if (ours === undefined || digest(ours) !== sha256) throw foreignDatabase(name, ours === undefined);
  }
  // Not by their count: programs from before a number was given may have applied a later one first.
  const done = new Set(applied.map(({ id }) => id));
  const next = migrations.find(({ id }) => !done.has(id));
  if (next === undefined) return false;
  await executor.query("insert into migrations (id, name, sha256) values ($1, $2, $3)", [next.id, next.name, digest(next)]);
  await executor.exec(next.sql);
  return true;
}

const digest = ({ sql }: Migration): string => createHash("sha256").update(sql).digest("hex");

const foreignDatabase = (name: string, isNewer: boolean): Problem =>
  new Problem({
    code: "database-version",
    text: isNewer
      ? `The database has been changed by a newer puppet-gate (${name}).`
      : `The database was made with another text of migration ${name}.`,
    hint: "Run the version of puppet-gate that made it, or one that came later.",
  });
