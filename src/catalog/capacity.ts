import type { Capacity, Radius } from "./effects.ts";
import type { PlacedNode } from "./radius.ts";

/**
 * How much of each service changes or restarts at once: one row for each datacentre that a reached service stands in, by service, then
 * datacentre, those that have none last. A node of several services counts for each; one of none counts for the service null.
 * `changing` names the nodes whose system would change. Linear.
 */
export function toCapacity(
  changing: ReadonlySet<string>,
  nodes: readonly PlacedNode[],
  restarts: readonly Pick<Radius["restarts"][number], "certnames">[],
): Capacity[] {
  const restarting = new Set(restarts.flatMap(({ certnames = [] }) => certnames));
  const rows = new Map<string, Capacity>();
  const reached = new Set<string | null>();
  for (const { certname, services, datacentre } of nodes) {
    for (const service of services.length === 0 ? [null] : new Set(services)) {
      const key = JSON.stringify([service, datacentre]);
      const row = rows.get(key) ?? { service, datacentre, nodes: 0, changing: 0, restarting: 0 };
      rows.set(key, row);
      row.nodes += 1;
      row.changing += Number(changing.has(certname));
      row.restarting += Number(restarting.has(certname));
      if (changing.has(certname) || restarting.has(certname)) reached.add(service);
    }
  }
  return [...rows.values()]
    .filter(({ service }) => reached.has(service))
    .sort((a, b) => compare(a.service, b.service) || compare(a.datacentre, b.datacentre));
}

/** Null comes last. */
function compare(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : Number(a > b);
}
