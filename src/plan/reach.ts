import { dataCause, keyCause, type Cause } from "./cause.ts";
import type { Changed, ChangedData } from "./changed.ts";
import { realPath } from "./links.ts";
import { reachedNode } from "./node-blocks.ts";
import type { Trace } from "./trace.ts";

/** Answers for single inputs of compiles, whether they are among those that differ. What it can't make sense of, differs. */
export class Reach {
  readonly #changed: Changed;
  readonly #anyManifest: Cause | null;
  readonly #anyFile: Cause | null;

  constructor(changed: Changed) {
    this.#changed = changed;
    this.#anyManifest = changed.manifests.values().next().value ?? null;
    this.#anyFile = changed.files.values().next().value ?? null;
  }

  /** Puppet tries a name's own file, that of each name above it, and the module's init.pp. */
  manifest(name: string): Cause | null {
    const { manifests } = this.#changed;
    if (manifests.size === 0) return null;
    // A pattern, to Puppet: `foo::*` finds files.
    if (/[^\w:]/u.test(name)) return this.#anyManifest;
    const bare = bareName(name);
    return manifests.get(bare) ?? above(bare, manifests);
  }

  function(name: string): Cause | null {
    return this.#changed.functions.get(bareName(name)) ?? null;
  }

  type(name: string): Cause | null {
    const { types, typesets } = this.#changed;
    const bare = bareName(name);
    return types.get(bare) ?? typesets.get(bare) ?? (typesets.size === 0 ? null : above(bare, typesets));
  }

  file(path: string): Cause | null {
    return path.startsWith("/") ? (this.#changed.files.get(this.#real(path)) ?? null) : this.#anyFile;
  }

  folder(path: string): Cause | null {
    if (!path.startsWith("/")) return this.#anyFile;
    const real = this.#real(path);
    return this.#changed.folders.get(real) ?? this.#changed.files.get(real) ?? null;
  }

  /** A data file that differs in any of its keys; also one that came. */
  data(path: string): ChangedData | null {
    const first = this.#anyFile;
    if (!path.startsWith("/")) return first === null ? null : { keys: null, path: first.name };
    return this.#changed.data.get(this.#real(path)) ?? null;
  }

  node(certname: string, node: string | null): Cause | null {
    return this.#changed.nodes === null ? null : reachedNode(certname, node, this.#changed.nodes);
  }

  #real(path: string): string {
    return realPath(path, this.#changed.links);
  }
}

const bareName = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.startsWith("::") ? lower.slice(2) : lower;
};

/** The nearest of the names above one that is in a map. */
function above(name: string, map: ReadonlyMap<string, Cause>): Cause | null {
  for (let at = name.lastIndexOf("::"); at > 0; at = name.lastIndexOf("::", at - 1)) {
    const cause = map.get(name.slice(0, at));
    if (cause !== undefined) return cause;
  }
  return null;
}

/** Options of lookups are asked for with every key. */
const forAll = "lookup_options";

/** Of a data file that differs, the reason for a compile that asked it for these keys; null keys are all of it. */
export function keyOfData({ keys, path }: ChangedData, asked: Iterable<string> | null): Cause | null {
  if (keys === null || asked === null) return dataCause(path);
  if (keys.size === 0) return null;
  for (const key of asked) if (keys.has(key)) return keyCause(key, path);
  return keys.has(forAll) ? keyCause(forAll, path) : null;
}

/**
 * Why a node's catalog may be another on the other side, by what its compile read; null where no input of it differs. The most telling reason:
 * what a person wrote for this node comes first, what merely lies near it last.
 */
export function reached(certname: string, trace: Trace, changed: Changed): Cause | null {
  if (changed.whole !== null) return changed.whole;
  const reach = new Reach(changed);
  const first = <Item>(items: Iterable<Item>, ask: (item: Item) => Cause | null): Cause | null => {
    for (const item of items) {
      const cause = ask(item);
      if (cause !== null) return cause;
    }
    return null;
  };
  const ofData = (path: string, keys: readonly string[] | null): Cause | null => {
    const data = reach.data(path);
    return data === null ? null : keyOfData(data, keys);
  };
  return (
    reach.node(certname, trace.node) ??
    first(trace.data, ({ path, keys }) => ofData(path, keys)) ??
    first(trace.absent, (path) => ofData(path, trace.keys)) ??
    first(trace.manifests, (name) => reach.manifest(name)) ??
    first(trace.functions, (name) => reach.function(name)) ??
    first(trace.files, (path) => reach.file(path)) ??
    first(trace.types, (name) => reach.type(name)) ??
    first(trace.folders, (path) => reach.folder(path))
  );
}
