import { Problem } from "../../problem.ts";
import type { Log } from "../gate-ports.ts";
import type { InstallationLog } from "./log.ts";

/** Seconds between two looks: what is signed together is as much as comes in meanwhile. */
const every = 60;

/** Looks at the log now and once a minute, until it is closed; then a look that is under way is waited for. */
export function watchLog(installation: InstallationLog, log: Log, seconds = every): { close(): Promise<void> } {
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let last = "";
  const look = async (): Promise<void> => {
    try {
      await installation.look();
      last = "";
    } catch (error) {
      // The same trouble each minute is told of once.
      const text = error instanceof Error ? error.message : String(error);
      if (text !== last) log.error(error instanceof Problem ? { hint: error.hint } : { err: error }, `the ledger is not signed: ${text}`);
      last = text;
    }
    if (closed) return;
    timer = setTimeout(() => {
      looking = look();
    }, seconds * 1000);
  };
  let looking = look();
  return {
    close: async () => {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await looking;
    },
  };
}
