/** One file as git has it: `100644`, `100755`, `120000` (a symlink), `160000` (a submodule); its content's id. */
export interface FileId {
  mode: string;
  oid: string;
}

/** All files that a compile of one side can see of its tree and its modules, by their paths in the sandbox. */
export interface Listing {
  files: ReadonlyMap<string, FileId>;
  /** Where the tree is. */
  root: string;
  /** Module folders, in order. */
  modulepath: readonly string[];
  /** The main manifest: a file or a folder. */
  manifest: string;
  /** Module folders whose files nobody has listed; two sides with the same `copy` have the very same there, null is like nothing else. */
  unlisted: ReadonlyArray<{ folder: string; copy: string | null }>;
}

interface Entry extends FileId {
  path: string;
}

/** A module that was resolved for a side, with its files. */
interface Provided {
  name: string;
  folder: string;
  id: string;
  files: readonly Entry[];
}

type Place = { in: "tree"; path: string } | { in: "disk"; folder: string; only: readonly string[] | null; id?: string };

export interface ListingInput {
  layout: { name: string; modulepath: readonly Place[]; manifest: string };
  /** The tree's. */
  entries: readonly Entry[];
  provided: readonly Provided[];
  /** What tells a copy of a folder of this machine from another copy of it, by folder. Left out: none is the same as any. */
  copies?: ReadonlyMap<string, string>;
}

const code = "/etc/puppetlabs/code";

/** The listing of one side. Where things are in the sandbox is as `puppet/environment.ts` lays them out. Linear in the files. */
export function listingOf({ layout, entries, provided, copies }: ListingInput): Listing {
  const root = `${code}/environments/${layout.name}`;
  const files = new Map<string, FileId>();
  for (const { path, mode, oid } of entries) files.set(`${root}/${path}`, { mode, oid });
  const modulepath: string[] = [];
  const unlisted: Array<{ folder: string; copy: string | null }> = [];
  let disks = 0;
  for (const [index, place] of layout.modulepath.entries()) {
    if (place.in === "tree") {
      modulepath.push(below(root, place.path));
      continue;
    }
    // Modules that were resolved one by one lie in one folder.
    const joins = isResolved(place) && isResolved(layout.modulepath[index - 1]);
    const folder = `${code}/modules-${joins ? disks - 1 : disks}`;
    if (!joins) {
      disks += 1;
      modulepath.push(folder);
    }
    const module = provided.find((each) => place.id === each.id && place.folder === each.folder && place.only?.[0] === each.name);
    if (module === undefined) unlisted.push({ folder, copy: copyOf(place, copies) });
    else for (const { path, mode, oid } of module.files) files.set(`${folder}/${module.name}/${path}`, { mode, oid });
  }
  return { files, root, modulepath, manifest: below(root, layout.manifest), unlisted };
}

const isResolved = (place: Place | undefined): boolean => place?.in === "disk" && place.id !== undefined;

const below = (root: string, path: string): string => (path === "." ? root : `${root}/${path}`);

/** What never changes under its id is the same wherever it is named so. */
function copyOf({ folder, only, id }: Extract<Place, { in: "disk" }>, copies: ListingInput["copies"]): string | null {
  const copy = id ?? copies?.get(folder);
  return copy === undefined ? null : JSON.stringify([folder, only, copy]);
}

/** A path as a person knows it: below the tree, or with the module folder that it is in. */
export function shownPath(path: string, root: string): string {
  if (path.startsWith(`${root}/`)) return path.slice(root.length + 1);
  return path.startsWith(`${code}/`) ? path.slice(code.length + 1) : path;
}

/** What Puppet takes for a module by its folder's name (`Puppet::Module.is_module_directory_name?`). */
const moduleName = /^[a-z][a-z0-9_]*$/u;

/** Modules by name with their folders: the first of the module path that has one. A link counts as a folder. */
export function modulesOf({ files, modulepath }: Pick<Listing, "files" | "modulepath">): Map<string, string> {
  const found = modulepath.map(() => new Set<string>());
  for (const [path, { mode }] of files) {
    for (const [at, folder] of modulepath.entries()) {
      if (!path.startsWith(`${folder}/`)) continue;
      const end = path.indexOf("/", folder.length + 1);
      const name = path.slice(folder.length + 1, end === -1 ? undefined : end);
      if ((end !== -1 || mode === "120000" || mode === "160000") && moduleName.test(name)) found[at]?.add(name);
    }
  }
  const modules = new Map<string, string>();
  for (const [at, names] of found.entries())
    for (const name of names) if (!modules.has(name)) modules.set(name, `${modulepath[at] ?? ""}/${name}`);
  return modules;
}
