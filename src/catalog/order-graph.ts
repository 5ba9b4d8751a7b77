import { type Catalog, refOf, type Resource } from "./catalog.ts";
import { relationNames } from "./attributes.ts";
import { referencesIn, ResourceIndex } from "./relations.ts";

/** `earlier` comes before `later`; `by` is the resource that says so, null where containment or Puppet itself does. */
export interface Step {
  earlier: number;
  later: number;
  by: Resource | null;
}

/**
 * In what order one catalog's resources are applied, as the agent sees it (puppet/graph/relationship_graph.rb of Puppet 7). A vertex is a
 * resource; a class or define is two, its beginning and its end, with all that it contains between them. Exported resources are not applied.
 */
export class OrderGraph {
  readonly #resources: readonly Resource[];
  /** Steps by the vertex that they leave. */
  readonly #steps: Step[][];

  constructor({ resources, contains, auto = [] }: Catalog) {
    this.#resources = resources;
    this.#steps = Array.from({ length: resources.length * 2 }, () => []);
    const places = new Map(resources.map((resource, at) => [resource, at]));
    const index = new ResourceIndex(resources);
    const place = (reference: string): number | null => {
      const found = index.find(reference);
      return found === null ? null : (places.get(found) ?? null);
    };
    const known = new Set<string>();
    const add = (earlier: number | null, later: number | null, by: Resource | null): void => {
      if (earlier === null || later === null || this.#isLeftOut(earlier) || this.#isLeftOut(later)) return;
      known.add(`${earlier} ${later}`);
      this.#add(this.#end(earlier), this.#start(later), by);
    };
    for (const [at, resource] of resources.entries())
      for (const relation of relationNames)
        for (const reference of referencesIn(resource.parameters.get(relation))) {
          const other = place(reference);
          if (relation === "before" || relation === "notify") add(at, other, resource);
          else add(other, at, resource);
        }
    // What is written goes before what Puppet would add by itself.
    for (const { earlier, later } of auto) if (!known.has(`${later} ${earlier}`)) add(earlier, later, null);
    for (const { container, contained } of contains) this.#contain(place(container), place(contained));
  }

  get size(): number {
    return this.#steps.length;
  }

  from(vertex: number): readonly Step[] {
    return this.#steps[vertex] ?? [];
  }

  /** The reference of a vertex's resource. */
  ref(vertex: number): string {
    const resource = this.#resources[Math.floor(vertex / 2)];
    return resource === undefined ? "" : refOf(resource);
  }

  #contain(container: number | null, contained: number | null): void {
    if (container === null || contained === null || this.#isLeftOut(contained)) return;
    this.#add(this.#start(container), this.#start(contained), null);
    this.#add(this.#end(contained), this.#end(container), null);
  }

  #add(earlier: number, later: number, by: Resource | null): void {
    this.#steps[earlier]?.push({ earlier, later, by });
  }

  readonly #start = (at: number): number => at * 2;
  readonly #end = (at: number): number => (this.#resources[at]?.kind === "native" ? at * 2 : at * 2 + 1);
  readonly #isLeftOut = (at: number): boolean => this.#resources[at]?.exported === true;
}
