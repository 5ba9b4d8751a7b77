import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Problem } from "../problem.ts";
import type { Database, openDatabase } from "../store/database.ts";
import type { ledgerRecords } from "../store/ledger-records.ts";
import { controlSocket } from "./control-socket.ts";
import type { Environment } from "../config.ts";
import { readLedgerConfig } from "./ledger-settings.ts";
import { ledgerOverSocket } from "./ledger-socket.ts";

export type LedgerDatabase = ReturnType<typeof ledgerRecords>;

/** The environment with a data folder that was given by hand. */
export const withData = (env: Environment, folder: string | undefined): Environment =>
  folder === undefined ? env : { ...env, PUPPET_GATE_DATA: folder };

/** Seconds that a server may take to start or to end while a command waits for it. */
const patience = 10;

/**
 * The records of the installation. The embedded database is one process's: while `serve` runs, the same records are asked of it over its socket. Throws a
 * Problem where neither can be had.
 */
export async function withRecords<T>(
  { env, cwd }: { env: Environment; cwd: () => string },
  work: (records: LedgerDatabase) => Promise<T>,
): Promise<T> {
  const { dataFolder, databaseUrl } = readLedgerConfig(env, cwd());
  const databases = await import("../store/database.ts");
  const { ledgerRecords: recordsOf } = await import("../store/ledger-records.ts");
  const open = async (): Promise<Database | LedgerDatabase> =>
    databaseUrl === undefined
      ? openedOrServed(dataFolder, databases.openDatabase)
      : databases.openPostgres(databaseUrl, () => undefined, { migrates: false });
  const opened = await open();
  if (!("transaction" in opened)) return work(opened);
  try {
    return await work(recordsOf(opened));
  } finally {
    await opened.close();
  }
}

async function openedOrServed(folder: string, open: typeof openDatabase): Promise<Database | LedgerDatabase> {
  const { embeddedFolder } = await import("../store/embedded.ts");
  // Opening would make one there, and a folder that was mistyped would answer that nothing ever happened.
  if (!existsSync(embeddedFolder(folder)))
    throw new Problem({
      code: "no-database",
      text: `No puppet-gate has kept anything in ${folder}: there is no database in it.`,
      hint: "Give the server's own data folder: --data DIR, or PUPPET_GATE_DATA as the server has it; DATABASE_URL where it has a PostgreSQL.",
    });
  const socket = controlSocket(folder);
  for (const until = Date.now() + patience * 1000; ; await wait(200)) {
    try {
      return await open(folder, { migrates: false });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "data-directory-locked" || socket === null) throw error;
    }
    try {
      const served = ledgerOverSocket(socket);
      await served.logSize();
      return served;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "no-server" || Date.now() > until) throw error;
    }
  }
}
