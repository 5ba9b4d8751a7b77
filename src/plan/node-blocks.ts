import { fleetCause, nodeCause, orderCause, type Cause } from "./cause.ts";
import type { Definition } from "./definitions.ts";

/** Node statements that differ, by what they match. */
export interface NodeChanges {
  /** Literal names, and `default`, of blocks that were added, removed or changed. */
  names: ReadonlyMap<string, Cause>;
  /** Regular expressions whose block alone changed. */
  patterns: ReadonlyMap<string, Cause>;
  /** A regular expression came, went or changed its place: whoever no literal name matches may be matched by another block. */
  order: Cause | null;
  /** Any of it. */
  first: Cause;
  /** All matches that there were, as they are written. */
  known: ReadonlySet<string>;
}

/** One file of the main manifest, changed or not; a side that does not have it has no definitions of it. */
export interface MainFile {
  path: string;
  before: readonly Definition[];
  after: readonly Definition[];
}

const isPattern = (name: string): boolean => name.startsWith("/");

/** A node's name as Puppet compares it. */
const nameOf = (name: string): string => (isPattern(name) ? name : name.toLowerCase());

/** What changed of the node statements; null where nothing did. */
export function nodeChanges(files: readonly MainFile[]): NodeChanges | null {
  const names = new Map<string, Cause>();
  const patterns = new Map<string, Cause>();
  let order: Cause | null = null;
  const known = new Set<string>();
  for (const { path, before, after } of files) {
    const old = blocksOf(before);
    const now = blocksOf(after);
    for (const name of old.keys()) known.add(name);
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      if (old.get(name) === now.get(name)) continue;
      const cause = nodeCause(name, path);
      if (isPattern(name)) patterns.set(name, cause);
      else names.set(name, cause);
    }
    const sequence = (blocks: ReadonlyMap<string, string>): string => JSON.stringify([...blocks.keys()].filter(isPattern));
    if (sequence(old) !== sequence(now)) order ??= orderCause(path);
  }
  const first = names.values().next().value ?? patterns.values().next().value ?? order;
  return first === null || first === undefined ? null : { names, patterns, order, first, known };
}

/** Of several blocks with one name, all digests: Puppet refuses them, which a name with two is another digest for. */
function blocksOf(definitions: readonly Definition[]): Map<string, string> {
  const blocks = new Map<string, string>();
  for (const { kind, name, digest } of definitions) {
    if (kind !== "node") continue;
    blocks.set(nameOf(name), `${blocks.get(nameOf(name)) ?? ""} ${digest}`);
  }
  return blocks;
}

/** What the main manifest as a whole says to every node: statements outside all blocks, and a name that is there twice. */
export function mainCause(files: readonly MainFile[]): Cause | null {
  const seen = new Map<string, string>();
  for (const { path, before, after } of files) {
    const others = (side: readonly Definition[]): string =>
      JSON.stringify(side.filter(({ kind }) => kind === "other").map(({ digest }) => digest));
    if (others(before) !== others(after)) return fleetCause(`${path}: statements outside node blocks changed`, path);
    for (const { kind, name } of after) {
      if (kind === "other") continue;
      // Classes, defines and nodes share their names.
      const key = kind === "function" || kind === "type" || kind === "plan" ? `${kind} ${name.toLowerCase()}` : nameOf(name);
      const there = seen.get(key);
      if (there !== undefined) return fleetCause(`${path}: ${name} is defined a second time (${there})`, path);
      seen.set(key, path);
    }
  }
  return null;
}

/** Whether the node statements that changed have a part in what a node matched, or would match now. */
export function reachedNode(certname: string, node: string | null, changes: NodeChanges): Cause | null {
  const own = changes.names.get(certname.toLowerCase());
  if (own !== undefined) return own;
  if (node === null) return changes.first;
  const matched = nameOf(node);
  const its = changes.names.get(matched) ?? changes.patterns.get(matched);
  if (its !== undefined) return its;
  if ((isPattern(matched) || matched === "default") && changes.order !== null) return changes.order;
  // Another way of writing it than the parser's, perhaps: nothing can be told by it.
  return changes.known.has(matched) ? null : changes.first;
}
