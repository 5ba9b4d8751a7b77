import type { Measured } from "../measures/rows.ts";

/** What is asked of what is measured: see the store's `measures`. */
export interface MeasuresAsked {
  from: Date;
  to: Date;
  service: string | null;
  team: string | null;
}

export interface MeasuredRecords {
  measures(repository: number, asked: MeasuresAsked): Promise<Measured>;
  /** Up to which entry the ledger was made into measures: nothing that is measured changes without it. */
  measuredTo(): Promise<{ seq: number }>;
}

/** A year of a busy repository are some ten megabytes. */
const mostKept = 4;

/**
 * What was measured, given again while nothing more was: whoever looks at a page takes its files next, or other assumptions, and a year of fifty thousand
 * changes takes a tenth of a second to read.
 */
export function rememberingMeasures(records: MeasuredRecords): MeasuredRecords["measures"] {
  const kept = new Map<string, { seq: number; measured: Measured }>();
  return async (repository, asked) => {
    // Asked before the rows: those may be newer than that says, and are read once more then, but never the other way round.
    const { seq } = await records.measuredTo();
    const key = JSON.stringify([repository, asked.from, asked.to, asked.service, asked.team]);
    const before = kept.get(key);
    kept.delete(key);
    const one = before?.seq === seq ? before : { seq, measured: await records.measures(repository, asked) };
    kept.set(key, one);
    for (const oldest of kept.keys()) if (kept.size > mostKept) kept.delete(oldest);
    return one.measured;
  };
}
