import { Binary, type Catalog, Deferred, type Resource, Secret, type Value } from "../catalog.ts";
import type { Change } from "../change.ts";
import { textOf } from "../values.ts";

/**
 * Catalogs as they go to whoever evaluates expectations, who may be on another thread: values that can be cloned, and none that is a secret.
 * What can't be read is a `Map`, which no value of a catalog is.
 */
export interface WireCatalog {
  resources: readonly WireResource[];
  /** Names of classes, in lower case. */
  classes: readonly string[];
}

export interface WireResource {
  type: string;
  title: string;
  key: string;
  kind: Resource["kind"];
  exported: boolean;
  path: string | null;
  line: number | null;
  /** Attributes as they are written: name, value, name, value. */
  written: readonly unknown[];
  /** Those that the type takes for something else, in the same form. */
  taken: readonly unknown[];
}

/** One change of a node, without its values: what was written is read in the catalogs. */
export interface WireChange {
  type: string;
  title: string;
  attribute: string | null;
  change: string;
  kind: string;
  concerns: readonly string[];
  path: string | null;
  line: number | null;
}

/** What of a value can't be read. `id` tells two apart, and nothing else. */
export type WireHole = ReadonlyMap<"kind" | "id" | "about", string>;

export const toWire = (catalog: Catalog): WireCatalog => ({ resources: catalog.resources.map(toResource), classes: catalog.classes });

const toResource = ({ type, title, key, kind, exported, source, parameters, munged }: Resource): WireResource => ({
  type,
  title,
  key,
  kind,
  exported,
  path: source?.path ?? null,
  line: source?.line ?? null,
  written: flat(parameters),
  taken: munged === undefined ? [] : flat(munged),
});

function flat(parameters: ReadonlyMap<string, Value>): unknown[] {
  const list: unknown[] = [];
  for (const [name, value] of parameters) list.push(name, toValue(value));
  return list;
}

function toValue(value: Value): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(toValue);
  if (value instanceof Secret || value instanceof Binary || value instanceof Deferred) return holeOf(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toValue(each)]));
}

function holeOf(value: Secret | Binary | Deferred): WireHole {
  const id = textOf(value, "exact");
  if (value instanceof Secret) return hole("secret", id, "");
  if (value instanceof Deferred) return hole("deferred", id, value.name);
  return hole("long", id, String(value.size));
}

const hole = (kind: "secret" | "deferred" | "long", id: string, about: string): WireHole =>
  new Map([
    ["kind", kind],
    ["id", id],
    ["about", about],
  ]);

export const toWireChange = ({ type, title, attribute, change, kind, concerns, source }: Change): WireChange => ({
  type,
  title,
  attribute,
  change,
  kind,
  concerns: concerns ?? [],
  path: source?.path ?? null,
  line: source?.line ?? null,
});
