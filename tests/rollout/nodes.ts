import type { NodeVerdict, NodeVerdictKind } from "../../src/rollout/node-verdict.ts";

/** Nodes a1, a2… of one verdict: well, after two runs, with nothing special, unless said otherwise. */
export const nodesOf = (letter: string, count: number, kind: NodeVerdictKind, more: Partial<NodeVerdict> = {}): NodeVerdict[] =>
  Array.from({ length: count }, (_, at) => ({
    certname: `${letter}${at + 1}`,
    kind,
    runs: 2,
    resources: [],
    touched: false,
    unexpected: [],
    producer: null,
    before: { changed: [], runs: 0 },
    ...more,
  }));

export const named = (nodes: readonly NodeVerdict[]): string[] => nodes.map(({ certname }) => certname);
