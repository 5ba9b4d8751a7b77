import { sep } from "node:path";
import type { Config } from "../config.ts";
import type { FoundRow } from "../engine/doctor.ts";
import { examineLedger, type LedgerReadings } from "../engine/ledger/examine.ts";
import { Problem } from "../problem.ts";
import { controlSocket } from "./control-socket.ts";
import { ledgerOverSocket } from "./ledger-socket.ts";
import { ledgerDefaults } from "./ledger-settings.ts";

/** What `puppet-gate doctor` says of the ledger. The database is not opened for that, which might migrate it: the server that has it is asked. */
export async function examineLedgerOf(config: Config): Promise<FoundRow[]> {
  const { places } = config.ledger ?? ledgerDefaults(config.dataFolder);
  const apart = places.filter(
    (place) => /^(?:git\+)?https?:/u.test(place) || !`${place}${sep}`.startsWith(`${config.dataFolder}${sep}`),
  ).length;
  const readings = await readingsOf(config);
  if (readings === null) return [{ status: "skipped", text: "`serve` does not run here, which tells how it stands with it", hint: null }];
  return examineLedger(readings, { apart });
}

/** Null where no server runs here. */
async function readingsOf({ dataFolder }: Config): Promise<LedgerReadings | null> {
  const socket = controlSocket(dataFolder);
  try {
    return socket === null ? null : await ledgerOverSocket(socket).ledgerReadings();
  } catch (error) {
    if (error instanceof Problem && error.code === "no-server") return null;
    throw error;
  }
}
