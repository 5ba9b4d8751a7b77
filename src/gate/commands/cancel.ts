import { refused, type Asked, type Said } from "./asked.ts";
import { withAccess } from "./standing.ts";

/** `/cancel`: what was to land by itself does not. */
export function answerCancel({ author, facts, isLanding }: Asked): Said {
  const objection = author.id === facts.opener?.id || author.id === facts.glass?.by.id ? null : withAccess(author, facts, "write");
  if (objection !== null) return refused(objection);
  const { wish, glass } = facts;
  if (wish === null && glass === null && !isLanding) return refused("nothing here was to land by itself");
  const why = `${author.login} said /cancel`;
  return {
    kind: "accepted",
    text: "nothing lands by itself any more",
    notes: [...(wish === null ? [] : [{ kind: "unwish" as const, why }]), ...(glass === null ? [] : [{ kind: "unglass" as const, why }])],
    changes: { wish: null, glass: null },
  };
}
