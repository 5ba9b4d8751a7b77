/** What is measured, as the store has it. Times are milliseconds since 1970; null for what has not happened, or nobody knows of. */
export interface MeasuredChange {
  number: number;
  openedAt: number | null;
  /** When somebody approved it first. */
  reviewedAt: number | null;
  landedAt: number | null;
  /** When the last lane had a release with it verified. */
  everywhereAt: number | null;
  /** Whether it was merged on the word of somebody who had contributed to it; null where that is not known. */
  own: boolean | null;
  /** Whether it landed by break-glass. */
  glass: boolean;
  /** Whether somebody merged it around the gate. */
  outside: boolean;
  services: readonly string[];
  teams: readonly string[];
}

/** What came into the first lane as one. */
export interface MeasuredRelease {
  release: string;
  enteredAt: number;
  /** When the fleet halted it in a lane first, or it was taken back from one. */
  failedAt: number | null;
  /** When that lane was well again. */
  restoredAt: number | null;
  doneAt: number | null;
  /** When a change of it was taken back, within a week after it came into the first lane. */
  revertedAt: number | null;
  /** When a hotfix landed that reaches one of its services, within the same week, and none of a newer release. */
  hotfixedAt: number | null;
  services: readonly string[];
  teams: readonly string[];
}

export interface Measured {
  changes: readonly MeasuredChange[];
  releases: readonly MeasuredRelease[];
}
