import { createHash } from "node:crypto";
import { PGlite, type Transaction } from "@electric-sql/pglite";
import type { Database } from "../../src/store/database.ts";
import type { Executor } from "../../src/store/executor.ts";
import { running, type Owner } from "./clock.ts";
import type { Steps } from "./steps.ts";

/** One PostgreSQL for all of a seed's processes: PGlite, with one transaction at a time. */
export interface Disk {
  pglite: PGlite;
  /** The transaction that is open. */
  open: object | null;
  listeners: { owner: Owner; hear: (payload: string) => void }[];
  /** Asked at each notification: false loses it. */
  tells: () => boolean;
}

/** pg-boss's channel for the schema `jobs`. */
const channel = `pgboss_${createHash("sha224").update("jobs").digest("hex").slice(0, 24)}`;

export async function openDisk(): Promise<Disk> {
  const disk: Disk = { pglite: await PGlite.create("memory://"), open: null, listeners: [], tells: () => true };
  await disk.pglite.listen(channel, (payload) => {
    if (!disk.tells()) return;
    for (const { owner, hear } of disk.listeners) if (!owner.dead) running.run(owner, () => hear(payload));
  });
  return disk;
}

/** The database as one process has it. Whatever it asks waits for the simulation; of a process that was killed, nothing is kept that was not committed. */
export interface ProcessDatabase extends Database {
  /** Undoes what is open, as a server does when a connection breaks. */
  breakOff(): Promise<void>;
}

/**
 * @param shared whether other processes use it too, so that only a lease that ended tells that its holder is gone
 * @param onLease hears of each lease that was taken
 */
export function databaseFor(
  disk: Disk,
  steps: Steps,
  { owner, shared, onLease }: { owner: Owner; shared: boolean; onLease: (name: string) => void },
): ProcessDatabase {
  const { pglite } = disk;
  let broken: (() => Promise<void>) | null = null;
  const operation = (label: string, within: object | null, parameters: readonly unknown[] = []) => ({
    owner,
    kind: "database" as const,
    label,
    landing: /^\s*insert into landings .* 'intended'/u.test(label) ? { repo: Number(parameters[0]), number: Number(parameters[1]) } : null,
    isFree: () => disk.open === within,
  });
  const executorOn = (on: Pick<PGlite | Transaction, "query" | "exec">, within: object | null): Executor => ({
    query: <Row>(sql: string, parameters?: unknown[]) =>
      steps.ask(operation(sql, within, parameters), async () => {
        const result = await on.query<Row>(sql, parameters);
        if (/^\s*insert into leases /u.test(sql) && result.rows.length > 0) onLease(String(parameters?.[0]));
        return result;
      }),
    exec: (sql) => steps.ask(operation(sql, within), () => execOn(on, sql)),
  });
  const transaction = async <T>(work: (executor: Executor) => Promise<T>): Promise<T> => {
    const me = {};
    const end = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<Transaction>();
    let whole: Promise<void> = Promise.resolve();
    /** PostgreSQL is through with it, whatever came of it. */
    const over = async (): Promise<void> => {
      await Promise.allSettled([whole]);
      if (disk.open === me) disk.open = null;
      broken = null;
      steps.stir();
    };
    const inside = await steps.ask(operation("begin", null), async () => {
      disk.open = me;
      whole = pglite.transaction(async (executor) => {
        begun.resolve(executor);
        await end.promise;
      });
      whole.catch(() => undefined); // said to whoever waits for the commit
      broken = async () => {
        end.reject(new Error("killed"));
        await over();
      };
      return begun.promise;
    });
    let result: T;
    try {
      result = await work(executorOn(inside, me));
    } catch (error) {
      end.reject(new Error("undone"));
      await over();
      throw error;
    }
    await steps.ask(operation("commit", me), async () => {
      end.resolve();
      await over();
      await whole;
    });
    return result;
  };
  const lane = { ...executorOn(pglite, null), transaction };
  return {
    kind: shared ? "postgres" : "embedded",
    ...lane,
    inbox: lane,
    listen: async (name, onNotification, onGap) => {
      if (name !== channel) throw new Error(`nobody notifies ${name}`);
      const listener = { owner, hear: onNotification };
      disk.listeners.push(listener);
      onGap();
      return { close: async () => void disk.listeners.splice(disk.listeners.indexOf(listener), 1) };
    },
    foreign: async () => null,
    onForeign: () => undefined,
    close: async () => undefined,
    breakOff: async () => {
      disk.listeners = disk.listeners.filter((listener) => listener.owner !== owner);
      await broken?.();
    },
  };
}

/** Several statements may begin a transaction and fail in it: whoever has a connection of their own gives that back, and this one is everybody's. */
async function execOn(on: Pick<PGlite | Transaction, "query" | "exec">, sql: string): ReturnType<PGlite["exec"]> {
  try {
    return await on.exec(sql);
  } catch (error) {
    if (/^\s*begin/iu.test(sql)) await on.exec("rollback");
    throw error;
  }
}
