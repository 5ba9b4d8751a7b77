import { alone, taken } from "./attributes.ts";
import type { Catalog, Resource, Value } from "./catalog.ts";
import { refOf } from "./catalog.ts";
import { type Change, reachesSystem } from "./change.ts";
import type { Concern } from "./effects.ts";
import { guardedBy } from "./guarded.ts";

/**
 * Marks the changes of one node that deserve a second look: what deletes, stops, arms or disarms, and what decides who may do what on a
 * machine (`guarded.ts`). Only what reaches the system is marked. Linear in changes and resources.
 *
 * A resource that leaves the catalog is `unmanaged`: the agent leaves alone what it made. It is `deletes` where something that stays purges
 * what is not in the catalog: a File with `purge` above it, or `resources { …: purge => true }`. Where base has no catalog to compare with,
 * everything is told as added, and what a resource guards is no news.
 */
export function withConcerns(changes: readonly Change[], before: Catalog | null, after: Catalog): Change[] {
  if (!changes.some(reachesSystem)) return [...changes];
  const olds = byReference(before);
  const news = byReference(after);
  const purged = purges(after);
  return changes.map((change) => {
    if (!reachesSystem(change)) return change;
    const reference = refOf(change);
    const is = news.get(reference) ?? null;
    const was = olds.get(reference) ?? null;
    const guarded = before === null ? [] : [...guardedBy(was), ...guardedBy(is)];
    const concerns = new Set([...actOf(change, was, purged), ...guarded]);
    return concerns.size === 0 ? change : { ...change, concerns: [...concerns].sort() };
  });
}

const byReference = (catalog: Catalog | null): Map<string, Resource> =>
  new Map(catalog?.resources.map((resource) => [refOf(resource), resource]));

/** What the change does, whatever it does it to. */
function actOf(change: Change, was: Resource | null, purged: (resource: Resource) => boolean): Concern[] {
  if (change.change === "removed" && change.attribute === null) {
    if (was === null || without.has(was.type) || taken(was, "ensure") === "absent") return [];
    return [purged(was) ? "deletes" : "unmanaged"];
  }
  const to = (attribute: string): Value | undefined => valueIn(change.after, change, attribute);
  const from = (attribute: string): Value | undefined => valueIn(change.before, change, attribute);
  const acts: Concern[] = [];
  const ensure = to("ensure");
  if (ensure === "absent" || ensure === "purged") acts.push("deletes");
  if (change.type === "Service" && (isIn(stopped, ensure) || isIn(held, to("enable")))) acts.push("stops");
  if (isTrue(to("noop"))) acts.push("disarmed");
  if (isTrue(from("noop")) && !isTrue(to("noop"))) acts.push("armed");
  return acts;
}

/** The new or old value of an attribute, as far as this change is about it. */
function valueIn(side: Value, { attribute }: Change, name: string): Value | undefined {
  if (attribute !== null) return attribute === name ? alone(side) : undefined;
  const isWhole = typeof side === "object" && side !== null && Object.getPrototypeOf(side) === Object.prototype;
  const value = isWhole ? (side as { [key: string]: Value })[name] : undefined;
  return value === undefined ? undefined : alone(value);
}

const stopped: readonly Value[] = ["stopped", "false", false];
const held: readonly Value[] = ["false", false, "mask"];
const isIn = (values: readonly Value[], value: Value | undefined): boolean => value !== undefined && values.includes(value);
const isTrue = (value: Value | undefined): boolean => value === true || value === "true";

/** Types of which nothing stays behind on the node: they do something, or are part of what stays. */
const without = new Set(["Anchor", "Concat_fragment", "Exec", "Filebucket", "Notify", "Resources", "Schedule", "Tidy"]);

/** Whether the agent would remove a resource that its catalog no longer has. */
function purges(after: Catalog): (resource: Resource) => boolean {
  const types = new Set<string>();
  const folders = new Set<string>();
  for (const { type, title, key, parameters } of after.resources) {
    if (!isTrue(parameters.get("purge"))) continue;
    if (type === "Resources") types.add(title.toLowerCase());
    // `recurse => remote` purges nothing that no source has; taken for a purge all the same: a deletion too many is only told.
    if (type === "File" && parameters.has("recurse") && !isIn(["false", false], parameters.get("recurse"))) folders.add(key);
  }
  return ({ type, key }) => types.has(type.toLowerCase()) || (type === "File" && foldersAbove(key).some((folder) => folders.has(folder)));
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) folders.push(path.slice(0, slash));
  return folders;
}
