import { type Catalog, refOf, type Resource } from "./catalog.ts";
import type { Change } from "./change.ts";
import { shallRun } from "./event-flow.ts";
import { forecastRestarts, type Restart } from "./restarts.ts";

/** Containers that are climbed: nobody nests deeper, and a forged catalog may go round in circles. */
const deepest = 64;

/**
 * What restarts on a node that imports what changes elsewhere. `imported` are these resources as they will be, `exports` the references of all
 * that nodes export on base.
 *
 * A resource that the node's catalog has is where its collector put it, and what a define made there may all change. One that comes for the first time
 * is taken to be where others of its type are that were collected. Where the catalog has none of those, it was compiled without others' exports: then only
 * what the resource itself notifies is known, and it is `blind`, unless the node runs no service. So is a define that the catalog does not have.
 */
export function forecastImported(
  after: Catalog,
  changes: readonly Change[],
  imported: readonly Resource[],
  exports: ReadonlySet<string>,
): { restarts: Restart[]; blind: string[] } {
  const present = new Set(after.resources.map(refOf));
  const [containers, contents] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const { container, contained } of after.contains) {
    push(containers, contained, container);
    push(contents, container, contained);
  }
  const homes = new Map<string, Set<string>>();
  for (const resource of after.resources) {
    if (!exports.has(refOf(resource))) continue;
    const its = homes.get(resource.type) ?? new Set();
    homes.set(resource.type, its);
    for (const container of containers.get(refOf(resource)) ?? []) its.add(container);
  }
  const news = imported.filter((resource) => !present.has(refOf(resource)));
  const contains = news.flatMap((resource) =>
    [...(homes.get(resource.type) ?? [])].map((container) => ({ container, contained: refOf(resource) })),
  );
  const made = imported
    .filter(({ kind }) => kind === "define")
    .flatMap((define) => inside(contents, refOf(define)).map((reference) => ({ reference, cause: refOf(define) })));
  const known = { ...after, resources: [...after.resources, ...news], contains: [...after.contains, ...contains] };
  const runs = after.resources.some((resource) => resource.type === "Service" && shallRun(resource));
  const blind = runs ? news.filter(({ type, kind }) => kind === "define" || !homes.has(type)).map(refOf) : [];
  return { restarts: forecastRestarts(known, changes, made), blind };
}

function inside(contents: ReadonlyMap<string, readonly string[]>, reference: string): string[] {
  const found = new Set<string>();
  let level: readonly string[] = [reference];
  for (let depth = 0; level.length > 0 && depth < deepest; depth += 1) {
    level = level.flatMap((each) => contents.get(each) ?? []).filter((each) => !found.has(each));
    for (const each of level) found.add(each);
  }
  return [...found];
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
