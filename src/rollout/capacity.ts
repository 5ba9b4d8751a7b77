import type { Service } from "../policy/schema.ts";
import type { Member, Seated, SeatFault } from "./members.ts";

/**
 * Lanes that hold more of a service's nodes than it allows to get a release at once. One node is always allowed: a service of two could not be
 * rolled out in any lane. A node whose services are not known could be of each, where that makes it worse.
 */
export function capacityFaults(
  services: readonly Pick<Service, "name" | "lanePercent">[],
  seated: readonly Seated[],
  nodes: readonly Member[],
): SeatFault[] {
  const of = new Map(nodes.map(({ certname, services: carried }) => [certname, carried]));
  return services.flatMap(({ name, lanePercent }) => {
    if (lanePercent === undefined) return [];
    const carriers = nodes.filter(({ services: carried }) => carried.known && carried.value.includes(name)).length;
    return seated.flatMap(({ lane, certnames }) => {
      const own = certnames.flatMap((certname) => of.get(certname) ?? []);
      const unknowns = own.filter((carried) => !carried.known).length;
      const held = unknowns + own.filter((carried) => carried.known && carried.value.includes(name)).length;
      const all = carriers + unknowns;
      if (held <= Math.max(1, (all * lanePercent) / 100)) return [];
      const text = `the lane ${lane.name} holds ${held} of the ${all} nodes of ${name}, which allows ${lanePercent} percent in one`;
      const hint = `Put some of them into another lane, or let \`lane_percent\` of ${name} say that so many may get a release at once.`;
      return [{ lane: lane.name, certname: null, text, hint }];
    });
  });
}
