/**
 * The cache of base's compiles: what they said, kept from check to check. Only what base's own sandbox said may go in. Everything in it is
 * sealed under a key that is not kept with it, names too, so that whoever has the cache alone learns nothing and can put nothing in.
 *
 * Nothing here ever rejects. An entry that is missing, broken, forged, of another version or under another key is absent; what can't be
 * written is not kept. The cost is a compile more.
 */
export interface CompileCache {
  /** What was written last under this key, or null. */
  read(key: string): Promise<Buffer | null>;
  /** Keeps it for a time, whole or not at all. The key says everything that the content depends on. */
  write(key: string, body: Buffer): Promise<void>;
  /** A record of a scope by its name, or null. Records are small and can be replaced. */
  readRecord(scope: string, name: string): Promise<Buffer | null>;
  writeRecord(scope: string, name: string, body: Buffer): Promise<void>;
  /** A scope's records, of which the newest few are kept: the one that was written or read last comes first. Read as they are asked for. */
  newest(scope: string): AsyncIterable<CacheRecord>;
  /**
   * Marks what must not be taken from the cache any more, until an operator clears it: never collected. False where that can't be written;
   * then the mark holds for as long as this process does.
   */
  distrust(scope: string, distrust: Distrust): Promise<boolean>;
  /** The words it was marked with, or null. */
  distrusted(scope: string): Promise<string | null>;
  /** Since it was opened, by this process. */
  counts(): CacheCounts;
  /** Waits for what is being written, and makes room where more is kept than may be. */
  close(): Promise<void>;
}

/** Why something must not be taken from the cache. */
export interface Distrust {
  /** Whose compiles it is about, as the check was told the repository's name. */
  repository: string;
  why: string;
}

export interface CacheRecord {
  name: string;
  body: Buffer;
}

/** Entries of either kind; `broken` are those that were there and could not be read, which are misses too. */
export interface CacheCounts {
  hits: number;
  misses: number;
  broken: number;
  written: number;
  /** What could not be written. */
  refused: number;
}

/** What a shelf holds: compiles, records of a scope, and marks, which are never collected. */
export type ShelfPlace = { kind: "compile" | "mark"; name: string } | { kind: "record"; scope: string; name: string };

/**
 * Where sealed entries lie: a folder, or a table. Names and scopes are 64 hexadecimal digits. Its functions reject where the disk or the
 * database fails them. Several processes use one shelf at once, and any of them may be killed at any moment: an entry is there whole, or
 * not at all.
 */
export interface CacheShelf {
  /** Bytes that it may hold, marks not counted. */
  readonly limit: number;
  get(place: ShelfPlace): Promise<Buffer | null>;
  put(place: ShelfPlace, sealed: Buffer): Promise<void>;
  /** Says that it was of use, and is worth keeping for longer. */
  use(place: ShelfPlace): Promise<void>;
  /** Names of a scope's records, the one that was put or of use last first. */
  records(scope: string): Promise<string[]>;
  /** Names of all marks, in their order. */
  marks(): Promise<string[]>;
  /** Removes what was of no use for longest until no more is kept than may be, and what killed processes left. */
  collect(): Promise<void>;
  size(): Promise<ShelfSize>;
  /** Removes everything, marks too. */
  clear(): Promise<void>;
}

export interface ShelfSize {
  entries: number;
  bytes: number;
  /** How many scopes are marked as not to be trusted. */
  marks: number;
}

/** Of one repository, since ever: nodes of which what was kept, or concluded from it, was compared with a compile, and of how many it was wrong. */
export interface RepositoryProofs {
  /** Its number, by which its checks call it. */
  repository: number;
  /** `acme/control`; null for one whose name nobody ever told. */
  name: string | null;
  nights: {
    verdicts: number;
    missed: number;
    /** The day on which one compared anything last, `YYYY-MM-DD` in UTC. */ last: string | null;
  };
  samples: { verdicts: number; missed: number };
}
