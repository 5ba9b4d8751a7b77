import { taken } from "./attributes.ts";
import { type Catalog, type Resource, refOf, type Value } from "./catalog.ts";
import type { Change } from "./change.ts";
import { referencesIn, ResourceIndex } from "./relations.ts";

/** Causes that are carried along: enough for "A, B and others", and what keeps the walk linear. */
const mostCauses = 3;

const isHash = (value: Value): value is { [key: string]: Value } =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
const isTrue = (value: unknown): boolean => value === true || value === "true";

/** Whether a service is one that a refresh restarts. */
export const shallRun = (resource: Resource): boolean => {
  const state = taken(resource, "ensure");
  return !(state === "stopped" || state === false || state === "false") && !isTrue(resource.parameters.get("noop"));
};

/** Types of Puppet's own without a method `refresh`: what they get ends there. */
const deaf = new Set(["File", "Filebucket", "Group", "Notify", "Resources", "Schedule", "Tidy", "User"]);

interface Step {
  at: string;
  /** Whether it sends an event there, or gets one. */
  sends: boolean;
  causes: readonly string[];
}

/** Where events go in one catalog, as Puppet's transaction sends them: `forecastRestarts` says how. */
export class EventFlow {
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
  change(reference: string, cause = reference): void {
    const resource = this.#resources.get(reference);
    if (resource === undefined || isTrue(resource.parameters.get("noop"))) return;
    if (resource.type === "Exec" && isTrue(resource.parameters.get("refreshonly"))) return;
    if (resource.type !== "Concat_fragment") return this.#send(reference, cause);
    const [target, tag] = [resource.parameters.get("target"), resource.parameters.get("tag")];
    const told = cause === reference ? this.#fragmentText(reference, target, tag) : cause;
    this.#send(reference, told);
    this.#changeFile(told, target, tag);
  }

  /** What is removed is left alone by the agent, but the file that a fragment was part of is built without it. */
  remove(reference: string, { type, before }: Change): void {
    if (type !== "Concat_fragment" || !isHash(before)) return;
    this.#changeFile(this.#fragmentText(reference, before["target"], before["tag"]), before["target"], before["tag"]);
  }

  /** Services that a change of a resource, or of anything in a class or define, would refresh by itself; of those that shall run. */
  servicesAfter(reference: string): string[] {
    const got = new Map<string, Set<string>>();
    this.#run([{ at: reference, sends: true, causes: [reference] }], got, new Map());
    return [...got.keys()].filter((each) => {
      const resource = this.#resources.get(each);
      return resource?.type === "Service" && shallRun(resource);
    });
  }

  /** Whatever got a refresh, in order of the catalog. */
  refreshed(): Array<{ resource: Resource; causes: string[] }> {
    return [...this.#resources].flatMap(([reference, resource]) => {
      const causes = this.#got.get(reference);
      return causes === undefined ? [] : [{ resource, causes: [...causes] }];
    });
  }

  #changeFile(cause: string, target: Value | undefined, tag: Value | undefined): void {
    const file = this.#concatFile(target, tag);
    if (file !== undefined) this.#send(file, cause);
  }

  #concatFile(target: Value | undefined, tag: Value | undefined): string | undefined {
    const find = (by: "path" | "tag", name: Value | undefined): string | undefined =>
      typeof name === "string" ? this.#concatFiles.get(`${by} ${name}`) : undefined;
    return find("path", target) ?? find("tag", tag);
  }

  /** A fragment's title says little: people know the file that it is part of. */
  #fragmentText(fragment: string, target: Value | undefined, tag: Value | undefined): string {
    const resource = this.#resources.get(this.#concatFile(target, tag) ?? "");
    const path = resource?.parameters.get("path") ?? resource?.title ?? target;
    return typeof path === "string" ? `${fragment} of ${path}` : fragment;
  }

  #send(from: string, cause: string): void {
    this.#run([{ at: from, sends: true, causes: [cause] }]);
  }

  /** Each step carries causes that its place did not have yet, so no place is worked at more than three times for each direction. */
  #run(steps: Step[], got = this.#got, sentFrom = this.#sent): void {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const { at, sends } = step;
      const causes = news(sends ? sentFrom : got, at, step.causes);
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
