import type { NodeVerdict } from "./node-verdict.ts";
import type { Trouble } from "./stage-verdict.ts";

/**
 * Resources that changed on more nodes than drift explains, although the release does not change them. Drift that an agent repairs is another
 * resource on most nodes; what a release does shows as the same one on many. What changed before the release, too, may change as often again, and three
 * standard deviations (of a Poisson distribution) more.
 */
export function unexpectedOn(nodes: readonly NodeVerdict[], tolerated: number): Trouble[] {
  const on = byResource(nodes, ({ unexpected }) => unexpected);
  const drift = byResource(nodes, ({ before }) => before.changed);
  const runsBefore = nodes.reduce((sum, { before }) => sum + before.runs, 0);
  const runs = nodes.reduce((sum, node) => sum + node.runs, 0);
  const expected = (resource: string): number => (runsBefore === 0 ? 0 : ((drift.get(resource)?.length ?? 0) * runs) / runsBefore);
  const allowed = (drifting: number): number => tolerated + drifting + 3 * Math.sqrt(drifting);
  const many = [...on].filter(([resource, certnames]) => certnames.length > allowed(expected(resource)));
  if (many.length === 0) return [];
  const certnames = [...new Set(many.flatMap(([, names]) => names))].sort();
  return [{ kind: "unexpected-change", certnames, resources: many.map(([resource]) => resource).sort(), tolerated }];
}

function byResource(nodes: readonly NodeVerdict[], resourcesOf: (node: NodeVerdict) => readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const node of nodes)
    for (const resource of resourcesOf(node)) {
      const own = found.get(resource);
      if (own === undefined) found.set(resource, [node.certname]);
      else own.push(node.certname);
    }
  return found;
}
