import type { Service } from "../policy/schema.ts";
import type { Member, Seated, SeatFault } from "./members.ts";

/**
 * Lanes that hold more of a service's nodes than it allows to get a release at once. One node is always allowed: a service of two could not be
 * rolled out in any lane. Where a node's services are not known, it could be of each.
 */
export function capacityFaults(
  services: readonly Pick<Service, "name" | "lanePercent">[],
  seated: readonly Seated[],
  nodes: readonly Member[],
): SeatFault[] {
  const of = new Map(nodes.map(({ certname, services: carried }) => [certname, carried]));
  return services.flatMap(({ name, lanePercent }) => {
    if (lanePercent === undefined) return [];
    const carries = (certname: string): boolean => {
      const carried = of.get(certname);
      return carried !== undefined && (!carried.known || carried.value.includes(name));
    };
    const all = nodes.filter(({ certname }) => carries(certname)).length;
    return seated.flatMap(({ lane, certnames }) => {
      const held = certnames.filter(carries).length;
      if (held <= Math.max(1, (all * lanePercent) / 100)) return [];
      const text = `the lane ${lane.name} holds ${held} of the ${all} nodes of ${name}, which allows ${lanePercent} percent in one`;
      const hint = `Put some of them into another lane, or let \`lane_percent\` of ${name} say that so many may get a release at once.`;
      return [{ lane: lane.name, certname: null, text, hint }];
    });
  });
}
