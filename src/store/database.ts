import { AsyncLocalStorage } from "node:async_hooks";
import { embeddedConnection, memoryConnection } from "./embedded.ts";
import type { Executor } from "./executor.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { postgresConnection } from "./postgres.ts";

/** Where statements and transactions run. */
export interface Lane extends Executor {
  transaction<T>(work: (executor: Executor) => Promise<T>): Promise<T>;
}

/** What a kind of database has to offer; `guarded` makes a `Database` of it. */
export interface Connection extends Lane {
  kind: "embedded" | "postgres";
  /** Connections of their own for what must not wait for the others; the embedded database has one for all. */
  inbox: Lane;
  /** Hears every notification of a channel. `onGap` is called whenever some may have been missed, and once at the start. */
  listen(channel: string, onNotification: (payload: string) => void, onGap: () => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

/** A migrated database: the same SQL, whichever kind it is. The embedded one belongs to this process alone. */
export type Database = Connection;

/** Opens the embedded database of a data directory, locked and migrated. Throws a Problem: not writable, in use, damaged, too new. */
export const openDatabase = async (folder: string): Promise<Database> => open(await embeddedConnection(folder));

/** A database in memory, for tests and trials: nothing of it is kept. */
export const openMemoryDatabase = async (): Promise<Database> => open(await memoryConnection());

/** Opens and migrates the PostgreSQL database of a URL. Throws a Problem: it does not answer, refuses us, is too old, or too new for us. */
export const openPostgres = async (url: string, onError: (error: Error) => void): Promise<Database> =>
  open(await postgresConnection(url, onError));

async function open(connection: Connection): Promise<Database> {
  const database = guarded(connection);
  try {
    await migrate(database, readMigrations());
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/**
 * Turns a query on the outer handle inside a transaction into an error that says so: PGlite would wait for itself for ever, and
 * PostgreSQL would run it beside the transaction, whatever becomes of that.
 */
function guarded(connection: Connection): Database {
  const inside = new AsyncLocalStorage<true>();
  const refuse = (): void => {
    if (inside.getStore() === true) throw new Error("a query inside transaction() has to use the transaction's own executor");
  };
  const guard = (lane: Lane): Lane => ({
    query: async (sql, parameters) => {
      refuse();
      return lane.query(sql, parameters);
    },
    exec: async (sql) => {
      refuse();
      return lane.exec(sql);
    },
    transaction: async (work) => {
      refuse();
      return lane.transaction((executor) => inside.run(true, () => work(executor)));
    },
  });
  return {
    kind: connection.kind,
    ...guard(connection),
    inbox: guard(connection.inbox),
    listen: (channel, onNotification, onGap) => connection.listen(channel, onNotification, onGap),
    close: () => connection.close(),
  };
}
