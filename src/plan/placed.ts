import { fleetCause, namedCause, type Cause } from "./cause.ts";
import { declaredIn, rubyFunctionsIn } from "./declared.ts";
import type { Definition, Definitions } from "./definitions.ts";
import type { Difference } from "./differences.ts";
import type { Findings } from "./findings.ts";
import { keptFunction, keptType, type Kept } from "./mentions.ts";
import type { Place } from "./places.ts";

/** What is known of a changed file's two sides. */
export interface Contents {
  read: (oid: string) => Promise<string | null>;
  definitions?: Definitions;
}

type Found = { whole: Cause } | { kept: Kept[] };

/** Notes what a changed file means to the loader that takes it by one of its paths. The whole fleet's, or what of it Puppet keeps. */
export async function placed(found: Findings, difference: Difference, path: string, place: Place, contents: Contents): Promise<Found> {
  const shown = found.show(path);
  if (place.kind === "main") return { kept: [] };
  if (place.kind === "fleet") return { whole: fleetCause(`${shown} changed: ${place.why}`, shown) };
  const [before, after] = definitionsOf(difference, contents.definitions);
  const changes = before === null || after === null ? null : changedDefinitions(before, after);
  if (changes?.length === 0 && path.endsWith(".pp")) return { kept: [] };
  if (place.kind === "type") {
    found.type(place.name, place.set, namedCause("type", place.name, shown));
    return { kept: [keptType(place.name, place.set)] };
  }
  if (place.kind === "manifest" && changes !== null && changes.every((each) => isInPlace(each, place.name))) {
    for (const { kind, name } of changes) if (isDeclared(kind)) found.manifest(name, namedCause(kind, name, shown));
    return { kept: [] };
  }
  const texts = await textsOf(difference, contents.read);
  if (texts === null) return { whole: fleetCause(`${shown} changed, and it can't be read`, shown) };
  return place.kind === "function" ? ofFunction(found, path, place, texts) : ofManifest(found, path, place.name, texts);
}

/** By its names, and by what may call it otherwise. */
export function ofFunction(found: Findings, path: string, place: Extract<Place, { kind: "function" }>, texts: readonly string[]): Found {
  const shown = found.show(path);
  const names = new Set(place.names);
  if (path.endsWith(".rb")) {
    for (const text of texts) {
      const { names: made, odd } = rubyFunctionsIn(text);
      if (odd !== null) return { whole: fleetCause(`${shown} changed: ${odd}`, shown) };
      for (const name of made) names.add(name);
    }
  }
  for (const name of names) found.function(name, namedCause("function", name, shown));
  return { kept: path.endsWith(".rb") ? [...names].map(keptFunction) : [] };
}

/** By the name that its place gives it, and by all that its texts declare, of which some may be out of place. */
function ofManifest(found: Findings, path: string, name: string, texts: readonly string[]): Found {
  const shown = found.show(path);
  const declared = texts.flatMap((text) => declaredIn(text));
  const own = declared.find((each) => each.name === name)?.kind ?? "class";
  found.manifest(name, namedCause(own, name, shown));
  for (const each of declared) found.manifest(each.name, namedCause(each.kind, each.name, shown));
  return { kept: [] };
}

/** Contents of the sides that have the file; null where one can't be had. */
async function textsOf({ before, after }: Difference, read: Contents["read"]): Promise<string[] | null> {
  const texts = await Promise.all([before, after].flatMap((side) => (side === null ? [] : [read(side.oid)])));
  const known = texts.filter((text): text is string => text !== null);
  return known.length === texts.length ? known : null;
}

/** Both sides' definitions; those of a side that does not have the file are none. */
function definitionsOf(
  { path, before, after }: Difference,
  of: Definitions | undefined,
): [readonly Definition[] | null, readonly Definition[] | null] {
  if (of === undefined || !path.endsWith(".pp")) return [null, null];
  return [before === null ? [] : of("before", path), after === null ? [] : of("after", path)];
}

export const isDeclared = (kind: Definition["kind"]): kind is "class" | "define" => kind === "class" || kind === "define";

/** Whether whoever asks for this name loads the file that has this place, so that its name alone says whom a change reaches. */
function isInPlace({ kind, name }: Definition, place: string): boolean {
  return isDeclared(kind) && (name.toLowerCase() === place || name.toLowerCase().startsWith(`${place}::`));
}

/** Definitions that one side has and the other has not, each as often as it has it more. */
export function changedDefinitions(before: readonly Definition[], after: readonly Definition[]): Definition[] {
  const keyOf = ({ kind, name, digest }: Definition): string => JSON.stringify([kind, name, digest]);
  const less = (some: readonly Definition[], others: readonly Definition[]): Definition[] => {
    const counts = new Map<string, number>();
    for (const each of others) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
    return some.filter((each) => {
      const count = counts.get(keyOf(each)) ?? 0;
      counts.set(keyOf(each), count - 1);
      return count <= 0;
    });
  };
  return [...less(before, after), ...less(after, before)].map((each) => ({ ...each, name: each.name.replace(/^::/u, "") }));
}
