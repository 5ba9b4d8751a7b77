import { refused, type Asked, type Said } from "./asked.ts";
import { leastReason, reasonObjection } from "./break-glass.ts";
import { spokenObjection, withAccess } from "./standing.ts";

/** `/unfreeze REASON`: this base branch may be merged into again. */
export function answerUnfreeze(reason: string, { comment, author, facts }: Asked): Said {
  if (facts.frozen === null) return refused(`merging into ${facts.base.ref} is not stopped`);
  const objection =
    spokenObjection(comment) ??
    withAccess(author, facts, "admin") ??
    reasonObjection(reason, `what was found, in at least ${leastReason} characters`);
  if (objection !== null) return refused(objection);
  return {
    kind: "accepted",
    text: `merging into ${facts.base.ref} goes on: ${reason}`,
    notes: [{ kind: "unfreeze", by: author, reason, comment: comment.id }],
    changes: { frozen: null },
  };
}
