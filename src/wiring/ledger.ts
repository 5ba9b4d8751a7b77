import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { LedgerSettings } from "../config.ts";
import type { LedgerRecords, PublicPlace } from "../engine/ports/ledger.ts";
import { createLog, type InstallationLog } from "../engine/ledger/log.ts";
import type { Log } from "../engine/ports/log.ts";
import { checkpointBranch } from "../git/checkpoint-branch.ts";
import type { Draft } from "../ledger/entry.ts";
import { verifierKey } from "../ledger/keys.ts";
import { succeededDraft } from "../ledger/log-keys.ts";
import { directoryPlace } from "../store/ledger/directory.ts";
import { webhookPlace } from "../store/ledger/webhook.ts";
import { keptFile } from "../store/ledger/kept-file.ts";
import { newKey, readKeys, writeKeys, type LogKeys } from "../store/ledger/key-file.ts";

interface LogParts {
  records: LedgerRecords;
  now: () => Date;
  log: Log;
  /** Absolute; copies of branches are kept there. */
  dataFolder: string;
  /** A token for a repository, by its address, where the environment gives none. */
  tokenFor?: (url: string) => Promise<string | null>;
}

/** The installation's log, by what the environment says of it. */
export const logOf = (
  settings: LedgerSettings,
  { records, now, log, dataFolder, tokenFor = async () => null }: LogParts,
): InstallationLog =>
  createLog({
    records,
    now,
    log,
    holder: `${hostname()}, process ${process.pid} (${randomUUID().slice(0, 8)})`,
    kept: keptFile(settings.kept),
    keys: {
      read: () => readKeys(settings.key),
      make: async (): Promise<LogKeys> => {
        const keys: LogKeys = { current: newKey(settings.origin), previous: null };
        await writeKeys(settings.key, keys);
        return keys;
      },
    },
    places: settings.places.map((place): PublicPlace => {
      if (!place.startsWith("git+")) return /^https?:/u.test(place) ? webhookPlace(place) : directoryPlace(place);
      const [url = "", branch = ""] = place.slice("git+".length).split("#");
      const folder = join(dataFolder, "mirrors", `ledger-${createHash("sha256").update(place).digest("hex").slice(0, 16)}.git`);
      return checkpointBranch({ url, branch, folder, credentials: async () => settings.token ?? tokenFor(url) });
    }),
  });

/**
 * Begins a new log over the entries that the database has: a key and a name of its own, and an entry that names the last checkpoint of the log before. Gives its key.
 * What the old one kept apart is put aside and stays.
 */
export async function succeed(settings: LedgerSettings, records: SucceedRecords, reason: string): Promise<string> {
  const kept = keptFile(settings.kept);
  const last = await kept.read();
  const keys: LogKeys = { current: newKey(settings.origin), previous: null };
  const at = new Date();
  await records.beginLog([succeededDraft(keys.current, { last, reason })], at);
  const aside = at.toISOString().replaceAll(":", "");
  for (const path of [settings.key, settings.kept]) if (existsSync(path)) await rename(path, `${path}.${aside}`);
  await writeKeys(settings.key, keys);
  return verifierKey(keys.current);
}

interface SucceedRecords {
  /** Forgets tree, checkpoints and places, and records what is told; all in one transaction. */
  beginLog(drafts: readonly Draft[], at: Date): Promise<void>;
}
