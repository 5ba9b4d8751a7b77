import { Environment } from "@marcbachmann/cel-js";
import type { ConditionKind } from "../../policy/cel.ts";
import { matchesGlob } from "../../policy/glob.ts";
import { FleetNodeView, NodeView } from "./node-view.ts";
import { CatalogView, ChangeView, ResourceView } from "./view.ts";

/** What an expectation looks at: one catalog, both sides of a node, or the catalogs of all its nodes together. */
export type Scope = "catalog" | "change" | "fleet";

/** An expression is small; what it walks through is not, which is why it is evaluated apart, with limits of time and memory. */
const options = { unlistedVariablesAreDyn: false, limits: { maxAstNodes: 2000, maxDepth: 64, maxListElements: 1000 } };

const resource = { exists: "bool", type: "string", title: "string", ref: "string", kind: "string", exported: "bool", path: "string" };
const change = {
  type: "string",
  title: "string",
  ref: "string",
  attribute: "string",
  change: "string",
  kind: "string",
  concerns: "list<string>",
  path: "string",
};
const node = { certname: "string", services: "list<string>", datacentre: "string" };
const fleetNode = { ...node, before: "dyn", after: "dyn", changed: "bool", restarts: "list<string>" };

/** What every expression may use. docs/expectations.md says the same in prose. */
const common = (): Environment =>
  new Environment(options)
    .registerFunction("string.glob(string): bool", (path: string, pattern: string) => matchesGlob(path, pattern))
    .registerType("Resource", { ctor: ResourceView, fields: resource })
    .registerType("Catalog", { ctor: CatalogView, fields: { classes: "list<string>" } })
    .registerType("Change", { ctor: ChangeView, fields: change })
    .registerType("Node", { ctor: NodeView, fields: node })
    .registerType("FleetNode", { ctor: FleetNodeView, fields: fleetNode })
    .registerFunction("Resource.names(): list<string>", (each: ResourceView) => each.names())
    .registerFunction("Resource.has(string): bool", (each: ResourceView, name: string) => each.has(name))
    .registerFunction("Resource.text(string): string", (each: ResourceView, name: string) => each.text(name))
    .registerFunction("Resource.taken(string): string", (each: ResourceView, name: string) => each.taken(name))
    .registerFunction("Resource.texts(string): list<string>", (each: ResourceView, name: string) => each.texts(name))
    .registerFunction("Resource.param(string): dyn", (each: ResourceView, name: string) => each.param(name))
    .registerFunction("Resource.secret(string): bool", (each: ResourceView, name: string) => each.isSecret(name))
    .registerFunction("Resource.deferred(string): bool", (each: ResourceView, name: string) => each.isDeferred(name))
    .registerFunction(
      "Resource.same(string, Resource, string): bool",
      (each: ResourceView, name: string, other: ResourceView, its: string) => each.same(name, other, its),
    )
    .registerFunction("Resource.grants(string, string): bool", (each: ResourceView, who: string, permission: string) =>
      each.grants(who, permission),
    )
    .registerFunction("Catalog.includes(string): bool", (all: CatalogView, name: string) => all.includes(name))
    .registerFunction("Catalog.resources(): list<Resource>", (all: CatalogView) => all.resources())
    .registerFunction("Catalog.resources(string): list<Resource>", (all: CatalogView, type: string) => all.ofType(type))
    .registerFunction("Catalog.exported(string): list<Resource>", (all: CatalogView, type: string) => all.exported(type))
    .registerFunction("Catalog.resource(string, string): Resource", (all: CatalogView, type: string, title: string) =>
      all.resource(type, title),
    )
    .registerFunction("Catalog.has(string, string): bool", (all: CatalogView, type: string, title: string) => all.has(type, title))
    .registerFunction("Catalog.text(string, string, string): string", (all: CatalogView, type: string, title: string, name: string) =>
      all.resource(type, title).text(name),
    )
    .registerFunction("Catalog.param(string, string, string): dyn", (all: CatalogView, type: string, title: string, name: string) =>
      all.resource(type, title).param(name),
    );

const environments: Record<Scope | "each", Environment> = {
  catalog: common().registerVariable("catalog", "Catalog").registerVariable("node", "Node"),
  each: common().registerVariable("catalog", "Catalog").registerVariable("node", "Node"),
  change: common()
    .registerVariable("before", "Catalog")
    .registerVariable("after", "Catalog")
    .registerVariable("changes", "list<Change>")
    .registerVariable("restarts", "list<string>")
    .registerVariable("node", "Node"),
  fleet: common().registerVariable("nodes", "list<FleetNode>").registerVariable("datacentres", "list<string>"),
};

const kindOf = (of: Scope | "each", result: ConditionKind["result"]): ConditionKind => ({
  environment: environments[of],
  result,
  fields: { node: Object.keys(node) },
});

/** What each kind of expression may read. `each` is what an expectation over the fleet takes of each node's catalog; it may give anything. */
export const expressionKinds: Readonly<Record<Scope | "each", ConditionKind>> = {
  catalog: kindOf("catalog", "bool"),
  each: kindOf("each", "any"),
  change: kindOf("change", "bool"),
  fleet: kindOf("fleet", "bool"),
};
