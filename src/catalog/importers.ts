import type { Catalog, Resource } from "./catalog.ts";
import type { Change } from "./change.ts";
import { collects, type Collector } from "./collector.ts";
import { withConcerns } from "./concerns.ts";
import { diffCatalogs } from "./diff.ts";

/** What a node exports, by its catalogs of both sides. */
export interface Exporter {
  certname: string;
  before: readonly Resource[];
  after: readonly Resource[];
}

/** What a node collects, by its compiles of both sides. */
export interface Importer {
  certname: string;
  before: readonly Collector[];
  after: readonly Collector[];
}

export interface Imports {
  /** What changes on each importer, the resources that change or come, as they will be there, and whose exports do that. */
  byNode: ReadonlyMap<string, { changes: Change[]; resources: Resource[]; from: string[] }>;
  /** References of exported resources that change, and that no node looked at collects. */
  unclaimed: readonly string[];
}

/**
 * What changes on the nodes that import what others export (`<<| |>>`): there it comes with the next run after the exporter's. A node's own
 * exports are in its own catalog already. `known` says that the compiles had exported resources of others, in which case what a collector
 * itself comes to collect is in the importer's own catalogs, and only what becomes of the resources is told here.
 *
 * Where neither what is exported nor what is collected changes, nothing is compared: usually that is so of all nodes but few. Null where it would
 * take more than `most` comparisons of a resource with a collector.
 */
export function importedChanges(
  exporters: readonly Exporter[],
  importers: readonly Importer[],
  known: boolean,
  most = 20_000_000,
): Imports | null {
  const moved = new Set(importers.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after)));
  let left = most;
  const byNode = new Map<string, { changes: Change[]; resources: Resource[]; from: string[] }>();
  const unclaimed = new Set<string>();
  for (const exporter of exporters) {
    const changed = new Set(diffOf(exporter.certname, exporter.before, exporter.after).map(referenceOf));
    const claimed = new Set<string>();
    for (const importer of importers) {
      const { certname, before, after } = importer;
      if (certname === exporter.certname || (changed.size === 0 && !moved.has(importer))) continue;
      left -= (exporter.before.length + exporter.after.length) * (before.length + after.length);
      if (left < 0) return null;
      const was = exporter.before.filter((resource) => (known ? after : before).some((collector) => collects(collector, resource)));
      const is = exporter.after.filter((resource) => after.some((collector) => collects(collector, resource)));
      for (const resource of [...was, ...is]) claimed.add(referenceOf(resource));
      const changes = diffOf(certname, was, is);
      if (changes.length === 0) continue;
      const all = byNode.get(certname) ?? { changes: [], resources: [], from: [] };
      const references = new Set(changes.map(referenceOf));
      for (const resource of is) if (references.has(referenceOf(resource))) all.resources.push({ ...resource, exported: false });
      all.changes.push(...changes);
      all.from.push(exporter.certname);
      byNode.set(certname, all);
    }
    for (const reference of changed) if (!claimed.has(reference)) unclaimed.add(reference);
  }
  return { byNode, unclaimed: [...unclaimed].sort() };
}

/**
 * What goes from node to node by PuppetDB and is another one after the change: exported resources by their references, with the place where they are
 * declared, and types whose collectors differ.
 */
export function exchanged(
  exporters: readonly Exporter[],
  importers: readonly Importer[],
): { exports: ReadonlyMap<string, Resource["source"]>; collected: readonly string[] } {
  const exports = new Map<string, Resource["source"]>();
  for (const { certname, before, after } of exporters) {
    const changed = new Set(diffOf(certname, before, after).map(referenceOf));
    for (const resource of [...before, ...after])
      if (changed.has(referenceOf(resource))) exports.set(referenceOf(resource), resource.source);
  }
  const text = (collectors: readonly Collector[], type: string): string => JSON.stringify(collectors.filter((each) => each.type === type));
  const collected = importers.flatMap(({ before, after }) =>
    [...before, ...after].map(({ type }) => type).filter((type) => text(before, type) !== text(after, type)),
  );
  return { exports, collected: [...new Set(collected)].sort() };
}

const referenceOf = ({ type, title }: { type: string; title: string }): string => `${type}[${title}]`;

/** As they are once they are collected: exported no more. */
function diffOf(certname: string, before: readonly Resource[], after: readonly Resource[]): Change[] {
  if (before.length === 0 && after.length === 0) return [];
  const [was, is] = [collected(certname, before), collected(certname, after)];
  return withConcerns(diffCatalogs(was, is).map(asCollected), was, is);
}

/** What a define makes where it is collected stands in no catalog of the exporter's: a change to it counts as one to the importer's system. */
const asCollected = (change: Change): Change => (change.kind === "class-parameter" ? { ...change, kind: "system" } : change);

const collected = (certname: string, resources: readonly Resource[]): Catalog => ({
  certname,
  resources: resources.map((resource) => ({ ...resource, exported: false })),
  contains: [],
  classes: [],
});
