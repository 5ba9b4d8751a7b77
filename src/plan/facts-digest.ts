import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { FactPath } from "./trace.ts";

/**
 * SHA-256 of the facts that a compile read, by their paths, and of nothing else: a node whose other facts changed has the same catalog. A path
 * that leads nowhere counts as missing, which null is not. The order of paths, and whether one is given twice, makes no difference.
 */
export function factsDigest(reads: readonly FactPath[], facts: Readonly<Record<string, unknown>>): string {
  const values = new Map(reads.map((path) => [JSON.stringify(path), at(path, facts)]));
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(canonicalize(sorted.map(([path, found]) => [path, ...found])) ?? "", "utf8")
    .digest("hex");
}

/** The value at a path, in a list; an empty list where there is none. */
function at(path: FactPath, facts: Readonly<Record<string, unknown>>): readonly unknown[] {
  let value: unknown = facts;
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return [];
    value = (value as Record<string, unknown>)[name];
  }
  return [value];
}
