import type { Policy } from "../../policy/schema.ts";
import { placeNode } from "../../policy/services.ts";
import type { Member } from "../../rollout/members.ts";
import type { NodeFacts } from "../ports/nodes.ts";

/** A node with what decides its lane, by a policy. */
export function memberOf(node: NodeFacts, policy: Policy): Member {
  const { certname, trusted, enc, origin } = node;
  const placed = {
    certname,
    trusted,
    enc: enc === undefined ? null : { ...enc, classes: Object.keys(enc.classes) },
    // Lanes are not decided by what a catalog holds: a change would move its own nodes.
    classes: null,
    assumed: origin === "assumed",
  };
  return { ...placed, ...placeNode(policy, placed) };
}
