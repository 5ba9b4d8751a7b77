import { permissionOf } from "../access.ts";
import { contributorsOf } from "../contributors.ts";
import { refused, type Asked, type Said } from "./asked.ts";
import { withAccess, type Objection } from "./standing.ts";

/** `/recheck`: the check of this head and base is forgotten, and done anew. */
export function answerRecheck(asked: Asked): Said {
  const { comment, author, facts } = asked;
  if (facts.state !== "open") return refused(`this pull request is ${facts.state}`);
  const objection = objectionTo(asked);
  if (objection !== null) return refused(objection);
  const { state } = facts.check;
  if (state === "running") return refused("it is being checked already: wait for the check run to complete");
  if (state === "untrusted") return refused("nothing of this fork was run yet: somebody with write access has to say /ok-to-test first");
  return { kind: "accepted", text: "it is checked anew", notes: [{ kind: "recheck", by: author, comment: comment.id }] };
}

function objectionTo({ author, facts }: Asked): Objection {
  const permission = permissionOf(author, facts);
  const isContributor = contributorsOf(facts).has(author.id);
  return isContributor && permission.known && permission.value !== "none" ? null : withAccess(author, facts, "write");
}
