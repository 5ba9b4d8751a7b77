import type { EffectGroup } from "../../catalog/effects.ts";
import type { Family } from "../../catalog/families.ts";
import { editKeyOf, effectsOf } from "../../gate/explain.ts";
import type { Report } from "../../gate/report.ts";

/** A report as the page needs it: nodes and effects numbered, so that each can point at the other. */
export interface Model {
  report: Report;
  /** By name. */
  nodes: Report["nodes"];
  effects: Effect[];
  /** Parameters of classes and defines that are left out as without an effect. */
  parameters: number;
  /** Nodes that share exactly the same effects, by these; the largest sets of effects last, and nodes without any left out. */
  patterns: Pattern[];
}

export interface Effect {
  number: number;
  family: Family;
  /** Numbers of its nodes, ascending. */
  nodes: number[];
  /** The distinct edits, the one on most nodes first, each with a group that makes it. */
  edits: Array<{ group: EffectGroup; nodes: number[] }>;
}

interface Pattern {
  nodes: number[];
  effects: number[];
}

export function modelOf(report: Report): Model {
  const nodes = report.nodes.toSorted((a, b) => (a.certname < b.certname ? -1 : 1));
  const numbers = new Map(nodes.map(({ certname }, at) => [certname, at]));
  const numbersOf = (certnames: readonly string[]): number[] =>
    certnames.flatMap((certname) => numbers.get(certname) ?? []).sort((a, b) => a - b);
  const { families, parameters } = effectsOf(report);
  const effects = families.map((family, number): Effect => ({
    number,
    family,
    nodes: numbersOf(family.nodes),
    edits: [...Map.groupBy(family.groups, editKeyOf).values()]
      .flatMap((same) => {
        const [group] = same;
        return group === undefined ? [] : [{ group, nodes: numbersOf([...new Set(same.flatMap((each) => each.nodes))]) }];
      })
      .sort((a, b) => b.nodes.length - a.nodes.length),
  }));
  return { report, nodes, effects, parameters, patterns: patternsOf(nodes.length, effects) };
}

function patternsOf(count: number, effects: readonly Effect[]): Pattern[] {
  const effectsByNode: number[][] = Array.from({ length: count }, () => []);
  for (const { number, nodes } of effects) for (const node of nodes) effectsByNode[node]?.push(number);
  const patterns = new Map<string, Pattern>();
  for (const [node, numbers] of effectsByNode.entries()) {
    if (numbers.length === 0) continue;
    const key = numbers.join(" ");
    const pattern = patterns.get(key) ?? { nodes: [], effects: numbers };
    patterns.set(key, pattern);
    pattern.nodes.push(node);
  }
  return [...patterns.values()].sort((a, b) => b.nodes.length - a.nodes.length);
}

/** Ascending numbers, runs of them in short: `0-4,7`. */
export function ranges(numbers: readonly number[]): string {
  const runs: string[] = [];
  for (let at = 0; at < numbers.length;) {
    const first = numbers[at] ?? 0;
    let last = first;
    while (numbers[at + 1] === last + 1) {
      last += 1;
      at += 1;
    }
    runs.push(first === last ? String(first) : `${first}-${last}`);
    at += 1;
  }
  return runs.join(",");
}
