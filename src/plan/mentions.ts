import { placesOf } from "./places.ts";
import type { Listing } from "./listing.ts";

/**
 * Something that Puppet keeps once it is known, so that no later compile is seen asking for it: a data type, a function of the old
 * interface. Whoever's text has one of the `signs` (in lower case) may depend on it.
 */
export interface Kept {
  name: string;
  signs: readonly string[];
}

export const keptType = (name: string, set: boolean): Kept => ({ name, signs: [set ? `${name}::` : name] });

/** By its method's name, also one that is put together at run time, or by its file. */
export const keptFunction = (name: string): Kept => ({
  name,
  signs: [`function_${name}`, `functions/${name.replaceAll("::", "/")}`, 'function_"', "function_'", "function_#{"],
});

export interface Mention {
  path: string;
  /** Null where it can't be read. */
  text: string | null;
  /** The name of what it mentions. */
  of: string;
}

/** Files that say what they depend on in their text. */
const isSource = (path: string): boolean => /\.(?:pp|rb|epp|erb|ya?ml|eyaml|json|conf|hocon)$/u.test(path) || path.includes("/templates/");

const atOnce = 64;

/**
 * The files whose text mentions one of these things, and what mentions them in turn, where it is of their kind. Reads every text of the side,
 * so that it is for changes to such things alone. A file that can't be read is in it: who knows what it says.
 */
export async function mentionsOf(
  kept: readonly Kept[],
  listing: Listing,
  read: (oid: string) => Promise<string | null>,
): Promise<Mention[]> {
  if (kept.length === 0) return [];
  const paths = [...listing.files].filter(([path, { mode }]) => mode.startsWith("100") && isSource(path));
  const waiting: Array<{ path: string; text: string | null; lower: string }> = [];
  for (let at = 0; at < paths.length; at += atOnce) {
    const texts = await Promise.all(paths.slice(at, at + atOnce).map(async ([path, { oid }]) => ({ path, text: await read(oid) })));
    waiting.push(...texts.map(({ path, text }) => ({ path, text, lower: text?.toLowerCase() ?? "" })));
  }
  const found: Mention[] = [];
  let asked: readonly Kept[] = kept;
  let left = waiting;
  while (asked.length > 0) {
    const more: Kept[] = [];
    const others: typeof waiting = [];
    for (const file of left) {
      const of = asked.find(({ signs }) => file.text === null || signs.some((sign) => file.lower.includes(sign)));
      if (of === undefined) {
        others.push(file);
        continue;
      }
      found.push({ path: file.path, text: file.text, of: of.name });
      more.push(...keptBy(file.path, listing));
    }
    asked = more;
    left = others;
  }
  return found;
}

/** What a file defines that Puppet keeps. */
export function keptBy(path: string, listing: Listing): Kept[] {
  return placesOf(path, listing).flatMap((place) => {
    if (place.kind === "type") return [keptType(place.name, place.set)];
    return place.kind === "function" && place.legacy ? place.names.map(keptFunction) : [];
  });
}
