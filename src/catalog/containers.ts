import { type Catalog, refOf } from "./catalog.ts";
import { type Change, reachesSystem } from "./change.ts";

/** The parameters of classes and defines that change above each changed resource of a node, by the resource: `Class[Ntp] servers`. */
export type Above = ReadonlyMap<string, readonly string[]>;

/** Containers that are climbed: nobody nests deeper, and a forged catalog may go round in circles. */
const deepest = 64;

/**
 * For each resource whose system changes, the outermost class or define around it whose parameters change too. What such a parameter comes
 * from, the resource may come from. Linear.
 */
export function changedAbove(changes: readonly Change[], after: Catalog): Above {
  const parameters = new Map<string, string[]>();
  for (const change of changes) {
    if (change.kind !== "class-parameter" || change.attribute === null) continue;
    const reference = refOf(change);
    const known = parameters.get(reference);
    if (known === undefined) parameters.set(reference, [`${reference} ${change.attribute}`]);
    else known.push(`${reference} ${change.attribute}`);
  }
  if (parameters.size === 0) return new Map();
  const containers = new Map(after.contains.map(({ container, contained }) => [contained, container]));
  const above = new Map<string, readonly string[]>();
  for (const change of changes) {
    if (!reachesSystem(change) || above.has(refOf(change))) continue;
    let found: readonly string[] = [];
    let at = containers.get(refOf(change));
    for (let depth = 0; at !== undefined && depth < deepest; depth += 1, at = containers.get(at)) found = parameters.get(at) ?? found;
    if (found.length > 0) above.set(refOf(change), found);
  }
  return above;
}

/** The classes that these resources are declared in, each the innermost one, of whichever catalog has it; `Class[Main]` for those in none. Linear. */
export function classesAround(changes: readonly Change[], catalogs: readonly Catalog[]): Set<string> {
  const containers = new Map(catalogs.flatMap(({ contains }) => contains.map(({ container, contained }) => [contained, container])));
  const classes = new Set<string>();
  for (const reference of new Set(changes.map(refOf))) {
    let at = containers.get(reference);
    for (let depth = 0; at !== undefined && !at.startsWith("Class[") && depth < deepest; depth += 1) at = containers.get(at);
    classes.add(at ?? "Class[Main]");
  }
  return classes;
}
