import { fleetCause, type Cause } from "./cause.ts";
import { modulesOf, shownPath, type FileId, type Listing } from "./listing.ts";

/** A path at which two listings have something else, or only one of them has anything. */
export interface Difference {
  path: string;
  before: FileId | null;
  after: FileId | null;
}

/** Where two listings differ, in order of the paths. Linear. */
export function differencesBetween(before: Listing, after: Listing): Difference[] {
  const found: Difference[] = [];
  for (const [path, old] of before.files) {
    const now = after.files.get(path);
    if (now?.oid !== old.oid || now.mode !== old.mode) found.push({ path, before: old, after: now ?? null });
  }
  for (const [path, now] of after.files) if (!before.files.has(path)) found.push({ path, before: null, after: now });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What makes two listings unlike each other as a whole, so that names and paths of one say nothing about the other. */
export function layoutCause(before: Listing, after: Listing): Cause | null {
  if (before.root !== after.root) return fleetCause("the environment has another name");
  if (before.manifest !== after.manifest) return fleetCause(`the main manifest is ${shownPath(after.manifest, after.root)} now`);
  if (before.modulepath.join(":") !== after.modulepath.join(":")) return fleetCause("the module path differs");
  const copies = ({ unlisted }: Listing): string => JSON.stringify(unlisted);
  const unknown = [...before.unlisted, ...after.unlisted].find(({ copy }) => copy === null);
  if (unknown !== undefined) return fleetCause("modules of this machine are read from a folder whose files nobody has listed");
  return copies(before) === copies(after) ? null : fleetCause("modules of this machine were copied at different times");
}

/** Links and submodules that differ: what is seen through them may be anywhere. */
export function linkCause(differences: readonly Difference[], root: string): Cause | null {
  for (const { path, before, after } of differences) {
    const shown = shownPath(path, root);
    for (const file of [before, after]) {
      if (file?.mode === "120000") return fleetCause(`${shown} is a symbolic link that changed`, shown);
      if (file?.mode === "160000") return fleetCause(`${shown} is a submodule that changed`, shown);
    }
    if (path.includes('"')) return fleetCause(`${shown} changed, and its name is not plain text`, shown);
  }
  return null;
}

/** Modules that came, went, or are taken from another folder: functions can ask where a module is. */
export function modulesCause(before: Listing, after: Listing): Cause | null {
  const old = modulesOf(before);
  const now = modulesOf(after);
  for (const [name, folder] of now) {
    const was = old.get(name);
    const shown = shownPath(folder, after.root);
    if (was === undefined) return fleetCause(`module ${name} is new (${shown})`, shown);
    if (was !== folder) return fleetCause(`module ${name} is taken from ${shown} now, and was from ${shownPath(was, before.root)}`, shown);
  }
  for (const [name, folder] of old) if (!now.has(name)) return fleetCause(`module ${name} is gone (${shownPath(folder, before.root)})`);
  return null;
}
