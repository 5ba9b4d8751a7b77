import type { Catalog, Resource, Value } from "./catalog.ts";
import { refOf } from "./catalog.ts";
import { type Relation, relationNames } from "./attributes.ts";

/** Numbers resources so that the same one has one number on both sides; null for those that are left out. */
type IdOf = (resource: Resource) => number | null;

/** What orders and notifies in one catalog, as a graph: `A before B` and `B require A` are one edge, whoever says so. */
export class Relations {
  readonly #idOf: IdOf;
  readonly #resources: ResourceIndex;
  readonly #edges = new Set<string>();

  constructor(catalog: Catalog | null, idOf: IdOf) {
    this.#idOf = idOf;
    this.#resources = new ResourceIndex(catalog?.resources ?? []);
    for (const resource of catalog?.resources ?? [])
      for (const relation of relationNames) for (const edge of this.edgesOf(resource, relation)) this.#edges.add(edge);
  }

  has(edge: string): boolean {
    return this.#edges.has(edge);
  }

  /** The edges that one attribute of a resource says. */
  edgesOf(resource: Resource, relation: Relation): string[] {
    const self = this.#idOf(resource);
    if (self === null) return [];
    return referencesIn(resource.parameters.get(relation)).map((reference) => {
      const target = this.#resources.find(reference);
      const other = (target === null ? null : this.#idOf(target)) ?? reference;
      const refreshes = relation === "notify" || relation === "subscribe";
      const [from, to] = relation === "before" || relation === "notify" ? [self, other] : [other, self];
      return `${from} ${refreshes ? "~>" : "->"} ${to}`;
    });
  }
}

/** Finds resources by what a reference may call them: title, alias, or the name of what they manage. */
export class ResourceIndex {
  readonly #byReference = new Map<string, Resource>();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) this.#byReference.set(refOf(resource), resource);
    for (const resource of resources)
      for (const name of [...texts(resource.parameters.get("alias")), resource.key, ...texts(resource.parameters.get("name"))])
        this.#add(`${resource.type}[${name}]`, resource);
  }

  find(reference: string): Resource | null {
    // Puppet itself takes `File[/etc/x/]` for `File[/etc/x]`.
    return this.#byReference.get(reference) ?? this.#byReference.get(reference.replace(/^(File\[.+?)\/+\]$/su, "$1]")) ?? null;
  }

  /** A title goes before any other name. */
  #add(reference: string, resource: Resource): void {
    if (!this.#byReference.has(reference)) this.#byReference.set(reference, resource);
  }
}

/** The references that a metaparameter holds: one, or an array of them. */
export const referencesIn = (value: Value | undefined): string[] => texts(value);

function texts(value: Value | undefined): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.flatMap(texts) : [];
}
