import { isLike, type Ignored } from "../policy/leniency.ts";
import { type Catalog, refOf, type Value } from "./catalog.ts";
import type { Change } from "./change.ts";
import { forecastRestarts } from "./restarts.ts";

/** A node's changes without those that the policy leaves out, which come with its reasons. */
export interface Lenient {
  changes: Change[];
  ignored: ReadonlyArray<{ change: Change; reason: string }>;
}

/**
 * Leaves out what a policy calls noise. Never a resource that comes or goes, a relation, what deserves a second look, or what a service would restart for:
 * that an agent does whether anybody cares for the difference or not. `changes` are with their concerns. Linear, where nothing is left out
 * that sends events.
 */
export function withoutIgnored(changes: readonly Change[], after: Catalog, ignore: readonly Ignored[]): Lenient {
  const found = new Map<Change, string>();
  for (const change of ignore.length === 0 ? [] : changes) {
    const entry = ignore.find((each) => isIgnored(change, each));
    if (entry !== undefined && (change.concerns ?? []).length === 0) found.set(change, entry.reason);
  }
  const causes = new Set(forecastRestarts(after, [...found.keys()]).length === 0 ? [] : restarting(after, [...found.keys()]));
  for (const change of causes) found.delete(change);
  return {
    changes: changes.filter((change) => !found.has(change)),
    ignored: [...found].map(([change, reason]) => ({ change, reason })),
  };
}

/** Those for which something restarts; each resource is asked for by itself, since a forecast names no more than three causes. */
function restarting(after: Catalog, changes: readonly Change[]): Change[] {
  const byResource = Map.groupBy(changes, refOf);
  return [...byResource.values()].filter((same) => forecastRestarts(after, same).length > 0).flat();
}

function isIgnored(change: Change, { type, title, attribute, anyLine, everyLine }: Ignored): boolean {
  if (change.attribute === null || change.kind === "ordering" || !isLike(change.attribute, attribute)) return false;
  if (!isLike(change.type, type) || !isLike(change.title, title)) return false;
  if (anyLine === null && everyLine === null) return true;
  const lines = changedLines(change.before, change.after);
  if (lines === null || lines.length === 0) return false;
  return (
    (anyLine === null || lines.some((line) => isLike(line, anyLine))) &&
    (everyLine === null || lines.every((line) => isLike(line, everyLine)))
  );
}

/** Lines that one side has more often than the other; null where a side has none to look at (a secret, bytes, a hash). */
function changedLines(before: Value, after: Value): string[] | null {
  const [was, is] = [linesOf(before), linesOf(after)];
  if (was === null || is === null) return null;
  const counts = new Map<string, number>();
  for (const line of was) counts.set(line, (counts.get(line) ?? 0) - 1);
  for (const line of is) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].filter(([, count]) => count !== 0).map(([line]) => line);
}

function linesOf(value: Value): string[] | null {
  if (value === null) return [];
  if (typeof value === "string") return value.split("\n");
  if (typeof value === "number" || typeof value === "boolean") return [String(value)];
  if (!Array.isArray(value)) return null;
  const lines = value.map((each) => (typeof each === "string" || typeof each === "number" ? String(each) : null));
  return lines.every((line) => line !== null) ? lines : null;
}
