import type { Catalog, Value } from "./catalog.ts";
import { refOf } from "./catalog.ts";
import type { Change } from "./change.ts";
import { diffCatalogs } from "./diff.ts";
import { sameButFor, spotsOf, type Spots } from "./volatile-spots.ts";

/** What differs between two compiles of one tree on one node, so that no change is to blame for it: a time, a random number, a command's output. */
export class Volatile {
  /** By resource and attribute. */
  readonly #values = new Map<string, Spots>();
  /** Resources whose very titles differ, by type: so many of them on a node, and where they do. */
  readonly #resources = new Map<string, Array<{ title: Spots; attributes: Spots }>>();

  /** Learns from a node's two compiles of the same tree, and gives what differs. */
  add(first: Catalog, second: Catalog): Change[] {
    const changes = diffCatalogs(first, second);
    for (const change of changes) {
      if (change.attribute === null) continue;
      const key = keyOf(change);
      const spots = change.kind === "secret" ? "whole" : spotsOf(change.before, change.after);
      const known = this.#values.get(key);
      this.#values.set(key, known === undefined ? spots : joined(known, spots));
    }
    for (const [type, { removed, added }] of wholes(changes)) {
      // Which is which is told by their order alone, so it has to be all of them or none.
      if (removed.length !== added.length) continue;
      const pairs = removed.map((was, at) => ({
        title: spotsOf(was.title, added[at]?.title ?? ""),
        attributes: spotsOf(was.before, added[at]?.after ?? null),
      }));
      if (pairs.every(({ title, attributes }) => title !== "shape" && attributes !== "shape")) this.#resources.set(type, pairs);
    }
    return changes;
  }

  get isEmpty(): boolean {
    return this.#values.size + this.#resources.size === 0;
  }

  /** Whether this value of a resource, or resources of this type, differ at every compile in whatever way. */
  knows(change: Change): boolean {
    return change.attribute === null ? this.#resources.has(change.type) : this.#values.has(keyOf(change));
  }

  /** Splits a node's changes: `masked` is no more than what differs at every compile anyway. */
  split(changes: readonly Change[]): { kept: Change[]; masked: Change[] } {
    const masked = new Set<Change>(changes.filter((change) => this.#isMasked(change)));
    for (const [type, { removed, added }] of wholes(changes)) {
      const known = this.#resources.get(type);
      if (known === undefined || removed.length !== known.length || added.length !== known.length) continue;
      const fits = known.every(({ title, attributes }, at) => {
        const [was, is] = [removed[at], added[at]];
        return (
          was !== undefined && is !== undefined && sameButFor(title, was.title, is.title) && sameButFor(attributes, was.before, is.after)
        );
      });
      if (fits) for (const change of [...removed, ...added]) masked.add(change);
    }
    return { kept: changes.filter((change) => !masked.has(change)), masked: [...masked] };
  }

  #isMasked(change: Change): boolean {
    if (change.attribute === null) return false;
    const spots = this.#values.get(keyOf(change));
    if (spots === undefined || spots === "shape") return false;
    return change.kind === "secret" || sameButFor(spots, change.before, change.after);
  }
}

const keyOf = (change: Change): string => `${refOf(change)}\0${change.attribute ?? ""}`;

/** Two looks at one value: where they don't agree, nothing is sure but that it differs. */
const joined = (one: Spots, other: Spots): Spots => (JSON.stringify(one) === JSON.stringify(other) ? one : "shape");

/** Whole resources that come and go, by type and in order of their titles. */
function wholes(changes: readonly Change[]): Map<string, { removed: Change[]; added: Change[] }> {
  const byType = new Map<string, { removed: Change[]; added: Change[] }>();
  for (const change of changes) {
    if (change.attribute !== null || (change.change !== "added" && change.change !== "removed")) continue;
    const both = byType.get(change.type) ?? { removed: [], added: [] };
    both[change.change].push(change);
    byType.set(change.type, both);
  }
  return byType;
}

/** What a change does that may be of this kind: something is there on both sides, or comes for what goes. Each with what it is told by. */
export function suspects(changes: readonly Change[]): Array<{ key: string; change: Change }> {
  const types = wholes(changes);
  return changes.flatMap((change) => {
    if (change.kind === "class-parameter" || change.kind === "type-only" || change.change === "renamed") return [];
    if (change.attribute !== null) return isServed(change.before) && isServed(change.after) ? [] : [{ key: keyOf(change), change }];
    const both = types.get(change.type);
    return both === undefined || both.removed.length === 0 || both.added.length === 0 ? [] : [{ key: change.type, change }];
  });
}

/** Files of the tree are compared by git's object ids, in which there is no chance. */
const isServed = (value: Value): boolean =>
  typeof value === "object" && value !== null && "sha256" in value && typeof value.sha256 === "string" && value.sha256.startsWith("git:");
