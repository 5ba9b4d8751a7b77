import type { Draft } from "../../ledger/entry.ts";
import type { TileName } from "../../ledger/tiles.ts";

/** What the log's signer and publisher need of the database. Entry `seq` is leaf `seq - 1`. */
export interface LedgerRecords {
  /** Leaves that there are, and how many of them the tiles have. */
  logSize(): Promise<{ entries: number; tree: number }>;
  /** Brings so many leaves at most into the tiles; all in one transaction, whoever else does the same. Gives how many the tiles have then. */
  growTree(most: number): Promise<number>;
  /** By `tileKey`; those that are not there are left out. */
  tilesOf(names: readonly TileName[]): Promise<ReadonlyMap<string, Buffer>>;
  /** Canonical forms of entries from a leaf on, in order. */
  leavesFrom(first: number, most: number): Promise<string[]>;
  /** What the log says of itself, the oldest first, with the blobs that are there. */
  logEntries(): Promise<{ index: number; entry: string; blobs: string[] }[]>;
  /** The largest that was signed; null before the first. */
  newestCheckpoint(): Promise<{ size: number; note: string; signedAt: Date } | null>;
  /** Takes the turn to sign for so many seconds, or prolongs it, of all who share the database. Null where it is taken, else who has it. */
  takeSigning(holder: string, seconds: number): Promise<string | null>;
  endSigning(holder: string): Promise<void>;
  saveCheckpoint(checkpoint: { size: number; note: string }, at: Date): Promise<void>;
  places(): Promise<PlaceState[]>;
  savePlace(state: PlaceState): Promise<void>;
  /** In a transaction of their own. `repository` 0 is the installation. */
  recordLog(drafts: readonly Draft[], at: Date): Promise<void>;
}

/** How it stands with one place. */
export interface PlaceState {
  name: string;
  /** Of the newest checkpoint that is known to be there; null before the first. */
  size: number | null;
  toldAt: Date | null;
  /** Null where the last try went well. */
  failingSince: Date | null;
  why: string | null;
}

/** The last checkpoint that was signed, kept apart from the database: a restored database can't take it back. */
export interface KeptCheckpoint {
  /** In words: a path. */
  name: string;
  /** Null where there is none. */
  read(): Promise<string | null>;
  /** On the disk when it resolves, all or nothing. */
  write(note: string): Promise<void>;
}

/** What a new checkpoint brings. */
export interface Publication {
  /** The signed note. */
  note: string;
  size: number;
  /** Of the checkpoint that was there before; 0 for none. */
  before: number;
  /** The whole or partial tile as it is at `size`. */
  tile(name: TileName & { width: number }): Promise<Buffer>;
  /** The entries beside a tile of level 0, as tlog-tiles serves them. */
  bundle(index: number, width: number): Promise<Buffer>;
}

/** Somewhere that checkpoints are published, out of reach of whoever has the database. Rejects with a Problem where it can't be reached now. */
export interface PublicPlace {
  name: string;
  /** The checkpoint that it has, null where it has none; absent where it can't be asked. */
  read?(): Promise<string | null>;
  /** Told again after a kill, it comes to the same. */
  publish(publication: Publication): Promise<void>;
}
