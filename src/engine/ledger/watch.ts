import { Problem } from "../../problem.ts";
import type { Log } from "../ports/log.ts";
import { keepLooking, type Looking } from "../looking.ts";
import { type LedgerReadings, troublesOf } from "./examine.ts";
import type { InstallationLog } from "./log.ts";

/** Seconds between two looks: what is signed together is as much as comes in meanwhile. */
const every = 60;

/** Seconds between two looks whether somebody signs; and between two alarms. */
const overdue = { every: 600, again: 3_600 };

/**
 * Raises the alarm while entries are not signed, or a place can't be reached, whoever is to do that: the signer itself may be what does not run. Until it is
 * closed; then a look that is under way is waited for.
 */
export function watchSigned(
  records: { ledgerReadings(): Promise<LedgerReadings> },
  log: Log,
  seconds: { every: number; again: number } = overdue,
): { close(): Promise<void> } {
  let quiet = 0;
  return keepLooking(async () => {
    try {
      const troubles = troublesOf(await records.ledgerReadings());
      if (quiet <= 0) for (const { text, hint } of troubles) log.error({ hint }, `the ledger: ${text}`);
      quiet = troubles.length === 0 ? 0 : quiet <= 0 ? seconds.again : quiet - seconds.every;
    } catch (error) {
      log.warn({ err: error }, "whether the ledger is signed can't be told now");
    }
  }, seconds.every);
}

/** Looks at the log now and once a minute, until it is closed; then a look that is under way is waited for. */
export function watchLog(installation: InstallationLog, log: Log, seconds = every): Looking {
  let last = "";
  return keepLooking(async () => {
    try {
      await installation.look();
      last = "";
    } catch (error) {
      // The same trouble each minute is told of once.
      const text = error instanceof Error ? error.message : String(error);
      if (text !== last) log.error(error instanceof Problem ? { hint: error.hint } : { err: error }, `the ledger is not signed: ${text}`);
      last = text;
    }
  }, seconds);
}
