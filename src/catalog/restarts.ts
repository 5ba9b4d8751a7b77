import { isMetaparameter, taken } from "./attributes.ts";
import { type Catalog, type Resource, refOf, type Value } from "./catalog.ts";
import { type Change, reachesSystem } from "./change.ts";
import type { Radius } from "./effects.ts";
import { referencesIn, ResourceIndex } from "./relations.ts";

/** A service of one node that would be restarted, and the references of up to three changed resources that lead there. */
export interface Restart {
  type: string;
  title: string;
  causes: readonly string[];
}

/** Causes that are carried along: enough for "A, B and others", and what keeps the walk linear. */
const mostCauses = 3;

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
 * that is itself new is no restart, nor is one that shall not run. Linear in resources and relations.
 */
export function forecastRestarts(after: Catalog, changes: readonly Change[]): Restart[] {
  const events = changes.filter(sendsEvents);
  if (events.length === 0) return [];
  const flow = new EventFlow(after);
  for (const change of events) {
    if (change.change === "removed" && change.attribute === null) flow.remove(refOf(change), change);
    else flow.change(refOf(change));
  }
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

const isHash = (value: Value): value is { [key: string]: Value } =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
const isTrue = (value: unknown): boolean => value === true || value === "true";
const shallRun = (resource: Resource): boolean => {
  const state = taken(resource, "ensure");
  return !(state === "stopped" || state === false || state === "false") && !isTrue(resource.parameters.get("noop"));
};

/** Types of Puppet's own without a method `refresh`: what they get ends there. */
const deaf = new Set(["File", "Filebucket", "Group", "Notify", "Resources", "Schedule", "Tidy", "User"]);

/** Where events go in one catalog. */
class EventFlow {
  readonly #resources = new Map<string, Resource>();
  /** References that a resource or container sends to. */
  readonly #listeners = new Map<string, string[]>();
  readonly #contents = new Map<string, string[]>();
  readonly #containers = new Map<string, string[]>();
  /** References of the files by what a fragment calls them. */
  readonly #concatFiles = new Map<string, string>();
  readonly #got = new Map<string, Set<string>>();
  readonly #sent = new Map<string, Set<string>>();

  constructor({ resources, contains, auto = [] }: Catalog) {
    const index = new ResourceIndex(resources);
    for (const resource of resources) this.#resources.set(refOf(resource), resource);
    for (const resource of resources) {
      for (const reference of referencesIn(resource.parameters.get("notify"))) this.#link(index, refOf(resource), reference);
      for (const reference of referencesIn(resource.parameters.get("subscribe"))) this.#link(index, reference, refOf(resource));
      if (resource.type === "Concat_file")
        for (const name of ["path", "tag"]) {
          const value = resource.parameters.get(name);
          if (typeof value === "string") this.#concatFiles.set(`${name} ${value}`, refOf(resource));
        }
      if (resource.type === "Concat_file") this.#concatFiles.set(`path ${resource.title}`, refOf(resource));
    }
    for (const { earlier, later, refreshes } of auto) {
      const [from, to] = [resources[earlier], resources[later]];
      if (refreshes && from !== undefined && to !== undefined) push(this.#listeners, refOf(from), refOf(to));
    }
    for (const { container, contained } of contains) {
      push(this.#contents, container, contained);
      push(this.#containers, contained, container);
    }
  }

  #link(index: ResourceIndex, from: string, to: string): void {
    const source = index.find(from);
    const target = index.find(to);
    if (source !== null && target !== null) push(this.#listeners, refOf(source), refOf(target));
  }

  /** A resource that changes sends events. */
  change(reference: string): void {
    const resource = this.#resources.get(reference);
    if (resource === undefined || isTrue(resource.parameters.get("noop"))) return;
    if (resource.type === "Exec" && isTrue(resource.parameters.get("refreshonly"))) return;
    this.#send(reference, reference);
    if (resource.type === "Concat_fragment") this.#changeFile(reference, resource.parameters.get("target"), resource.parameters.get("tag"));
  }

  /** What is removed is left alone by the agent, but the file that a fragment was part of is built without it. */
  remove(reference: string, { type, before }: Change): void {
    if (type !== "Concat_fragment" || !isHash(before)) return;
    this.#changeFile(reference, before["target"], before["tag"]);
  }

  /** Whatever got a refresh, in order of the catalog. */
  refreshed(): Array<{ resource: Resource; causes: string[] }> {
    return [...this.#resources].flatMap(([reference, resource]) => {
      const causes = this.#got.get(reference);
      return causes === undefined ? [] : [{ resource, causes: [...causes] }];
    });
  }

  #changeFile(fragment: string, target: Value | undefined, tag: Value | undefined): void {
    const find = (by: "path" | "tag", name: Value | undefined): string | undefined =>
      typeof name === "string" ? this.#concatFiles.get(`${by} ${name}`) : undefined;
    const file = find("path", target) ?? find("tag", tag);
    if (file !== undefined) this.#send(file, fragment);
  }

  #send(from: string, cause: string): void {
    this.#run([{ at: from, sends: true, causes: [cause] }]);
  }

  /** Each step carries causes that its place did not have yet, so no place is worked at more than three times for each direction. */
  #run(steps: Array<{ at: string; sends: boolean; causes: readonly string[] }>): void {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const { at, sends } = step;
      const causes = news(sends ? this.#sent : this.#got, at, step.causes);
      if (causes.length === 0) continue;
      const resource = this.#resources.get(at);
      if (sends) {
        for (const listener of this.#listeners.get(at) ?? []) steps.push({ at: listener, sends: false, causes });
        for (const container of this.#containers.get(at) ?? []) steps.push({ at: container, sends: true, causes });
      } else if (resource !== undefined && resource.kind !== "native") {
        for (const inside of this.#contents.get(at) ?? []) steps.push({ at: inside, sends: false, causes });
      } else if (resource !== undefined && !deaf.has(resource.type) && !isTrue(resource.parameters.get("noop"))) {
        steps.push({ at, sends: true, causes });
      }
    }
  }
}

/** Adds causes to a place, as long as it has room, and says which it did not have. */
function news(places: Map<string, Set<string>>, at: string, causes: readonly string[]): string[] {
  const known = places.get(at) ?? new Set<string>();
  places.set(at, known);
  const fresh = causes.filter((cause) => !known.has(cause)).slice(0, mostCauses - known.size);
  for (const cause of fresh) known.add(cause);
  return fresh;
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
