import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Problem } from "../problem.ts";
import type { Executor } from "./executor.ts";
import { lockFolder } from "./lock.ts";
import { migrate, readMigrations } from "./migrate.ts";

export interface Database extends Executor {
  transaction<T>(work: (executor: Executor) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens the embedded database of a data directory, locked and migrated. Throws a Problem: not writable, in use, damaged, too new. */
export async function openDatabase(folder: string): Promise<Database> {
  makeFolder(folder);
  const lock = lockFolder(folder);
  try {
    const database = guarded(await openPGlite(join(folder, "database")), () => lock.release());
    await migrateOrClose(database);
    return database;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A database in memory, for tests and trials: nothing of it is kept. */
export async function openMemoryDatabase(): Promise<Database> {
  const database = guarded(await PGlite.create("memory://"), () => undefined);
  await migrateOrClose(database);
  return database;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Problem(
      {
        code: "data-directory",
        text: `The data directory ${folder} can't be made.`,
        hint: "Give one that this user may write to (PUPPET_GATE_DATA).",
      },
      { cause },
    );
  }
}

async function openPGlite(folder: string): Promise<PGlite> {
  try {
    return await PGlite.create(folder);
  } catch (cause) {
    throw new Problem(
      {
        code: "database-does-not-answer",
        text: `The database in ${folder} does not answer.`,
        hint: "If its files are damaged, put a backup in their place, or move them away to begin anew: changes are read again from GitHub, but who pushed what and what was answered is lost.",
      },
      { cause },
    );
  }
}

async function migrateOrClose(database: Database): Promise<void> {
  try {
    await migrate(database, readMigrations());
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Turns the deadlock of a query on the outer handle inside a transaction into an error that says so. */
function guarded(pglite: PGlite, release: () => void): Database {
  const inside = new AsyncLocalStorage<true>();
  const refuse = (): void => {
    if (inside.getStore() === true) throw new Error("a query inside transaction() has to use the transaction's own executor");
  };
  return {
    query: async (sql, parameters) => {
      refuse();
      return pglite.query(sql, parameters);
    },
    exec: async (sql) => {
      refuse();
      return pglite.exec(sql);
    },
    transaction: async (work) => {
      refuse();
      return pglite.transaction((executor) => inside.run(true, () => work(executor)));
    },
    close: async () => {
      await pglite.close();
      release();
    },
  };
}
