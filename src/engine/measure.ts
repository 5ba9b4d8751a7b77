import { toTold, type Told } from "../ledger/questions/trail.ts";
import type { Entry } from "../ledger/entry.ts";
import { landingKinds, measuredKinds, stepsOf, type Step } from "../measures/steps.ts";
import type { Log } from "./ports/log.ts";
import { keepLooking } from "./looking.ts";

interface KeptEntry {
  seq: number;
  entry: Entry;
}

/** What making measures of the ledger needs of the store. */
export interface MeasureRecords {
  measuredTo(): Promise<{ seq: number; of: number }>;
  entriesBehind(seq: number, most: number, kinds: readonly string[]): Promise<KeptEntry[]>;
  entriesAbout(changes: readonly { repository: number; subject: string }[], kinds: readonly string[]): Promise<KeptEntry[]>;
  blobsOf(digests: readonly string[]): Promise<{ sha256: string; blob: string }[]>;
  /** In a transaction; false where another process was there first. */
  addMeasures(range: { from: number; to: number }, steps: readonly Step[]): Promise<boolean>;
}

const atOnce = 1_000;

/** Makes entries into measures, a thousand of them at most. Gives whether there are more. Killed anywhere, it goes on where it was. */
export async function measureNext(records: MeasureRecords): Promise<boolean> {
  const { seq, of } = await records.measuredTo();
  if (seq >= of) return false;
  const to = Math.min(of, seq + atOnce);
  const next = await records.entriesBehind(seq, to - seq, measuredKinds);
  const landed = next.flatMap(({ entry: { kind, repo, subject } }) => (kind === "landed" ? [{ repository: repo, subject }] : []));
  const once = [...new Map(landed.map((change) => [`${change.repository}/${change.subject}`, change])).values()];
  const behind = await records.entriesAbout(once, landingKinds);
  const blobs = await records.blobsOf([...next, ...behind].flatMap(({ entry }) => entry.evidence.slice(0, 1)));
  const texts = new Map(blobs.map(({ sha256, blob }) => [sha256, blob]));
  const told = ({ seq: place, entry }: KeptEntry): Told => toTold(place - 1, JSON.stringify(entry), (sha256) => texts.get(sha256));
  await records.addMeasures({ from: seq, to }, stepsOf(next.map(told), behind.map(told)));
  return to < of;
}

/** Seconds between two looks. */
const every = 20;

/** Keeps measures as new as the ledger, until it is closed; then what is under way is waited for. */
export function keepMeasuring(records: MeasureRecords, log: Pick<Log, "error">, seconds = every): { close(): Promise<void> } {
  let last = "";
  return keepLooking(async (isClosed) => {
    try {
      let more = true;
      while (more) more = (await measureNext(records)) && !isClosed();
      last = "";
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // The same trouble is told of once.
      if (text !== last) log.error({ err: error }, "what is measured is not kept up to date: the page of measures is old");
      last = text;
    }
  }, seconds);
}
