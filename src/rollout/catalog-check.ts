/**
 * What a compiler gave a node last, as far as two of them are compared: names and sealed digests, and no value. What is compared are two real catalogs of one
 * node, before a release and with it, and never a real one and one that the gate compiled: so nothing has to be equal that the gate can't know.
 */
export interface NodeCatalog {
  /** Of this compile. */
  id: string;
  /** `configuration_version` of its code. */
  version: string;
  /** A digest of the node's facts, but for those that change by themselves from run to run. */
  inputs: string;
  /** A digest of each resource, as `File[/etc/motd]`. */
  resources: Readonly<Record<string, string>>;
}

/** What differs on a node although the release was said not to change it; a digest, or null for what is gone. */
export interface Unpredicted {
  certname: string;
  /** The compile that says so. */
  catalog: string;
  resources: Readonly<Record<string, string | null>>;
}

/** What was seen of a node before, and which of it came out the same of two compiles. */
export type Doubted = Readonly<Record<string, Omit<Unpredicted, "certname"> & { confirmed: readonly string[] }>>;

/**
 * What differs between a node's two real catalogs, and is not among what the release changes there. Null where that says nothing: the catalog is of another
 * commit, or the node's own facts changed meanwhile.
 */
export function unpredicted(
  { certname, before, after, release }: { certname: string; before: NodeCatalog; after: NodeCatalog; release: string },
  changes: ReadonlySet<string>,
): Unpredicted | null {
  if (!after.version.endsWith(release) || before.inputs !== after.inputs) return null;
  const names = new Set([...Object.keys(before.resources), ...Object.keys(after.resources)]);
  const differ = [...names].filter((name) => before.resources[name] !== after.resources[name] && !changes.has(name)).sort();
  return { certname, catalog: after.id, resources: Object.fromEntries(differ.map((name) => [name, after.resources[name] ?? null])) };
}

/**
 * What is doubted after one more look. A difference counts once a second compile of the release gave the same: what is made by chance, or of the time, or of what other nodes
 * export at that moment, seldom comes out twice.
 */
export function doubted(earlier: Doubted, seen: readonly Unpredicted[]): Doubted {
  const entries = seen.flatMap(({ certname, catalog, resources }) => {
    if (Object.keys(resources).length === 0) return [];
    const known = earlier[certname];
    if (known?.catalog === catalog) return [[certname, known] as const];
    const confirmed = Object.keys(resources).filter((name) => known !== undefined && known.resources[name] === resources[name]);
    return [[certname, { catalog, resources, confirmed }] as const];
  });
  return Object.fromEntries(entries);
}
