import type { BigIntStats } from "node:fs";

import type { StoredReport } from "./stored-report.ts";

/** What was read of stored reports, by path, for as long as the file is the same by device, inode, size and times. */
export interface RememberedReports {
  /** Null where it has to be read. */
  of(path: string, found: BigIntStats, now: number): StoredReport | null;
  keep(path: string, found: BigIntStats, now: number, read: StoredReport): StoredReport;
  /** Forgets what nobody asked for in the last hour: its file is gone, or older than what is looked at. */
  forget(now: number): void;
}

interface Kept {
  state: string;
  bytes: number;
  askedAt: number;
  read: StoredReport;
}

/** A file as new as this is read again: a change within the same tick of the clock would leave its times as they were. */
const SETTLED = 2_000;
const HOUR = 3_600_000;

/** A fleet is asked about every minute, and most of its reports were there the minute before. `mostBytes` is what they take as JSON, all together. */
export function remembered(mostBytes: number): RememberedReports {
  const kept = new Map<string, Kept>();
  let bytes = 0;
  const drop = (path: string, entry: Kept | undefined): void => {
    if (entry === undefined) return;
    kept.delete(path);
    bytes -= entry.bytes;
  };
  return {
    of: (path, found, now) => {
      const entry = kept.get(path);
      if (entry?.state !== stateOf(found)) return null;
      entry.askedAt = now;
      return entry.read;
    },
    keep: (path, found, now, read) => {
      drop(path, kept.get(path));
      const json = JSON.stringify(read);
      // By way of JSON: a part of a text keeps the whole of it in memory.
      const copy = JSON.parse(json) as StoredReport;
      if (now - Number(found.ctimeMs) <= SETTLED || bytes + json.length > mostBytes) return copy;
      kept.set(path, { state: stateOf(found), bytes: json.length, askedAt: now, read: copy });
      bytes += json.length;
      return copy;
    },
    forget: (now) => {
      for (const [path, entry] of kept) if (now - entry.askedAt > HOUR) drop(path, entry);
    },
  };
}

const stateOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string => [dev, ino, size, mtimeNs, ctimeNs].join(" ");
