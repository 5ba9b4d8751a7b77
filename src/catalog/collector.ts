import type { Resource, Value } from "./catalog.ts";

/** A collector of exported resources: `Type<<| filter |>>`. */
export interface Collector {
  type: string;
  filter: CollectorFilter | null;
}

/** As Puppet hands it to its stores: `["tag", "==", "web"]`, `[filter, "and", filter]`. */
export type CollectorFilter = readonly [string | CollectorFilter, string, unknown];

/** Whether a collector takes an exported resource. As PuppetDB compares: exactly, and a list by what is in it. */
export const collects = ({ type, filter }: Collector, resource: Resource): boolean =>
  type === resource.type && (filter === null || fits(filter, resource));

function fits([left, operator, right]: CollectorFilter, resource: Resource): boolean {
  if (typeof left !== "string") {
    const first = fits(left, resource);
    if (operator === "and") return first && fits(right as CollectorFilter, resource);
    return first || fits(right as CollectorFilter, resource);
  }
  const wanted = (Array.isArray(right) ? right : [right]).map(String);
  const is = valuesOf(resource, left);
  const found = left === "tag" ? wanted.some((tag) => is.includes(tag.toLowerCase())) : wanted.some((each) => is.includes(each));
  return found === (operator === "==");
}

function valuesOf(resource: Resource, name: string): string[] {
  if (name === "title") return [resource.title];
  if (name === "tag") return (resource.tags ?? []).map((tag) => tag.toLowerCase());
  const value = resource.parameters.get(name) ?? null;
  return (Array.isArray(value) ? value : [value]).filter((each: Value) => typeof each !== "object").map(String);
}
