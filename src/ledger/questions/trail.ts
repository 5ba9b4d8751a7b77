import { type Entry, type EntryKind, textOfBlob } from "../entry.ts";

/** An entry with what it rests on. */
export interface Told {
  /** Its place in the log, from 0 on. */
  index: number;
  entry: Entry;
  /** What its first text says; empty where that was forgotten, or is no object of JSON. */
  about: Readonly<Record<string, unknown>>;
}

/** What questions are asked of: entries in the order of the log, and as far as anybody may know whom commitments stand for. */
export interface Trail {
  told: readonly Told[];
  /** The same by what they are about, as `changeOf` says. */
  byChange: ReadonlyMap<string, readonly Told[]>;
  /** GitHub's ids of people by their commitments. */
  people: ReadonlyMap<string, number>;
}

export function toTrail(told: readonly Told[], people: ReadonlyMap<string, number>): Trail {
  const byChange = new Map<string, Told[]>();
  for (const one of told) {
    const own = byChange.get(changeOf(one));
    if (own === undefined) byChange.set(changeOf(one), [one]);
    else own.push(one);
  }
  return { told, byChange, people };
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
