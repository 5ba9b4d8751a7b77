import type { Policy } from "../../policy/schema.ts";
import { type NodeToPlace, placeNode } from "../../policy/services.ts";
import type { Member } from "../../rollout/members.ts";
import type { NodeFacts } from "../ports/nodes.ts";

/** A node with what decides its lane, by a policy. */
export function memberOf(node: NodeFacts, policy: Policy): Member {
  const placed = placedBy(node);
  return { ...placed, ...placeNode(policy, placed) };
}

/** The same, without what a policy makes of it. */
export function placedBy({ certname, trusted, enc, origin }: NodeFacts): NodeToPlace {
  return {
    certname,
    trusted,
    enc: enc === undefined ? null : { ...enc, classes: Object.keys(enc.classes) },
    // Lanes are not decided by what a catalog holds: a change would move its own nodes.
    classes: null,
    assumed: origin === "assumed",
  };
}
