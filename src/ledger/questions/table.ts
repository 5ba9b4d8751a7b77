import type { EntryKind } from "../entry.ts";
import type { Trail } from "./trail.ts";

/** One line of an answer. `entry` is the place in the log of what it rests on most: there it can be proven. */
export interface Row {
  entry: number;
  /** When what is asked about happened, by which periods are asked: of an approval, when its change landed. */
  at: string;
  repo: number;
  subject: string;
  /** A commitment, or null. */
  actor: string | null;
  outcome: string;
  [column: string]: string | number | boolean | null;
}

/** Columns whose values are commitments, one or more with a blank between. */
export const personal: ReadonlySet<string> = new Set(["actor", "reviewer", "approvedBy", "broughtBy", "askedBy", "writtenBy"]);

/** What is asked, besides which rows. */
export interface Given {
  /** ISO 8601: the present, to which what is open is open. */
  now: string;
  /** Hours within which a review that is owed is due. */
  limit: number;
  /** A certname. */
  node: string | null;
  /** ISO 8601: the moment that is asked about; null for the newest. */
  at: string | null;
}

/** Sees all rows in the order of the log, some at a time, and gives others for them. */
export interface Finish {
  add: (rows: readonly Row[]) => Row[];
  /** What is told once all were seen. */
  end: () => Row[];
}

/** Columns that every row has. */
export const common = ["entry", "at", "repo", "subject", "actor", "outcome"] as const;

/** A question that auditors ask, by its number on their list. */
export interface Question {
  number: number;
  name: string;
  asks: string;
  /** What an answer can't say, since nobody recorded it; null where it is whole. */
  missing: string | null;
  /** Kinds of entries that an answer begins with: whatever they are about is looked at. */
  anchors: readonly EntryKind[];
  /** Kinds of the same subjects that are looked at besides; with none, an anchor's own entry is all that its rows are made of. */
  beside: readonly EntryKind[];
  /** Kinds that are looked at whatever they are about. */
  also: readonly EntryKind[];
  /** False where the entries alone tell, without their texts. */
  texts: boolean;
  /** Columns of its rows besides those that every row has: the same in every file, whatever was found. */
  columns: readonly string[];
  /** Rows of some anchors, in their order; of what these are about, all entries of the kinds above are beside them. */
  answer: (trail: Trail, given: Given) => Row[];
  /** Where rows of several anchors say more together. */
  finish?: (given: Given) => Finish;
  /** Whether `finish` needs rows of before the period, too. */
  history?: true;
  /** What the changes that rows name (`change`) tell besides, by entries of these kinds about them. */
  complete?: { kinds: readonly EntryKind[]; rows: (rows: readonly Row[], trail: Trail) => Row[] };
}
