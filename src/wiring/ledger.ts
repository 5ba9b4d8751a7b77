import type { LedgerSettings } from "../config.ts";
import type { LedgerRecords, PublicPlace } from "../engine/ledger/ledger-ports.ts";
import { createLog, type InstallationLog } from "../engine/ledger/log.ts";
import type { Log } from "../engine/gate-ports.ts";
import { directoryPlace } from "../store/ledger/directory.ts";
import { keptFile } from "../store/ledger/kept-file.ts";
import { newKey, readKeys, writeKeys, type LogKeys } from "../store/ledger/key-file.ts";

/** The installation's log, by what the environment says of it. */
export const logOf = (
  settings: LedgerSettings,
  { records, now, log }: { records: LedgerRecords; now: () => Date; log: Log },
): InstallationLog =>
  createLog({
    records,
    now,
    log,
    kept: keptFile(settings.kept),
    keys: {
      read: () => readKeys(settings.key),
      make: async (): Promise<LogKeys> => {
        const keys: LogKeys = { current: newKey(settings.origin), previous: null };
        await writeKeys(settings.key, keys);
        return keys;
      },
    },
    places: settings.places.map((place): PublicPlace => directoryPlace(place)),
  });
