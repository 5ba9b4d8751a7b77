/**
 * A value in a catalog: JSON, in which three kinds of Puppet's rich data have a form of their own. The parser at the door
 * (`parse.ts`) is the only place that makes these forms, so that a plain hash that happens to look like one can't pass for it.
 */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value } | Secret | Binary | Deferred;

/** A `Sensitive` value, or text that holds one. Only the keyed digest is left: enough to see that two differ, and nothing else. */
export class Secret {
  readonly digest: string;
  constructor(digest: string) {
    this.digest = digest;
  }
}

/** Bytes, or text too long to show: never their content. `size` in bytes. */
export class Binary {
  readonly sha256: string;
  readonly size: number;
  constructor(sha256: string, size: number) {
    this.sha256 = sha256;
    this.size = size;
  }
}

/** A function that the agent will call. Its arguments are values, so that a `Sensitive` among them is sealed too. */
export class Deferred {
  readonly name: string;
  readonly args: Value[];
  constructor(name: string, args: Value[]) {
    this.name = name;
    this.args = args;
  }
}

/** One resource of a catalog, as Puppet writes type and title: `File`, `/etc/motd`. */
export interface Resource {
  type: string;
  title: string;
  /** Its identity within the type, made of its namevars by the type's own rules; the title where the type has none to say. */
  key: string;
  /** Attribute values by name, metaparameters (`require`, `notify`, …) among them. */
  parameters: ReadonlyMap<string, Value>;
  /**
   * Of the attributes that the type takes for something else than what is written (a mode `0644` for `644`), what it takes them for:
   * compared in their stead, and never shown. None where left out.
   */
  munged?: ReadonlyMap<string, Value>;
  /** Attributes that the type would not take without the node, and that are compared as they are written. None where left out. */
  unmunged?: ReadonlySet<string>;
  exported: boolean;
  /** Of an exported resource, by which it is collected elsewhere; those of others are not kept. */
  tags?: readonly string[];
  /** Where it was declared; the path is relative to the tree. Null when Puppet does not say. */
  source: Source | null;
  /** `class` for `Class[…]` and stages, `define` for instances of defined types, `native` for what a provider carries out. */
  kind: "class" | "define" | "native";
}

export interface Source {
  path: string;
  line: number | null;
}

/** A node's compiled catalog. Virtual resources are not in it. */
export interface Catalog {
  certname: string;
  resources: readonly Resource[];
  /** Containment: `container` and `contained` are references like `Class[Ntp]`. */
  contains: ReadonlyArray<{ container: string; contained: string }>;
  classes: readonly string[];
  /** Relations that Puppet adds by itself (`autorequire` and its kin), unless what is written says the contrary. None where left out. */
  auto?: readonly AutoRelation[];
}

/** Places in a catalog's list of resources, and whether a refresh goes along. */
export interface AutoRelation {
  earlier: number;
  later: number;
  refreshes: boolean;
}

/** The reference of a resource, as Puppet writes it: `File[/etc/motd]`. */
export const refOf = (resource: { type: string; title: string }): string => `${resource.type}[${resource.title}]`;
