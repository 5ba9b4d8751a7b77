import {
  isAbsent,
  isHidden,
  isNamevar,
  isRelation,
  isTitleMere,
  isTypeStrict,
  isUnordered,
  permissionsOf,
  type Relation,
  taken,
} from "./attributes.ts";
import { type Catalog, type Resource, Secret, type Value } from "./catalog.ts";
import type { Change } from "./change.ts";
import { dataRoom, type DataRoom, noteOf, partNote, sameModeNote } from "./notes.ts";
import { pairUp, type Pair } from "./pairs.ts";
import { Relations } from "./relations.ts";
import { textOf } from "./values.ts";

type Matched = Extract<Pair, { sameKey: boolean }>;

/**
 * What differs between a node's two catalogs, as values; `before` is null where there is none to compare with, and then everything is
 * added. In one order whatever the catalogs' was: by type, title, attribute.
 *
 * Resources are the same if type and key are (`pairs.ts`), so that a File with a new title and the same path is no difference. Relations are
 * compared as a graph: an arrow that becomes a metaparameter is no difference. What is absent on both sides, and what else is said of something
 * that becomes absent, is left out. Arrays are compared whole, so the time is linear (but for sorting what is unordered or shown).
 */
export function diffCatalogs(before: Catalog | null, after: Catalog): Change[] {
  const pairs = pairUp(before, after);
  const ids = new Map<Resource, number>();
  for (const [id, pair] of pairs.entries()) for (const each of [pair.before, pair.after]) if (each !== null) ids.set(each, id);
  const idOf = (resource: Resource): number | null => ids.get(resource) ?? null;
  const relations = { before: new Relations(before, idOf), after: new Relations(after, idOf) };
  const room = dataRoom();
  const changes = pairs.flatMap((pair) => {
    if (pair.before === null) return wholeOf(pair.after, "added");
    if (pair.after === null) return wholeOf(pair.before, "removed");
    return renameOf(pair).concat(attributesOf(pair, relations, room));
  });
  return changes.sort(inOrder);
}

const inOrder = (a: Change, b: Change): number =>
  compare(a.type, b.type) || compare(a.title, b.title) || compare(a.attribute ?? "", b.attribute ?? "") || compare(a.change, b.change);
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function wholeOf(resource: Resource, change: "added" | "removed"): Change {
  const attributes = Object.fromEntries([...resource.parameters].filter(([, value]) => value !== null));
  return {
    type: resource.type,
    title: resource.title,
    attribute: null,
    change,
    kind: resource.kind === "native" ? "system" : "class-parameter",
    before: change === "removed" ? attributes : null,
    after: change === "added" ? attributes : null,
    source: resource.source,
  };
}

function noted(...notes: ReadonlyArray<string | null>): { note?: string } {
  const said = notes.filter((note) => note !== null);
  return said.length === 0 ? {} : { note: said.join("; ") };
}

function renameOf({ before, after }: Matched): Change[] {
  if (before.title === after.title || isTitleMere(after.type) || (isAbsent(before) && isAbsent(after))) return [];
  const { type, title } = after;
  const source = after.source ?? before.source;
  return [{ type, title, attribute: null, change: "renamed", kind: "type-only", before: before.title, after: after.title, source }];
}

function attributesOf(pair: Matched, relations: { before: Relations; after: Relations }, room: DataRoom): Change[] {
  const { before, after } = pair;
  const names = isAbsent(after) ? ["ensure"] : new Set([...before.parameters.keys(), ...after.parameters.keys()]);
  const changes: Change[] = [];
  for (const attribute of names) {
    if (isHidden(attribute)) continue;
    if (pair.sameKey && after.kind === "native" && isNamevar(before, attribute) && isNamevar(after, attribute)) continue;
    const kind = isRelation(attribute) ? orderingKind(pair, attribute, relations) : attributeKind(pair, attribute);
    if (kind === null) continue;
    const was = before.parameters.get(attribute) ?? null;
    const is = after.parameters.get(attribute) ?? null;
    const secret = kind === "secret";
    changes.push({
      type: after.type,
      title: after.title,
      attribute,
      change: was === null ? "added" : is === null ? "removed" : "changed",
      kind,
      before: secret ? null : was,
      after: secret ? null : is,
      source: after.source ?? before.source,
      ...(before.unmunged?.has(attribute) === true || after.unmunged?.has(attribute) === true ? { asWritten: true as const } : {}),
      ...noted(
        partNote(after.type, after.parameters.get("target")),
        kind === "type-only" && isTypeStrict(after.type, attribute)
          ? sameModeNote
          : secret
            ? null
            : noteOf(after.type, attribute, was, is, room),
      ),
    });
  }
  return changes;
}

/** Relations differ if an edge that one side's attribute says is nowhere said on the other side. */
function orderingKind(
  { before, after }: Matched,
  relation: Relation,
  relations: { before: Relations; after: Relations },
): "ordering" | null {
  const gone = relations.before.edgesOf(before, relation).some((edge) => !relations.after.has(edge));
  const come = relations.after.edgesOf(after, relation).some((edge) => !relations.before.has(edge));
  return gone || come ? "ordering" : null;
}

function attributeKind({ before, after }: Matched, attribute: string): Change["kind"] | null {
  const was = taken(before, attribute);
  const is = taken(after, attribute);
  if (was === is) return null;
  const set = isUnordered(after.type, attribute);
  const equal = (strictness: "exact" | "loose" | "masked"): boolean => textIn(was, set, strictness) === textIn(is, set, strictness);
  if (equal("exact")) return null;
  if (before.kind !== "native" && after.kind !== "native") return attribute === "stage" ? "ordering" : "class-parameter";
  if (attribute === "stage") return "ordering";
  if (was instanceof Secret || is instanceof Secret) return "secret";
  if (isTypeStrict(after.type, attribute)) return samePermissions(was, is) ? "type-only" : "system";
  if (equal("loose")) return "type-only";
  return equal("masked") ? "secret" : "system";
}

function samePermissions(was: Value, is: Value): boolean {
  if (typeof was !== "string" || typeof is !== "string") return false;
  const bits = permissionsOf(was);
  // Two numbers say all twelve bits.
  return bits !== null && bits === permissionsOf(is) && !(/^\d+$/u.test(was) && /^\d+$/u.test(is));
}

function textIn(value: Value, unordered: boolean, strictness: "exact" | "loose" | "masked"): string {
  if (!unordered || !Array.isArray(value)) return textOf(value, strictness);
  return `{${value
    .map((each) => textOf(each, strictness))
    .sort()
    .join(",")}}`;
}
