import type { Cause } from "./cause.ts";
import type { Keys } from "./data-keys.ts";
import type { Links } from "./links.ts";
import type { NodeChanges } from "./node-blocks.ts";

/** A data file of which some keys differ, or all of them (null). */
export interface ChangedData {
  keys: Keys;
  /** As a person knows it. */
  path: string;
}

/** The inputs of compiles that differ between two listings, by how a compile names them, each with what it tells a person. */
export interface Changed {
  /** Why every node has to be compiled; null where that depends on what it read. The rest says nothing then. */
  whole: Cause | null;
  /** By name: for whoever asked for the name, or for one below it. */
  manifests: ReadonlyMap<string, Cause>;
  functions: ReadonlyMap<string, Cause>;
  types: ReadonlyMap<string, Cause>;
  /** Modules whose set of types differs: any type of theirs may. */
  typesets: ReadonlyMap<string, Cause>;
  /** Files by path, and folders that came or went themselves. */
  files: ReadonlyMap<string, Cause>;
  /** Folders below which something came or went. */
  folders: ReadonlyMap<string, Cause>;
  /** Files with something in them that differs, or that came or went, by path. */
  data: ReadonlyMap<string, ChangedData>;
  nodes: NodeChanges | null;
  links: Links;
}

/** Whether nothing but values in data files differs: no code, and no file that came or went. */
export function isDataAlone({ whole, nodes, manifests, functions, types, typesets, folders, files, data }: Changed): boolean {
  const code = [manifests, functions, types, typesets, folders].some(({ size }) => size > 0);
  return whole === null && nodes === null && !code && [...files.keys()].every((path) => (data.get(path)?.keys ?? null) !== null);
}
