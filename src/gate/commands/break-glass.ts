import type { Glass } from "../facts.ts";
import { minutesAfter, shownInstant } from "../instants.ts";
import { short } from "../phrases.ts";
import { judge } from "../evaluate.ts";
import { glassObjection } from "../glass.ts";
import { refused, type Asked, type Said } from "./asked.ts";
import { inTheWay, ofThisHead, spokenObjection, type Objection } from "./standing.ts";

/** Characters of a reason. Less says nothing. */
export const leastReason = 10;

export const reasonObjection = (reason: string, what: string): Objection => (reason.length >= leastReason ? null : `it needs ${what}`);

/**
 * `/break-glass REASON`: lands without the people who would be asked. Only for whom the policy names, said by them on the page (a mail can be
 * sent by anybody, and an app speaks for whoever drives it), once at a time: a review that is owed bars the next.
 */
export function answerBreakGlass(reason: string, { comment, author, facts, verdict, refusal }: Asked): Said {
  if (refusal !== null) return { kind: "refused", text: refusal };
  if (facts.state !== "open") return refused(`this pull request is ${facts.state}`);
  const objection =
    ofThisHead(comment, facts) ??
    spokenObjection(comment) ??
    reasonObjection(reason, `a reason of at least ${leastReason} characters: /break-glass REASON`);
  if (objection !== null) return refused(objection);
  // Base's policy, which names who may, is known with the check.
  if (facts.check.state === "running")
    return {
      kind: "later",
      text: `heard, and acted on by itself once the check of ${short(facts.head)} is done: who may break the glass is known then. A push before that ends it`,
    };
  const bar = glassObjection(author, facts);
  if (bar !== null) return refused(bar.why);
  const hours = facts.check.state === "done" ? (facts.check.policy.breakGlass?.hours ?? 0) : 0;
  if (verdict.outcome === "pass") return refused(`nothing is in the way: ${facts.opener?.login ?? "its author"} can say /merge`);
  const glass: Glass = { comment: comment.id, by: author, reason, head: facts.head, expiresAt: minutesAfter(facts.now, hours * 60) };
  const rest = inTheWay(judge({ ...facts, glass }));
  return {
    kind: "accepted",
    text: `until ${shownInstant(glass.expiresAt)}, ${short(facts.head)} lands without the people who would be asked${rest.length === 0 ? "" : ", once what was checked is in order"}; a peer's review is owed for it`,
    lines: rest,
    notes: [{ kind: "glass", glass }],
    changes: { glass },
  };
}
