import { fleetCause, namedCause, type Cause } from "./cause.ts";
import type { Changed } from "./changed.ts";
import { changedKeys, hasKeys, type Keys } from "./data-keys.ts";
import { declaredIn } from "./declared.ts";
import type { Definition } from "./definitions.ts";
import { differencesBetween, layoutCause, linkCause, modulesCause, type Difference } from "./differences.ts";
import { Findings } from "./findings.ts";
import { linksOf, namesOf } from "./links.ts";
import { shownPath, type Listing } from "./listing.ts";
import { keptType, mentionsOf, type Kept, type Mention } from "./mentions.ts";
import { mainCause, nodeChanges, type MainFile } from "./node-blocks.ts";
import { changedDefinitions, isDeclared, placed, type Contents } from "./placed.ts";
import { placesOf } from "./places.ts";

/**
 * Two sides, and how to learn more of their files. `read` gives a file's content by its id, as text, or null where it can't be had; it is asked
 * for changed files that need it, seldom for all. `definitions` says what the manifests of `manifestsToParse` define: a change that leaves it
 * alone is none then. Without it any change to a manifest counts, and one to the main manifest for every node: right where places in files
 * matter too.
 */
export interface Sides extends Contents {
  before: Listing;
  after: Listing;
}

/** The manifests whose definitions `compare` asks for, by side; those of the main manifest whether they changed or not, where any of it did. */
export function manifestsToParse(before: Listing, after: Listing): { before: string[]; after: string[] } {
  const changed = differencesBetween(before, after).map(({ path }) => path);
  const isMainChanged = changed.some((path) => isMain(path, before) || isMain(path, after));
  const of = (listing: Listing): string[] => {
    const paths = new Set(changed.filter((path) => path.endsWith(".pp") && listing.files.has(path)));
    if (isMainChanged) for (const path of listing.files.keys()) if (isMain(path, listing)) paths.add(path);
    return [...paths].sort();
  };
  return { before: of(before), after: of(after) };
}

const isMain = (path: string, listing: Listing): boolean => placesOf(path, listing).some(({ kind }) => kind === "main");

/** What differs between two sides, for every compile or by the names and paths that one may have asked for. */
export async function compare(sides: Sides): Promise<Changed> {
  const { before, after } = sides;
  const found = new Findings(after.root);
  return found.changed(await search(found, sides, differencesBetween(before, after)));
}

/** Notes all that differs, unless it differs for every compile: then it is why. */
async function search(found: Findings, sides: Sides, differences: readonly Difference[]): Promise<Cause | null> {
  const { before, after } = sides;
  const whole = layoutCause(before, after) ?? linkCause(differences, after.root) ?? modulesCause(before, after);
  if (whole !== null || differences.length === 0) return whole;
  const links = await linksOf(after, sides.read);
  if (typeof links === "string") return fleetCause(`the symbolic link ${shownPath(links, after.root)} can't be followed`);
  found.links = links;
  const kept: Kept[] = [];
  let isMainChanged = false;
  for (const difference of differences) {
    const names = namesOf(difference.path, links);
    if (names === null) return fleetCause(`${found.show(difference.path)} changed, and symbolic links lead to it in circles`);
    const keys = await keysOf(difference, sides.read);
    for (const path of names) {
      found.path({ ...difference, path }, keys);
      for (const place of placesOf(path, after)) {
        isMainChanged ||= place.kind === "main";
        const result = await placed(found, difference, path, place, sides);
        if ("whole" in result) return result.whole;
        kept.push(...result.kept);
      }
    }
  }
  found.foldersBetween(before, after, differences);
  const ofMain = isMainChanged ? mainChanged(found, sides) : { kept: [] };
  if ("whole" in ofMain) return ofMain.whole;
  const mentions = await mentionsOf([...kept, ...ofMain.kept], after, sides.read);
  return mentions.reduce<Cause | null>((cause, mention) => cause ?? mentioned(found, mention, after), null);
}

/** The keys of a data file that differ. A file that is none has no keys that could be told apart. */
async function keysOf({ path, before, after }: Difference, read: Contents["read"]): Promise<Keys> {
  if (!hasKeys(path)) return null;
  const [old, now] = await Promise.all([before, after].map(async (side) => (side === null ? "" : read(side.oid))));
  if (typeof old !== "string" || typeof now !== "string") return null;
  return changedKeys(path, before === null ? null : old, after === null ? null : now);
}

/** The main manifest, by its definitions. Not known of one file is not known of all: names in one may be in another. */
function mainChanged(found: Findings, { before, after, definitions }: Sides): { whole: Cause } | { kept: Kept[] } {
  const files: MainFile[] = [];
  const paths = [...new Set([...before.files.keys(), ...after.files.keys()])].filter((path) => isMain(path, before) || isMain(path, after));
  for (const path of paths.sort()) {
    const old = before.files.has(path) ? definitions?.("before", path) : [];
    const now = after.files.has(path) ? definitions?.("after", path) : [];
    const shown = found.show(path);
    if (!old || !now)
      return { whole: fleetCause(`${found.show(after.manifest)} changed: the main manifest is read for every node`, shown) };
    files.push({ path: shown, before: old, after: now });
  }
  const whole = mainCause(files);
  if (whole !== null) return { whole };
  found.nodes = nodeChanges(files);
  for (const name of found.nodes?.names.keys() ?? []) {
    // A node and a class can't have one name.
    if (found.nodes !== null) found.manifest(name, found.nodes.names.get(name) ?? found.nodes.first);
  }
  return { kept: files.flatMap((file) => definedInMain(found, file)) };
}

function definedInMain(found: Findings, { path, before, after }: MainFile): Kept[] {
  return changedDefinitions(before, after).flatMap(({ kind, name }: Definition) => {
    const lower = name.toLowerCase();
    if (isDeclared(kind)) found.manifest(lower, namedCause(kind, lower, path));
    if (kind === "function") found.function(lower, namedCause(kind, lower, path));
    if (kind !== "type") return [];
    found.type(lower, false, namedCause(kind, lower, path));
    return [keptType(lower, false)];
  });
}

/** A file that is the same, and mentions something that is not: it counts as changed. */
function mentioned(found: Findings, { path, text, of }: Mention, listing: Listing): Cause | null {
  const names = text === null ? null : namesOf(path, found.links);
  if (text === null || names === null) return fleetCause(`${of} changed, and whether ${found.show(path)} mentions it can't be told`);
  for (const name of names) {
    found.mention(name, of);
    const shown = found.show(name);
    for (const place of placesOf(name, listing)) {
      if (place.kind === "main" || place.kind === "fleet") return fleetCause(`${shown} mentions ${of}, which changed`, shown);
      if (place.kind === "function") for (const each of place.names) found.function(each, namedCause("function", each, shown, of));
      if (place.kind === "type") found.type(place.name, place.set, namedCause("type", place.name, shown, of));
      if (place.kind !== "manifest") continue;
      found.manifest(place.name, namedCause("class", place.name, shown, of));
      for (const each of declaredIn(text)) found.manifest(each.name, namedCause(each.kind, each.name, shown, of));
    }
  }
  return null;
}
