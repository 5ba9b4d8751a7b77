import { Client, Pool, TypeOverrides, types as oids } from "pg";
import type { ClientConfig, PoolClient, QueryResult } from "pg";
import type { Connection, Lane } from "./database.ts";
import type { Executor } from "./executor.ts";
import { listenOn } from "./listen.ts";
import { readMigrations } from "./migrate.ts";
import { connectionProblem, oldestVersion, tooOld } from "./postgres-problems.ts";

/** Seconds to wait for a connection, and for the answer to a statement: a network that swallows packets must not hang a delivery for ever. */
const patience = { connect: 5, query: 60 };
/**
 * For turns, checks and sweeps, which ask several things at once; and for deliveries alone, so that none waits behind those.
 * PostgreSQL's own limit is a hundred.
 */
const connections = { work: 10, inbox: 4 };

/** All of a server: those, and the one that listens. */
export const connectionsOfServer = connections.work + connections.inbox + 1;

/** What the database calls our connections, and those of all versions begin with. */
export const programName = "puppet-gate";

/** With how many migrations we know, so that `doctor` sees a server of an older version that was forgotten. */
const ownName = `${programName}/${readMigrations().length}`;

/** As PGlite reads them: a bigint is a number as far as numbers are exact. Everything else, points in time too, is the same by itself. */
const types = new TypeOverrides();
types.setTypeParser(oids.builtins.INT8, (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value)));

/** PostgreSQL by its URL, as `postgres://user:password@host:port/database`. The password is in none of the errors. */
export async function postgresConnection(url: string, onError: (error: Error) => void): Promise<Connection> {
  const settings: ClientConfig = {
    connectionString: url,
    application_name: ownName,
    connectionTimeoutMillis: patience.connect * 1000,
    query_timeout: patience.query * 1000,
    // A process that stands still inside a transaction holds locks that others wait for.
    idle_in_transaction_session_timeout: patience.query * 1000,
    keepAlive: true,
    types,
  };
  const pool = new Pool({ ...settings, max: connections.work });
  const inbox = new Pool({ ...settings, max: connections.inbox });
  // A connection that breaks while nobody uses it is replaced by the next one asked for; unheard, its error would end the process.
  for (const each of [pool, inbox]) each.on("error", onError);
  const asked = performance.now();
  try {
    const { rows } = await pool.query<{ version: number }>("select current_setting('server_version_num')::int as version");
    if ((rows[0]?.version ?? 0) < oldestVersion * 10_000) throw tooOld(url, rows[0]?.version ?? 0);
  } catch (error) {
    const waited = (performance.now() - asked) / 1000;
    await pool.end();
    throw connectionProblem(url, error, { waited, patience: patience.connect });
  }
  return {
    kind: "postgres",
    ...laneOf(pool),
    inbox: laneOf(inbox),
    patiently: async (work) => {
      const patient = new Pool({ ...settings, query_timeout: 0, max: 1 });
      patient.on("error", onError);
      try {
        return await work(laneOf(patient));
      } finally {
        await patient.end();
      }
    },
    listen: (channel, onNotification, onGap) => listenOn(() => new Client(settings), channel, { onNotification, onGap, onError }),
    close: async () => {
      await inbox.end();
      await pool.end();
    },
  };
}

const laneOf = (pool: Pool): Lane => ({ ...executorOf(pool), transaction: (work) => inTransaction(pool, work) });

const executorOf = (client: Pool | PoolClient): Executor => ({
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as in Executor
  query: async <Row>(sql: string, parameters?: unknown[]) => {
    const { rows, rowCount } = await client.query(parameters === undefined ? { text: sql } : { ...named(sql), values: parameters });
    return { rows: rows as Row[], affectedRows: rowCount ?? 0 };
  },
  exec: async (sql) => {
    // Several statements give several results, which the types of pg do not know.
    const results = (await client.query(sql)) as QueryResult | QueryResult[];
    return [results].flat().map(({ rows }) => ({ rows: rows as unknown[] }));
  },
});

/** Statements by their text, under the names that connections keep their plans by: parsing and planning anew took most of a delivery's time. */
const names = new Map<string, string>();
/** Beyond this many, texts are not ours but made up each time, and are not worth keeping. */
const mostNames = 500;

function named(text: string): { text: string; name?: string } {
  const known = names.get(text);
  if (known !== undefined) return { name: known, text };
  if (names.size >= mostNames) return { text };
  const name = `gate_${names.size}`;
  names.set(text, name);
  return { name, text };
}

async function inTransaction<T>(pool: Pool, work: (executor: Executor) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | null = null;
  const onClientError = (error: Error): void => {
    broken = error;
  };
  // While a connection is lent out the pool does not hear its errors, and nobody's would end the process.
  client.on("error", onClientError);
  try {
    await client.query("begin");
    const result = await work(executorOf(client));
    await client.query("commit");
    return result;
  } catch (error) {
    broken ??= await client.query("rollback").then(
      () => null,
      (failure: unknown) => (failure instanceof Error ? failure : new Error(String(failure))),
    );
    throw error;
  } finally {
    client.removeListener("error", onClientError);
    client.release(broken ?? undefined);
  }
}
