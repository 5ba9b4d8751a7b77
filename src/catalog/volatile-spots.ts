import { Binary, Deferred, Secret, type Value } from "./catalog.ts";
import { textOf } from "./values.ts";

/**
 * Where in a value two compiles of one tree differ: nowhere, in all of it, in words of some lines, or in parts of an array or a hash.
 * `shape` where it can't be said: the two are not made alike, so a further one can't be told from a changed one.
 */
export type Spots = null | "whole" | "shape" | Words | Parts;
/** By line and by word, both from zero. */
interface Words {
  words: ReadonlyArray<ReadonlyArray<number>>;
}
interface Parts {
  parts: ReadonlyArray<readonly [string, Spots]>;
}

/** Where two values of one attribute differ. */
export function spotsOf(first: Value, second: Value): Spots {
  if (textOf(first, "exact") === textOf(second, "exact")) return null;
  if (typeof first === "string" && typeof second === "string") return wordsOf(first, second);
  if (isWhole(first, second)) return "whole";
  const [one, other] = [partsOf(first), partsOf(second)];
  if (one === null || other === null || one.length !== other.length) return "shape";
  const parts = one.map(([name, value], at) => [name, name === other[at]?.[0] ? spotsOf(value, other[at][1]) : "shape"] as const);
  return parts.some(([, spots]) => spots === "shape") ? "shape" : { parts };
}

/** Whether a further value differs from a first one in nothing but these spots. */
export function sameButFor(spots: Spots, value: Value, further: Value): boolean {
  if (spots === "shape") return false;
  if (spots === null) return textOf(value, "exact") === textOf(further, "exact");
  if (spots === "whole") return isWhole(value, further) || textOf(value, "exact") === textOf(further, "exact");
  if ("words" in spots) return typeof value === "string" && typeof further === "string" && sameWords(spots, value, further);
  const [one, other] = [partsOf(value), partsOf(further)];
  if (one === null || other === null || one.length !== spots.parts.length || other.length !== one.length) return false;
  return spots.parts.every(([name, inner], at) => {
    const [was, is] = [one[at], other[at]];
    return was !== undefined && is !== undefined && was[0] === name && is[0] === name && sameButFor(inner, was[1], is[1]);
  });
}

/** Values without parts that could be looked at. */
const isWhole = (one: Value, other: Value): boolean =>
  (typeof one === "number" && typeof other === "number") ||
  (one instanceof Secret && other instanceof Secret) ||
  (one instanceof Binary && other instanceof Binary);

/** Items by their place, entries by their keys; a Deferred's arguments are its items. Null for what has no parts. */
function partsOf(value: Value): Array<[string, Value]> | null {
  if (Array.isArray(value)) return value.map((item, at) => [String(at), item]);
  if (value instanceof Deferred) return [["name", value.name], ...value.args.map((item, at): [string, Value] => [String(at), item])];
  if (typeof value !== "object" || value === null || value instanceof Secret || value instanceof Binary) return null;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function wordsOf(first: string, second: string): Spots {
  const [one, other] = [linesOf(first), linesOf(second)];
  if (one.length !== other.length) return "shape";
  const words: number[][] = [];
  for (const [at, line] of one.entries()) {
    const further = other[at] ?? [];
    if (line.length !== further.length) return "shape";
    const spots = line.flatMap((word, place) => (word === further[place] ? [] : [place]));
    // Between words there is what the author wrote.
    if (spots.some((place) => place % 2 === 0)) return "shape";
    words.push(spots);
  }
  return { words };
}

function sameWords({ words }: Words, value: string, further: string): boolean {
  const [one, other] = [linesOf(value), linesOf(further)];
  if (one.length !== words.length || other.length !== words.length) return false;
  return words.every((spots, at) => {
    const [was = [], is = []] = [one[at], other[at]];
    return was.length === is.length && was.every((word, place) => word === is[place] || spots.includes(place));
  });
}

/** Words are at odd places; base64 counts as one, and so do dates and times. */
const linesOf = (text: string): string[][] => text.split("\n").map((line) => line.split(/([\p{L}\p{N}_:.+/=-]+)/u));
