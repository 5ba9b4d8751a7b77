import { createHash } from "node:crypto";
import { Binary, type Catalog, type Resource, type Value } from "./catalog.ts";
import { refOf } from "./catalog.ts";

/** A file of a tree as git has it: `100644`, `100755`, `120000` (a symlink), `160000` (a submodule). */
export interface TreeFile {
  path: string;
  mode: string;
  oid: string;
  size: number;
}

/** Where a module's served files are: the folder in the tree that holds `MODULE/files`, in order of the module path. */
export interface ServedIndex {
  /** Files by path. */
  files: ReadonlyMap<string, TreeFile>;
  /** Every folder that has a file below it, with all those files in git's order. */
  folder(path: string): readonly TreeFile[];
  /** Module folders by module name (`ntp` -> `modules/ntp`), the first of the module path that has it. */
  modules: ReadonlyMap<string, string>;
}

/** A folder's files by their paths below it. */
export type Folder = ReadonlyMap<string, Binary>;

export type Served =
  /** `digest` is `git:OID` of one file, or the SHA-256 of a folder's listing, which comes with its files by their paths below it. */
  | { kind: "content"; digest: string; size: number; files?: Folder }
  /** Not on the tree: another mount, `file:`, `http:`, or a module that is not vendored. Its content is not analysed. */
  | { kind: "elsewhere"; uri: string }
  | { kind: "refused"; uri: string; why: string }
  | { kind: "missing"; uri: string };

export const gitPrefix = "git:";

/** The object id behind a digest that `serve` gave for one file; null for any other digest. Whoever can read objects can show the content. */
export const oidOf = (digest: string): string | null => (digest.startsWith(gitPrefix) ? digest.slice(gitPrefix.length) : null);

/** Indexes a tree once for all catalogs. `modulePaths` are the tree's folders on the module path, in order. Linear in the files. */
export function indexServed(files: readonly TreeFile[], modulePaths: readonly string[]): ServedIndex {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const folders = new Map<string, TreeFile[]>();
  const modules = new Map<string, string>();
  for (const file of files) {
    for (let slash = file.path.indexOf("/"); slash !== -1; slash = file.path.indexOf("/", slash + 1)) {
      const folder = file.path.slice(0, slash);
      const inside = folders.get(folder);
      if (inside === undefined) folders.set(folder, [file]);
      else inside.push(file);
    }
  }
  for (const modulePath of modulePaths) {
    const prefix = `${modulePath}/`;
    for (const file of folders.get(modulePath) ?? []) {
      const name = file.path.slice(prefix.length).split("/", 1)[0] ?? "";
      if (!modules.has(name)) modules.set(name, `${prefix}${name}`);
    }
  }
  return { files: byPath, folder: (path) => folders.get(path) ?? [], modules };
}

const modulesUri = /^puppet:\/\/\/modules\/([^/]+)\/(.*)$/su;

/** What one `source` serves. A folder's digest is that of its files' names and contents: modes of a source are not taken over unless asked for. */
export function serve(uri: string, index: ServedIndex): Served {
  const match = modulesUri.exec(uri);
  const [, name, rest] = match ?? [];
  if (name === undefined || rest === undefined) return { kind: "elsewhere", uri };
  const parts = rest.split("/").filter((part) => part !== "");
  if (parts.includes("..") || parts.includes(".") || name === ".." || uri.includes("\0"))
    return { kind: "refused", uri, why: "it leaves the module's files" };
  const module = index.modules.get(name);
  if (module === undefined) return { kind: "elsewhere", uri };
  const link = linkAbove(`${module}/files`, parts, index);
  if (link !== null) return { kind: "refused", uri, why: `${link} is a symlink, and links are not followed` };
  const path = [module, "files", ...parts].join("/");
  const file = index.files.get(path);
  if (file !== undefined) return ofFile(uri, file);
  const inside = index.folder(path);
  if (inside.length === 0) return { kind: "missing", uri };
  const linked = inside.find(({ mode }) => mode === "120000");
  if (linked !== undefined) return { kind: "refused", uri, why: `${linked.path} is a symlink, and links are not followed` };
  const hash = createHash("sha256");
  for (const each of inside) hash.update(`${each.oid} ${each.path.slice(path.length)}\0`);
  const files = new Map(inside.map((each) => [each.path.slice(path.length + 1), new Binary(`${gitPrefix}${each.oid}`, each.size)]));
  return { kind: "content", digest: hash.digest("hex"), size: inside.reduce((sum, each) => sum + each.size, 0), files };
}

function ofFile(uri: string, file: TreeFile): Served {
  if (file.mode === "160000") return { kind: "elsewhere", uri };
  return { kind: "content", digest: `${gitPrefix}${file.oid}`, size: file.size };
}

/** The first symlink on the way from the module's folder down to what is served, or null. */
function linkAbove(start: string, parts: readonly string[], index: ServedIndex): string | null {
  const above = start.split("/");
  const all = [...above, ...parts];
  for (let depth = 1; depth <= all.length; depth += 1) {
    const path = all.slice(0, depth).join("/");
    if (index.files.get(path)?.mode === "120000") return path;
  }
  return null;
}

export interface WithServed {
  catalog: Catalog;
  /** Object ids of the files that are served. */
  oids: string[];
  /** Served folders by their digests. */
  folders: ReadonlyMap<string, Folder>;
  refused: Array<{ ref: string; resource: Resource; why: string; uri: string }>;
  missing: Array<{ ref: string; resource: Resource; uri: string }>;
  /** Sources of files that are not on the tree, and whose content nobody looked at. */
  elsewhere: string[];
}

/**
 * Gives every File that is served from the tree the content it would have, as `Binary` under `content`, so that the diff sees a
 * served file change though its manifest did not. Of several sources the agent takes the first that exists. Contents are
 * compared by git's object id and never read. A File that already has `content` is left alone. Of a folder, nothing is taken but that it is
 * one, unless it is taken with all that is in it (`recurse`).
 */
export function withServedFiles(catalog: Catalog, index: ServedIndex): WithServed {
  const oids: string[] = [];
  const refused: WithServed["refused"] = [];
  const missing: WithServed["missing"] = [];
  const elsewhere: string[] = [];
  const folders = new Map<string, Folder>();
  const resources = catalog.resources.map((resource) => {
    const uris = sourcesOf(resource);
    if (uris.length === 0) return resource;
    const { served, winner } = winnerOf(uris, index);
    for (const each of served) if (each.kind === "refused") refused.push({ ref: refOf(resource), resource, why: each.why, uri: each.uri });
    if (winner === null) missing.push({ ref: refOf(resource), resource, uri: uris.join(", ") });
    if (winner?.kind === "elsewhere") elsewhere.push(winner.uri);
    if (winner?.kind !== "content") return resource;
    const oid = oidOf(winner.digest);
    if (oid !== null) oids.push(oid);
    const parameters = new Map<string, Value>(resource.parameters);
    // Where the bytes come from is not what the node gets: with the bytes known, moving the source is no difference by itself.
    parameters.delete("source");
    if (winner.files !== undefined) {
      if (!isRecursive(parameters)) return { ...resource, parameters };
      folders.set(winner.digest, winner.files);
    }
    parameters.set("content", new Binary(winner.digest, winner.size));
    return { ...resource, parameters };
  });
  return { catalog: { ...catalog, resources }, oids, folders, refused, missing, elsewhere };
}

const recursive: ReadonlySet<Value | undefined> = new Set([true, "true", "remote", "inf"]);
const isRecursive = (parameters: ReadonlyMap<string, Value>): boolean => recursive.has(parameters.get("recurse"));

/** Of each file of a catalog that is served, the addresses that it may come from; each list once. */
export const sourcesIn = ({ resources }: Catalog): string[][] =>
  [...new Map(resources.map(sourcesOf).map((uris) => [uris.join("\n"), uris])).values()].filter(({ length }) => length > 0);

/** What a file with these addresses gets: of several, the agent takes the first that exists; null where none does. */
export function winnerOf(uris: readonly string[], index: ServedIndex): { served: Served[]; winner: Served | null } {
  const served = uris.map((uri) => serve(uri, index));
  return { served, winner: served.find(({ kind }) => kind !== "missing") ?? null };
}

/** Where a file's content comes from; nothing for one that brings it. */
function sourcesOf({ type, kind, parameters }: Resource): string[] {
  if (type !== "File" || kind !== "native" || parameters.has("content")) return [];
  const source = parameters.get("source");
  if (typeof source === "string") return [source];
  if (Array.isArray(source)) return source.filter((each): each is string => typeof each === "string");
  return [];
}
