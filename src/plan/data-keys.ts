import { jsonPairs } from "./json-pairs.ts";
import { isWhole, yamlPairs, type Pair } from "./yaml-pairs.ts";

/** Keys of a data file, by which a compile asks for its values; null stands for all that it may have. */
export type Keys = ReadonlySet<string> | null;

/** Whether the keys of a file can be told apart by its name. */
export const hasKeys = (path: string): boolean => /\.(?:ya?ml|eyaml|json)$/iu.test(path);

/**
 * The top-level keys of a data file whose values may differ between two texts; a null text is a file that is not there. Null where
 * the texts are not of a kind that can be told apart by keys. Never too few: where the text of a value is the same, so is the value.
 */
export function changedKeys(path: string, before: string | null, after: string | null): Keys {
  return /\.json$/iu.test(path) ? changedJson(before, after) : changedYaml(before, after);
}

function changedJson(before: string | null, after: string | null): Keys {
  const old = before === null ? new Map<string, string>() : jsonPairs(before);
  const now = after === null ? new Map<string, string>() : jsonPairs(after);
  return old === null || now === null ? null : different(old, now);
}

/**
 * Characters that a file's pairs may have that a parser is asked about. It takes a second for 200,000, and meanwhile nothing else is done: a file of a
 * change may have a hundred times as many.
 */
const longestAsked = 100_000;

function changedYaml(before: string | null, after: string | null): Keys {
  const old = pairsOf(before);
  const now = pairsOf(after);
  if (old === null || now === null) return null;
  const keys = different(textsOf(old), textsOf(now));
  const asked = new Set<string>();
  let length = 0;
  for (const [pairs, other] of [[old, now] as const, [now, old] as const]) {
    for (const [key, { text, plain }] of pairs) {
      // What is the same on both sides was read once already; a pair that changed has to be whole whatever its lines are like.
      const isAsked = keys.has(key) || (!plain && other.get(key)?.text === text);
      if (!isAsked || asked.has(text)) continue;
      length += text.length;
      if (length > longestAsked) return null;
      if (!isWhole(text)) return null;
      asked.add(text);
    }
  }
  return keys;
}

const nothing = /^(?:--- +)?\{\} *\n?$/u;

const pairsOf = (text: string | null): Map<string, Pair> | null =>
  text === null || nothing.test(text) ? new Map<string, Pair>() : yamlPairs(text);

const textsOf = (pairs: ReadonlyMap<string, Pair>): Map<string, string> => new Map([...pairs].map(([key, { text }]) => [key, text]));

function different(old: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): Set<string> {
  const keys = new Set<string>();
  for (const [key, text] of old) if (now.get(key) !== text) keys.add(key);
  for (const key of now.keys()) if (!old.has(key)) keys.add(key);
  return keys;
}
