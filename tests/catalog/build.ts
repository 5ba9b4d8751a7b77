import type { Catalog, Resource, Value } from "../../src/catalog/catalog.ts";
import type { Change } from "../../src/catalog/change.ts";
import { toJson } from "../../src/catalog/values.ts";

/** A resource in short: `["File[/etc/motd]", {mode: "0644"}]`, with more where a case needs it. */
export type Short = readonly [reference: string, parameters?: Record<string, Value>, more?: Partial<Resource>];

export function resource([reference, parameters = {}, more = {}]: Short): Resource {
  const [, type = "", title = ""] = /^([^[]+)\[(.*)\]$/su.exec(reference) ?? [];
  return {
    type,
    title,
    key: title,
    parameters: new Map(Object.entries(parameters)),
    exported: false,
    source: { path: "manifests/site.pp", line: 1 },
    kind: type === "Class" || type === "Stage" ? "class" : type.includes("::") ? "define" : "native",
    ...more,
  };
}

/** A catalog of resources in short; `contains` as `container: [contained, …]`. */
export const catalog = (resources: readonly Short[], contains: Record<string, readonly string[]> = {}, certname = "web1"): Catalog => ({
  certname,
  resources: resources.map(resource),
  contains: Object.entries(contains).flatMap(([container, inside]) => inside.map((contained) => ({ container, contained }))),
  classes: [],
});

/** A change as a line: `system changed File[/etc/motd] mode "0644" -> "0600"`. */
export function line({ kind, change, type, title, attribute, before, after }: Change): string {
  const values = `${JSON.stringify(toJson(before))} -> ${JSON.stringify(toJson(after))}`;
  return `${kind} ${change} ${type}[${title}]${attribute === null ? "" : ` ${attribute}`} ${values}`;
}
