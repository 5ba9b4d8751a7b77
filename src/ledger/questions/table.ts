/** One line of an answer. `entry` is the place in the log of what it rests on most: there it can be proven. */
export interface Row {
  entry: number;
  at: string;
  repo: number;
  subject: string;
  /** A commitment, or null. */
  actor: string | null;
  outcome: string;
  [column: string]: string | number | boolean | null;
}

/** A question that auditors ask, by its number on their list. */
export interface Question {
  number: number;
  name: string;
  asks: string;
  /** What an answer can't say, since nobody recorded it; null where it is whole. */
  missing: string | null;
}
