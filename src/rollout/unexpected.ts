import type { NodeVerdict } from "./node-verdict.ts";
import type { Trouble } from "./stage-verdict.ts";

/**
 * Resources that changed on more nodes than drift explains, although the release does not change them. Drift that an agent repairs is another
 * resource on each node; what a release does shows as the same one on many.
 */
export function unexpectedOn(nodes: readonly NodeVerdict[], tolerated: number): Trouble[] {
  const on = new Map<string, string[]>();
  for (const { certname, unexpected } of nodes)
    for (const resource of unexpected) on.set(resource, [...(on.get(resource) ?? []), certname]);
  const many = [...on].filter(([, certnames]) => certnames.length > tolerated);
  if (many.length === 0) return [];
  const certnames = [...new Set(many.flatMap(([, names]) => names))].sort();
  return [{ kind: "unexpected-change", certnames, resources: many.map(([resource]) => resource).sort(), tolerated }];
}
