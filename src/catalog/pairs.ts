import type { Catalog, Resource } from "./catalog.ts";

/** A resource on both sides, or on one of them. */
export type Pair =
  | { before: Resource; after: Resource; sameKey: boolean }
  | { before: Resource; after: null }
  | { before: null; after: Resource };

/**
 * Finds the resources of one catalog in the other, by type and key; among several with one key, by title, and the one that is left over
 * on each side. Where a key has parts (a package's provider and name) and one of them changed, the title decides, if another part
 * stayed. Exported resources are for other nodes and are left out. Linear.
 */
export function pairUp(before: Catalog | null, after: Catalog): Pair[] {
  const pairs: Pair[] = [];
  const old = groupBy(before?.resources ?? [], keyOf);
  const added: Resource[] = [];
  for (const [key, news] of groupBy(after.resources, keyOf)) {
    const olds = old.get(key) ?? [];
    old.delete(key);
    const { both, left, right } = byTitle(olds, news);
    const [only] = left;
    const [its] = right;
    for (const [was, is] of both) pairs.push({ before: was, after: is, sameKey: true });
    if (left.length === 1 && right.length === 1 && only !== undefined && its !== undefined) {
      pairs.push({ before: only, after: its, sameKey: true });
      continue;
    }
    if (left.length > 0) old.set(key, left);
    added.push(...right);
  }
  const { both, left, right } = byTitle([...old.values()].flat(), added);
  for (const [was, is] of both) {
    if (shareAPart(was.key, is.key)) pairs.push({ before: was, after: is, sameKey: false });
    else pairs.push({ before: was, after: null }, { before: null, after: is });
  }
  for (const resource of left) pairs.push({ before: resource, after: null });
  for (const resource of right) pairs.push({ before: null, after: resource });
  return pairs;
}

const keyOf = ({ type, key }: Resource): string => `${type}\0${key}`;
const titleOf = ({ type, title }: Resource): string => `${type}\0${title}`;

function groupBy(resources: readonly Resource[], keyed: (resource: Resource) => string): Map<string, Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const resource of resources) {
    if (resource.exported) continue;
    const key = keyed(resource);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [resource]);
    else group.push(resource);
  }
  return groups;
}

function byTitle(
  olds: readonly Resource[],
  news: readonly Resource[],
): { both: Array<[Resource, Resource]>; left: Resource[]; right: Resource[] } {
  const waiting = new Map(olds.map((resource) => [titleOf(resource), resource]));
  const both: Array<[Resource, Resource]> = [];
  const right: Resource[] = [];
  for (const resource of news) {
    const was = waiting.get(titleOf(resource));
    if (was === undefined) right.push(resource);
    else both.push([was, resource]);
    waiting.delete(titleOf(resource));
  }
  return { both, left: [...waiting.values()], right };
}

/** Keys of several namevars are joined by NUL (`parse.ts`). */
function shareAPart(a: string, b: string): boolean {
  if (!a.includes("\0") || !b.includes("\0")) return false;
  const parts = new Set(a.split("\0").filter((part) => part !== ""));
  return b.split("\0").some((part) => parts.has(part));
}
