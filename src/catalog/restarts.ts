import { isMetaparameter } from "./attributes.ts";
import { type Catalog, refOf } from "./catalog.ts";
import { type Change, reachesSystem } from "./change.ts";
import type { Radius } from "./effects.ts";
import { EventFlow, shallRun } from "./event-flow.ts";

/** A service of one node that would be restarted, and the references of up to three changed resources that lead there. */
export interface Restart {
  type: string;
  title: string;
  causes: readonly string[];
}

/**
 * Which services of `after` would get a refresh, from what changes on the node. Events go as Puppet's transaction sends them
 * (puppet/graph/relationship_graph.rb and transaction/event_manager.rb of Puppet 7):
 *
 * - a changed resource sends along `notify` (its own) and `subscribe` (the other's); arrows are in the catalog as these attributes;
 * - what a resource sends, each class or define around it sends too; what a class or define gets, everything in it gets;
 * - who takes a refresh sends in turn: Service, Exec (with `refreshonly` or without), Package, and types that are not known to be
 *   deaf, which forecasts a restart too many rather than one too few.
 *
 * No events come of relations, parameters of classes, other metaparameters, `noop` resources, an Exec with `refreshonly` that is new
 * or changed, and of what is removed; but a fragment of puppetlabs-concat, removed or not, changes the file it is part of. A service
 * that is itself new is no restart, nor is one that shall not run. Linear in resources and relations. `also` are resources that may change, each
 * with what is to be told as the cause.
 */
export function forecastRestarts(
  after: Catalog,
  changes: readonly Change[],
  also: ReadonlyArray<{ reference: string; cause: string }> = [],
): Restart[] {
  const events = changes.filter(sendsEvents);
  if (events.length + also.length === 0) return [];
  const flow = new EventFlow(after);
  for (const change of events) {
    if (change.change === "removed" && change.attribute === null) flow.remove(refOf(change), change);
    else flow.change(refOf(change));
  }
  for (const { reference, cause } of also) flow.change(reference, cause);
  const isNew = new Set(changes.filter(({ change, attribute }) => change === "added" && attribute === null).map((change) => refOf(change)));
  return flow
    .refreshed()
    .filter(({ resource }) => resource.type === "Service" && !isNew.has(refOf(resource)) && shallRun(resource))
    .map(({ resource, causes }) => ({ type: resource.type, title: resource.title, causes }));
}

/** One row for each service over all nodes; the one on most nodes first. */
export function groupRestarts(restartsByNode: Iterable<readonly [certname: string, restarts: readonly Restart[]]>): Radius["restarts"] {
  const rows = new Map<string, { type: string; title: string; certnames: string[]; causes: Set<string> }>();
  for (const [certname, restarts] of restartsByNode) {
    for (const { type, title, causes } of restarts) {
      const row = rows.get(`${type}[${title}]`) ?? { type, title, certnames: [], causes: new Set<string>() };
      row.certnames.push(certname);
      for (const cause of causes) row.causes.add(cause);
      rows.set(`${type}[${title}]`, row);
    }
  }
  return [...rows.values()]
    .map(({ type, title, certnames, causes }) => ({
      type,
      title,
      nodes: certnames.length,
      cause: causeOf([...causes].sort()),
      certnames: certnames.sort(),
    }))
    .sort((a, b) => b.nodes - a.nodes || (a.title < b.title ? -1 : 1));
}

function causeOf([first, second, third]: readonly string[]): string {
  if (second === undefined) return `${first} changes`;
  return third === undefined ? `${first} and ${second} change` : `${first}, ${second} and others change`;
}

const sendsEvents = (change: Change): boolean => reachesSystem(change) && (change.attribute === null || !isMetaparameter(change.attribute));
