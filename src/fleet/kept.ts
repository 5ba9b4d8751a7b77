/** What was read before, by its name, for as long as its state is the same. */
export interface Kept<T> {
  /** Undefined where it has to be read. */
  of(name: string, state: string, now: number): T | undefined;
  /** Keeps it where there is room. `bytes`: about what it takes. */
  keep(name: string, state: string, now: number, value: T, bytes: number): void;
  /** Forgets what nobody asked for in the last hour: it is gone, or older than what is looked at. */
  forget(now: number): void;
}

interface Entry<T> {
  state: string;
  bytes: number;
  askedAt: number;
  value: T;
}

const HOUR = 3_600_000;

/** A fleet is asked about every minute, and most of its reports were there the minute before. */
export function createKept<T>(mostBytes: number): Kept<T> {
  const entries = new Map<string, Entry<T>>();
  let total = 0;
  const drop = (name: string, entry: Entry<T> | undefined): void => {
    if (entry === undefined) return;
    entries.delete(name);
    total -= entry.bytes;
  };
  return {
    of: (name, state, now) => {
      const entry = entries.get(name);
      if (entry?.state !== state) return undefined;
      entry.askedAt = now;
      return entry.value;
    },
    keep: (name, state, now, value, bytes) => {
      drop(name, entries.get(name));
      if (total + bytes > mostBytes) return;
      entries.set(name, { state, bytes, askedAt: now, value });
      total += bytes;
    },
    forget: (now) => {
      for (const [name, entry] of entries) if (now - entry.askedAt > HOUR) drop(name, entry);
    },
  };
}
