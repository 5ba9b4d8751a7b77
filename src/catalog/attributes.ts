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
export function isNamevar(resource: Resource, attribute: string): boolean {
  if (attribute !== (resource.type === "File" ? "path" : "name")) return false;
  const value = taken(resource, attribute);
  return value === null || (typeof value === "string" && resource.key.split("\0").includes(value));
}

/** Whether a number or a boolean is never the same as its text: a mode `644` that is a number is read in base ten. */
export const isTypeStrict = (type: string, attribute: string): boolean => type === "File" && attribute === "mode";

/** Types whose title is a label for something that has a name of its own and no more than that, so that a new label is no news. */
export const isTitleMere = (type: string): boolean => type === "File";

/** An attribute's value as its type takes it, as far as the type could say; null where it has none. `[x]` is `x`. */
export function taken({ parameters, munged }: Resource, attribute: string): Value {
  const value = munged?.get(attribute) ?? parameters.get(attribute) ?? null;
  return alone(value);
}

/** Puppet takes a list of one for what is in it. */
export const alone = (value: Value): Value => (Array.isArray(value) && value.length === 1 ? (value[0] ?? null) : value);

/**
 * The nine permission bits that a mode sets whatever they were before, in octal: of `u=rw,go=r` as of `0644`. Null for what builds upon
 * the bits that a file has (`u+x`, `g=u`), and for what is no mode.
 */
export function permissionsOf(mode: string): string | null {
  if (/^0?[0-7]{1,4}$/u.test(mode)) return (Number.parseInt(mode, 8) & 0o777).toString(8);
  const bits = { u: -1, g: -1, o: -1 };
  for (const clause of mode.split(",")) {
    const [, who = "", what = ""] = /^([ugoa]*)=([rwx]*)$/u.exec(clause) ?? [null, "", "-"];
    if (what === "-" || who === "") return null;
    const value = ["r", "w", "x"].reduce((sum, letter, at) => sum + (what.includes(letter) ? 4 >> at : 0), 0);
    for (const each of ["u", "g", "o"] as const) if (who.includes(each) || who.includes("a")) bits[each] = value;
  }
  const { u, g, o } = bits;
  return Math.min(u, g, o) < 0 ? null : (u * 64 + g * 8 + o).toString(8);
}

/** Whether a resource only says that something is not there. */
export const isAbsent = (resource: Resource): boolean => resource.kind === "native" && taken(resource, "ensure") === "absent";
