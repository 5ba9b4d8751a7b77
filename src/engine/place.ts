import type { Policy } from "../policy/schema.ts";
import { type NodeToPlace, placeNode } from "../policy/services.ts";
import type { FactSnapshot, NodeFacts } from "./ports/nodes.ts";

/** Where a node belongs, by the policy; what could not be learnt is left out, with the reason. */
export interface Placement {
  services: readonly string[];
  datacentre: string | null;
  unknown: string | null;
  /** Which of the two is not known. */
  holes: ReadonlyArray<"services" | "datacentre">;
}

/** A node's classification, as conditions read it. */
export const encOf = ({ enc }: NodeFacts): NodeToPlace["enc"] => (enc === undefined ? null : { ...enc, classes: Object.keys(enc.classes) });

/** Places nodes of a fleet. `classes` are of base's catalog, null where base has none: a head does not decide whose node it is. */
export type Placer = (certname: string, classes: readonly string[] | null) => Placement;

export function placer(policy: Policy, { nodes }: FactSnapshot): Placer {
  const byName = new Map(nodes.map((node) => [node.certname, node]));
  return (certname, classes) => {
    const node = byName.get(certname);
    if (node === undefined)
      return { services: [], datacentre: null, unknown: `nothing is known of ${certname} but its name`, holes: ["services", "datacentre"] };
    const { services, datacentre } = placeNode(policy, {
      certname,
      trusted: node.trusted,
      enc: encOf(node),
      classes,
      assumed: node.origin === "assumed",
    });
    const unknowns = [services, datacentre].flatMap((item) => (item.known ? [] : [item.reason]));
    return {
      services: services.known ? services.value : [],
      datacentre: datacentre.known ? datacentre.value : null,
      holes: [...(services.known ? [] : ["services" as const]), ...(datacentre.known ? [] : ["datacentre" as const])],
      unknown: unknowns.length === 0 ? null : [...new Set(unknowns)].join("; "),
    };
  };
}
