import { refused, type Asked, type Said } from "./asked.ts";
import { leastReason, reasonObjection } from "./break-glass.ts";
import { spokenObjection, withAccess } from "./standing.ts";

/** `/unfreeze REASON`: this repository may merge again. */
export function answerUnfreeze(reason: string, { comment, author, facts }: Asked): Said {
  if (facts.frozen === null) return refused("merging is not stopped here");
  const objection =
    spokenObjection(comment) ??
    withAccess(author, facts, "admin") ??
    reasonObjection(reason, `what was found, in at least ${leastReason} characters`);
  if (objection !== null) return refused(objection);
  return {
    kind: "accepted",
    text: `merging goes on in this repository: ${reason}`,
    notes: [{ kind: "unfreeze", by: author, reason, comment: comment.id }],
    changes: { frozen: null },
  };
}
