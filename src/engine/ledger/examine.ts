import type { FoundRow } from "../doctor.ts";

/** How it stands with the ledger; seconds. */
export interface LedgerReadings {
  entries: number;
  /** The newest checkpoint; null before the first. */
  signed: { size: number; age: number } | null;
  /** How old the oldest entry is that no checkpoint has; null where all are signed. */
  unsigned: number | null;
  /** Where it is published: entries of the newest checkpoint that a place does not have, and since when it can't be reached; null where it can. */
  places: readonly { place: string; behind: number; failing: number | null }[];
}

/** Seconds that entries may wait for their signature: it is made once a minute, and restarts and upgrades are over by then. */
const patience = 3_600;

/** What is wrong with the ledger, in the order of what matters; empty where nothing is. */
export function troublesOf({ unsigned, places }: LedgerReadings): { text: string; hint: string }[] {
  const late = unsigned !== null && unsigned > patience;
  return [
    ...(late
      ? [
          {
            text: `the oldest entry that is not signed is ${spanOf(unsigned)} old`,
            hint: "See the log of whatever signs: `serve`, or `puppet-gate ledger sign` where PUPPET_GATE_LEDGER_SIGN=apart. `puppet-gate ledger sign --once` says what is wrong.",
          },
        ]
      : []),
    ...places.flatMap(({ place, failing }) =>
      failing === null || failing <= patience
        ? []
        : [
            {
              text: `nothing could be published at ${place} for ${spanOf(failing)}`,
              hint: "`puppet-gate ledger sign --once` says why; docs/audit.md tells what each place needs.",
            },
          ],
    ),
  ];
}

/** For `puppet-gate doctor`. `apart`: how many places are configured that are not in the data folder. */
export function examineLedger(readings: LedgerReadings, { apart }: { apart: number }): FoundRow[] {
  const { entries, signed, places } = readings;
  const troubles = troublesOf(readings);
  if (troubles.length > 0) return troubles.map((one) => ({ status: "fail", ...one }));
  const head = signed === null ? "nothing is signed yet" : `${signed.size} signed, the last ${spanOf(signed.age)} ago`;
  const text = `${entries} entries, ${head}, at ${places.length} ${places.length === 1 ? "place" : "places"}`;
  if (apart >= 2) return [{ status: "pass", text, hint: null }];
  const why = apart === 1 ? "one place alone is out of this machine's reach" : "no place is out of this machine's reach";
  const hint =
    "Name two places in PUPPET_GATE_LEDGER_PLACES that whoever has the database can't write to (docs/audit.md): without them a log that was made anew is found by nobody.";
  return [{ status: "advice", text: `${text}; ${why}`, hint }];
}

function spanOf(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} seconds`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} hours` : `${Math.round(seconds / 86_400)} days`;
}
