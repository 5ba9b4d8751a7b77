import { PgBoss, type ConnectionOptions } from "pg-boss";
import type { Database } from "./database.ts";
import type { Executor } from "./executor.ts";

/**
 * The queues, as pg-boss keeps them in the schema `jobs` of the same database. What it is used for: a job is sent, put forward, fetched
 * and removed in our own transactions, and NOTIFY tells of it. What it is not used for, each seen in its source (12.35):
 * - Its policy `stately` (one active, one queued): a fetch that meets a queued job whose key is active fails on the index and comes back
 *   empty, and so holds up every other job of the queue; against that it leaves out keys that were active when its monitor last looked,
 *   which is a minute ago. `short` (one queued) with one active job per group, the repository, comes to the same without either.
 * - `send` on a key that is queued already does nothing and locks nothing: that job can be fetched and done before the sending
 *   transaction commits, and the wake is lost. `upsert` locks the queued job until the commit, one at a time and in statements of its own:
 *   `statements/wakes.ts` does the same in the statement that takes in a delivery.
 * - Its retries know a fixed or an exponential delay, in whole seconds; ours come from a table and from what failed.
 * - Its heartbeats are at least ten seconds long, and its expiry fences nothing but its own tables: leases do both.
 */
export interface Jobs {
  boss: PgBoss;
  /** Ends the queues, not the database. */
  stop(): Promise<void>;
}

type IDatabase = NonNullable<ConnectionOptions["db"]>;

/** A job runs at most this long by pg-boss's own count, which nobody looks at: leases end with the process that holds them. */
const longest = 23 * 3_600;

/** Begins the queues. `onNews` hears when one got a job, and when some news may have been missed. */
export async function openJobs(
  database: Database,
  { onNews, onError }: { onNews: () => void; onError: (error: Error) => void },
): Promise<Jobs> {
  const boss = new PgBoss({
    db: bossDatabase(database, onNews),
    backend: database.kind === "embedded" ? "pglite" : "postgres",
    schema: "jobs",
    useListenNotify: true,
    // Ended jobs are removed at once, so that there is nothing to expire, to count or to clean.
    supervise: false,
    schedule: false,
  });
  boss.on("error", onError);
  boss.on("warning", ({ message }) => onError(new Error(message)));
  await boss.start();
  const common = { notify: true, retryLimit: 0, expireInSeconds: longest };
  await boss.createQueue("advance", { ...common, policy: "short" });
  await boss.createQueue("check", { ...common, policy: "exclusive" });
  await boss.createQueue("night", { ...common, policy: "exclusive" });
  await boss.createQueue("roll", { ...common, policy: "exclusive" });
  await boss.createQueue("tell", { ...common, policy: "exclusive" });
  await boss.createQueue("sweep", { ...common, policy: "exclusive" });
  // What a queue is like is read once and kept: read for the first time inside a transaction, it would wait for that on PGlite.
  for (const name of ["advance", "check", "night", "roll", "tell", "sweep"]) await boss.findJobs(name, { key: "" });
  return { boss, stop: () => boss.stop({ close: false, graceful: false }) };
}

function bossDatabase(database: Database, onNews: () => void): IDatabase {
  return {
    executeSql: async (text, values) => {
      if (values !== undefined && values.length > 0) return database.query(text, values);
      return { rows: (await database.exec(text)).flatMap(({ rows }) => rows) };
    },
    listen: (channel, onNotification, onReconnect) =>
      database.listen(
        channel,
        (payload) => {
          onNotification(payload);
          onNews();
        },
        () => {
          onReconnect();
          onNews();
        },
      ),
  };
}

/** One transaction of ours, as pg-boss takes it. */
export const within = (executor: Executor): { db: IDatabase } => ({
  db: { executeSql: (text, values) => executor.query(text, values) },
});
