import { type Entry, type EntryKind, textOfBlob } from "../entry.ts";

/** An entry with what it rests on. */
export interface Told {
  /** Its place in the log, from 0 on. */
  index: number;
  entry: Entry;
  /** What its first text says; empty where that was forgotten, or is no object of JSON. */
  about: Readonly<Record<string, unknown>>;
}

/** What a question is asked of: entries in the order of the log. */
export interface Trail {
  /** Those that rows are made of. */
  told: readonly Told[];
  /** These and those beside them by what they are about, as `changeOf` says. */
  byChange: ReadonlyMap<string, readonly Told[]>;
  /** Those that are looked at whatever they are about; nobody's rows are made of them. */
  also: readonly Told[];
}

/** @param isOwn whether rows are made of an entry at this place, or it is only beside others */
export function toTrail(all: readonly Told[], also: readonly Told[] = [], isOwn: (index: number) => boolean = () => true): Trail {
  const byChange = new Map<string, Told[]>();
  for (const one of all) {
    const own = byChange.get(changeOf(one));
    if (own === undefined) byChange.set(changeOf(one), [one]);
    else own.push(one);
  }
  return { told: all.filter(({ index }) => isOwn(index)), byChange, also };
}

/** The first of a kind in a repository after a place in the log, of those that are looked at whatever they are about. */
export function nextOf(trail: Trail, repo: number, kind: EntryKind, after: number): Told | undefined {
  const all = alsoBy(trail).get(`${repo} ${kind}`) ?? [];
  let [from, to] = [0, all.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((all[middle]?.index ?? 0) > after) to = middle;
    else from = middle + 1;
  }
  return all[from];
}

/** Those that are looked at whatever they are about, of one kind in one repository. */
export const allOf = (trail: Trail, repo: number, kind: EntryKind): readonly Told[] => alsoBy(trail).get(`${repo} ${kind}`) ?? [];

/** A log has as many landings as it has: they are put in order once for each trail, and not for each row. */
const byKind = new WeakMap<readonly Told[], ReadonlyMap<string, readonly Told[]>>();

function alsoBy({ also }: Trail): ReadonlyMap<string, readonly Told[]> {
  const known = byKind.get(also) ?? Map.groupBy(also, ({ entry }) => `${entry.repo} ${entry.kind}`);
  byKind.set(also, known);
  return known;
}

/** What is about the same as this one, in the order of the log. */
export const besides = ({ byChange }: Trail, told: Told): readonly Told[] => byChange.get(changeOf(told)) ?? [];

export const toTold = (index: number, text: string, blobOf: (sha256: string) => string | undefined): Told => {
  const entry = JSON.parse(text) as Entry;
  const blob = blobOf(entry.evidence[0] ?? "");
  return { index, entry, about: blob === undefined ? {} : objectOf(textOfBlob(blob)) };
};

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { text: value };
  } catch {
    return { text }; // some evidence is plain words
  }
}

export const ofKind = ({ told }: Trail, ...kinds: readonly EntryKind[]): Told[] => told.filter(({ entry }) => kinds.includes(entry.kind));

/** The change that an entry is about: repository and subject. */
export const changeOf = ({ entry: { repo, subject } }: Told): string => `${repo}/${subject}`;

export const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
export const list = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null) : [];
export const part = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Whole hours between two times of entries, to one place. */
export const hoursBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 360_000) / 10;
