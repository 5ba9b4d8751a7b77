import type { Database } from "../store/database.ts";
import type { ledgerRecords } from "../store/ledger-records.ts";
import { readLedgerConfig } from "./ledger-settings.ts";

export type LedgerDatabase = ReturnType<typeof ledgerRecords>;

/** The records of the installation. The embedded database is one process's: while `serve` runs, nobody else can ask it. */
export async function withRecords<T>(
  { env, cwd }: { env: Readonly<Record<string, string | undefined>>; cwd: () => string },
  work: (records: LedgerDatabase) => Promise<T>,
): Promise<T> {
  const { dataFolder, databaseUrl } = readLedgerConfig(env, cwd());
  const { openDatabase, openPostgres } = await import("../store/database.ts");
  const { ledgerRecords: recordsOf } = await import("../store/ledger-records.ts");
  const database: Database = databaseUrl === undefined ? await openDatabase(dataFolder) : await openPostgres(databaseUrl, () => undefined);
  try {
    return await work(recordsOf(database));
  } finally {
    await database.close();
  }
}
