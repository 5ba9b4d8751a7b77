import type { EffectGroup } from "./effects.ts";

/**
 * Effect groups that differ in nothing but their values: one line of a template that names the host is another effect on every node, and
 * still one thing to read. `groups` has at least one, the most widely shared first; `nodes` are those of all together, sorted.
 */
export interface Family {
  groups: readonly [EffectGroup, ...EffectGroup[]];
  nodes: readonly string[];
}

/** Families in the order of what they reach, the widest first; equal ones keep the groups' order. */
export function toFamilies(groups: readonly EffectGroup[]): Family[] {
  const families = Map.groupBy(groups, ({ type, title, attribute, change, kind }) =>
    JSON.stringify([type, title, attribute, change, kind]),
  );
  return [...families.values()]
    .flatMap((members): Family[] => {
      const [first, ...others] = members.toSorted((a, b) => b.nodes.length - a.nodes.length);
      if (first === undefined) return [];
      return [{ groups: [first, ...others], nodes: [...new Set(members.flatMap(({ nodes }) => nodes))].sort() }];
    })
    .sort((a, b) => b.nodes.length - a.nodes.length);
}
