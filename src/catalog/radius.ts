import type { Sizes } from "../policy/schema.ts";
import { reachesSystem } from "./change.ts";
import { toCapacity } from "./capacity.ts";
import type { EffectGroup, Radius } from "./effects.ts";

/** A node that was asked for, with where it belongs; what could not be learnt about that is left out here and said elsewhere. */
export interface PlacedNode {
  certname: string;
  services: readonly string[];
  datacentre: string | null;
}

/**
 * How far effect groups reach. A node is reached if a group of kind `system` or `secret` names it: what its system would do changes. Class
 * parameters, orderings, other types and new titles reach nobody by themselves. A node whose catalog no longer compiles is not
 * reached either (its agent goes on with the catalog it has): it blocks by itself, whatever the radius is.
 *
 * The size is the reached share of `fleet`, the number of nodes that base knows (all of `nodes` unless told otherwise), in percent, against thresholds that still belong to their size: with `small: 2`, two of a
 * hundred nodes are small and three are medium. Above `large` is `fleet`; no node is `none`.
 */
export function toRadius(
  groups: readonly EffectGroup[],
  nodes: readonly PlacedNode[],
  restarts: Radius["restarts"],
  sizes: Sizes,
  fleet = nodes.length,
): Radius {
  const names = new Set(groups.filter(reachesSystem).flatMap((group) => group.nodes));
  const reached = nodes.filter(({ certname }) => names.has(certname));
  return {
    nodes: reached.length,
    share: fleet === 0 ? Math.min(reached.length, 1) : Math.min(reached.length / fleet, 1),
    services: sorted(reached.flatMap(({ services }) => services)),
    datacentres: sorted(reached.flatMap(({ datacentre }) => (datacentre === null ? [] : [datacentre]))),
    restarts,
    capacity: toCapacity(names, nodes, restarts),
    size: sizeOf(reached.length, fleet, sizes),
  };
}

function sizeOf(reached: number, all: number, sizes: Sizes): Radius["size"] {
  if (reached === 0) return "none";
  // Multiplied, not divided: (7 / 100) * 100 is a little more than 7.
  const within = (percent: number): boolean => reached * 100 <= percent * all;
  if (within(sizes.small)) return "small";
  if (within(sizes.medium)) return "medium";
  return within(sizes.large) ? "large" : "fleet";
}

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();
