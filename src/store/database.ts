import { AsyncLocalStorage } from "node:async_hooks";
import { embeddedConnection, memoryConnection } from "./embedded.ts";
import type { Executor } from "./executor.ts";
import { Problem } from "../problem.ts";
import { fenceOf, migrate, type Migration, readMigrations, requireMigrated } from "./migrate.ts";
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
  /** Where a statement may take as long as it takes: an index over millions of rows is made there. */
  patiently<T>(work: (lane: Pick<Lane, "transaction">) => Promise<T>): Promise<T>;
  /** Hears every notification of a channel. `onGap` is called whenever some may have been missed, and once at the start. */
  listen(channel: string, onNotification: (payload: string) => void, onGap: () => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

/** A migrated database: the same SQL, whichever kind it is. The embedded one belongs to this process alone. */
export interface Database extends Omit<Connection, "patiently"> {
  /** Why this program may not use it any more, because another version of it changed its tables; null where it may. Asks it each time. */
  foreign(): Promise<Problem | null>;
  /** Calls back once, when that is found, or was already. From then on each statement is refused with the same. */
  onForeign(hear: (why: Problem) => void): void;
}

const changedBack = new Problem({
  code: "database-version",
  text: "The database was another version's for a time, and is this program's again.",
  hint: "Start this server again.",
});

/** How it is opened. */
export interface Opening {
  /** False refuses a database that is not as this program needs it, instead of bringing it there: only a server does that, at its start. */
  migrates?: boolean;
  /** Hears each migration that is about to be applied. */
  onStep?: (name: string) => void;
}

/** Opens the embedded database of a data directory, locked and migrated. Throws a Problem: not writable, in use, damaged, too new. */
export const openDatabase = async (folder: string, opening: Opening = {}): Promise<Database> =>
  open(await embeddedConnection(folder), opening);

/** A database in memory, for tests and trials: nothing of it is kept. */
export const openMemoryDatabase = async (): Promise<Database> => open(await memoryConnection(), {});

/** Opens and migrates the PostgreSQL database of a URL. Throws a Problem: it does not answer, refuses us, is too old, or too new for us. */
export const openPostgres = async (url: string, onError: (error: Error) => void, opening: Opening = {}): Promise<Database> =>
  open(await postgresConnection(url, onError), opening);

async function open(connection: Connection, { migrates = true, onStep }: Opening): Promise<Database> {
  const migrations = readMigrations();
  try {
    if (migrates) await connection.patiently((lane) => migrate(lane, migrations, onStep));
    else await requireMigrated(connection, migrations);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return guarded(connection, migrations);
}

/**
 * Turns a query on the outer handle inside a transaction into an error that says so: PGlite would wait for itself for ever, and
 * PostgreSQL would run it beside the transaction, whatever becomes of that.
 *
 * And keeps a program from a database that another version of it has changed meanwhile: each transaction looks first whether the migrations are its own, which
 * holds up whoever would apply more until it ends. The embedded database belongs to one process, so that nobody else can.
 */
function guarded(connection: Connection, migrations: readonly Migration[]): Database {
  const inside = new AsyncLocalStorage<true>();
  const isOurs = fenceOf(migrations);
  let foreign: Problem | null = null;
  let hear: (why: Problem) => void = () => undefined;
  const find = async (): Promise<Problem | null> => {
    try {
      await requireMigrated(connection, migrations);
      // What was under way was stopped over it.
      if (foreign !== null) foreign = changedBack;
      return foreign;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Two may have asked at the same time.
      if (foreign === null) hear(error);
      return (foreign = error);
    }
  };
  const refuse = (): void => {
    if (inside.getStore() === true) throw new Error("a query inside transaction() has to use the transaction's own executor");
    if (foreign !== null) throw foreign;
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
      const begun = await lane.transaction(async (executor) => {
        if (connection.kind === "postgres" && !(await isOurs(executor))) return null;
        return { result: await inside.run(true, () => work(executor)) };
      });
      if (begun !== null) return begun.result;
      throw (await find()) ?? new Error("the database's migrations are being changed");
    },
  });
  return {
    kind: connection.kind,
    ...guard(connection),
    inbox: guard(connection.inbox),
    listen: (channel, onNotification, onGap) => connection.listen(channel, onNotification, onGap),
    foreign: find,
    onForeign: (listener) => {
      if (foreign === null) hear = listener;
      else listener(foreign);
    },
    close: () => connection.close(),
  };
}
