import type { Resource, Value } from "./catalog.ts";

/**
 * What is known of single attributes without Puppet's types: which say nothing about the system, which have no order, which words
 * mean the same. What is not listed is compared as it is, so that an omission shows too much and never too little.
 */

/** References to other resources, compared as a graph (`relations.ts`). */
export const relationNames = ["before", "require", "notify", "subscribe"] as const;
export type Relation = (typeof relationNames)[number];

export const isRelation = (attribute: string): attribute is Relation => (relationNames as readonly string[]).includes(attribute);

/** `tag` selects resources for a run; `alias` is a second name, and what refers to it is compared by what it refers to. */
export const isHidden = (attribute: string): boolean => attribute === "tag" || attribute === "alias";

/** Metaparameters: they steer how a resource is applied and are no state of the system, so they send no events. */
export const isMetaparameter = (attribute: string): boolean => metaparameters.has(attribute);
const metaparameters = new Set([...relationNames, "alias", "audit", "loglevel", "noop", "schedule", "stage", "tag"]);

const unordered: Record<string, ReadonlySet<string>> = {
  Cron: new Set(["environment", "hour", "minute", "month", "monthday", "weekday"]),
  Group: new Set(["members"]),
  User: new Set(["groups", "roles", "auths", "profiles", "purge_ssh_keys"]),
};

/** Whether an attribute's array is a multiset: `[a, b]` is `[b, a]`, and `[a, a]` is not `[a]`. */
export const isUnordered = (type: string, attribute: string): boolean =>
  attribute === "audit" || (unordered[type]?.has(attribute) ?? false);

/**
 * Whether an attribute does no more than spell out what a resource's key says already (`path => "/etc/motd"` of a File with another
 * title). Where the key is but the title, because nobody could say what it is made of, it does not.
 */
export function isNamevar({ type, key, parameters }: Resource, attribute: string): boolean {
  if (attribute !== (type === "File" ? "path" : "name")) return false;
  const value = parameters.get(attribute);
  return value === undefined || (typeof value === "string" && key.split("\0").includes(value.replace(/(?<=.)\/+$/u, "")));
}

/** Whether a number or a boolean is never the same as its text: a mode `644` that is a number is read in base ten. */
export const isTypeStrict = (type: string, attribute: string): boolean => type === "File" && attribute === "mode";

/** Types whose title is a label for something that has a name of its own and no more than that, so that a new label is no news. */
export const isTitleMere = (type: string): boolean => type === "File";

/** A value in the form in which its type takes it, as far as that is the same on every platform. */
export function munged(resource: Pick<Resource, "type">, attribute: string, value: Value): Value {
  const only = Array.isArray(value) && value.length === 1 ? (value[0] ?? null) : value;
  if (attribute === "ensure" && resource.type === "Package" && only === "installed") return "present";
  if (attribute === "ensure" && resource.type === "Service") return serviceStates.get(only) ?? only;
  if (attribute === "mode" && resource.type === "File" && typeof only === "string" && /^[0-7]+$/u.test(only))
    return only.replace(/^0+(?=.)/u, "");
  return only;
}
const serviceStates = new Map<Value, string>([
  [true, "running"],
  ["true", "running"],
  [false, "stopped"],
  ["false", "stopped"],
]);

/** Whether a resource only says that something is not there. */
export const isAbsent = (resource: Resource): boolean => resource.kind === "native" && resource.parameters.get("ensure") === "absent";
