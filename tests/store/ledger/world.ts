import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LedgerSettings } from "../../../src/config.ts";
import { ledgerDefaults } from "../../../src/wiring/ledger-settings.ts";
import type { Log } from "../../../src/engine/ports/log.ts";
import type { InstallationLog, Looked } from "../../../src/engine/ledger/log.ts";
import type { Draft } from "../../../src/ledger/entry.ts";
import type { Database } from "../../../src/store/database.ts";
import { ledgerRecords } from "../../../src/store/ledger-records.ts";
import { appendEntries } from "../../../src/store/statements/ledger.ts";
import { logOf } from "../../../src/wiring/ledger.ts";
import { openTestDatabase } from "../open.ts";

/** A real database with a log that is signed into real files. */
export interface LedgerWorld {
  folder: string;
  database: Database;
  settings: LedgerSettings;
  records: ReturnType<typeof ledgerRecords>;
  /** What was said as an error. */
  said: string[];
  /** So many seconds go by. */
  later(seconds: number): void;
  now(): Date;
  /** Appends so many entries about a pull request of repository 1, or of another. */
  append(count: number, more?: Partial<Draft> & { repository?: number }): Promise<void>;
  /** A signer as after a start. */
  log(settings?: Partial<LedgerSettings>): InstallationLog;
  look(): Promise<Looked>;
  /** Does what no statement of the product can: as whoever owns the database. */
  tamper(sql: string): Promise<void>;
  close(): Promise<void>;
}

/** Empties the database that is given; without one it opens its own, and closes that. */
export async function ledgerWorld(shared?: Database): Promise<LedgerWorld> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-ledger-"));
  const database = shared ?? (await openTestDatabase());
  await database.exec(
    `alter table entries disable trigger all; truncate entries, evidence, actors, tiles, checkpoints, places;
     alter table entries enable trigger all; update ledger set size = 0; update tree set size = 0; update signing set held_until = '-infinity';`,
  );
  let ahead = 0;
  let count = 0;
  const now = (): Date => new Date(Date.parse("2026-11-01T12:00:00Z") + ahead);
  const said: string[] = [];
  const quiet: Log = { info: () => undefined, warn: () => undefined, error: (_, text) => said.push(text) };
  const settings = ledgerDefaults(folder);
  const records = ledgerRecords(database);
  const log = (otherwise: Partial<LedgerSettings> = {}): InstallationLog =>
    logOf({ ...settings, ...otherwise }, { records, now, log: quiet, dataFolder: folder });
  const installation = log();
  return {
    folder,
    database,
    settings,
    records,
    said,
    now,
    later: (seconds) => {
      ahead += seconds * 1000;
    },
    append: async (entries, { repository = 1, ...otherwise } = {}) => {
      const drafts = Array.from({ length: entries }, (): Draft => {
        count += 1;
        return { kind: "verdict", subject: "pull/7", actor: 7, evidence: [`{"n":${count}}`], key: `verdict:${count}`, ...otherwise };
      });
      await database.transaction((executor) => appendEntries(executor, repository, drafts, now()));
    },
    log,
    look: () => installation.look(),
    tamper: async (sql) => {
      await database.exec(`alter table entries disable trigger all; ${sql}; alter table entries enable trigger all;`);
    },
    close: async () => {
      if (shared === undefined) await database.close();
      await rm(folder, { recursive: true });
    },
  };
}
