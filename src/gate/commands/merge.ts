import { baseMove } from "../checked.ts";
import type { Facts, MergeMethod, Wish } from "../facts.ts";
import { list, short } from "../phrases.ts";
import { messageDigest } from "../wish.ts";
import type { Verdict } from "../verdict.ts";
import { refused, type Asked, type Said } from "./asked.ts";
import { asOpener, inTheWay, ofThisHead, type Objection } from "./standing.ts";

/** `/merge`: lands now or says why not. */
export function answerMerge(method: MergeMethod | null, asked: Asked): Said {
  const { facts, verdict, refusal } = asked;
  if (refusal !== null) return { kind: "refused", text: refusal };
  const objection = objectionTo(method, asked);
  if (objection !== null) return refused(objection);
  if (verdict.outcome === "pass") return { kind: "accepted", text: `everything is in order for ${short(facts.head)}`, land: { method } };
  const moved = baseMove(facts);
  const lines = inTheWay(verdict);
  if (moved === null) return { kind: "refused", text: `refused, because of these rules; ${nextOf(verdict)}`, lines };
  const others = lines.filter((line) => !line.includes(moved));
  const when = `when the check run is complete${others.length === 0 ? "" : " and the rest is settled"}`;
  return refused(`${moved}; say /merge again ${when}, or /merge when ready now`, others);
}

/** `/merge when ready`: lands now, or leaves a wish that is bound to head, policy and message. */
export function answerMergeWhenReady(method: MergeMethod | null, asked: Asked): Said {
  const { comment, author, facts, verdict, refusal } = asked;
  if (refusal !== null) return { kind: "refused", text: refusal };
  const objection = facts.state === "open" ? objectionTo(method, asked) : `this pull request is ${facts.state}`;
  if (objection !== null) return refused(objection);
  if (verdict.outcome === "pass") return { kind: "accepted", text: `everything is in order for ${short(facts.head)}`, land: { method } };
  const policyDigest = facts.check.state === "done" ? facts.check.policyDigest : "";
  const wish: Wish = {
    comment: comment.id,
    by: author,
    head: facts.head,
    baseRef: facts.base.ref,
    policyDigest,
    message: messageDigest(facts),
    method,
  };
  return {
    kind: "accepted",
    text: `${short(facts.head)} lands by itself once these are settled; a push, a new policy, an edited title or description, and /cancel end that`,
    lines: inTheWay(verdict),
    notes: [{ kind: "wish", wish }],
    changes: { wish },
  };
}

/** What only waits is settled by others: its author need not come back for it. */
const nextOf = ({ reasons }: Verdict): string =>
  reasons.some(({ outcome, observed }) => observed !== true && (outcome === "fail" || outcome === "unknown"))
    ? "say it again once they are settled"
    : "say /merge again then, or /merge when ready now";

function objectionTo(method: MergeMethod | null, { comment, author, facts }: Asked): Objection {
  const opener = asOpener(author, facts);
  if (opener !== null && author.id !== facts.opener?.id) return opener.why;
  return ofThisHead(comment, facts) ?? opener?.why ?? methodObjection(method, facts);
}

/** A method that was asked for is never replaced by another. */
function methodObjection(method: MergeMethod | null, { check, mergeMethods }: Facts): Objection {
  if (method === null || check.state !== "done") return null;
  if (check.policy.landing === "exact")
    return method === "merge"
      ? null
      : `this repository lands exactly what was checked, which makes a merge commit: say /merge, or have the policy say landing: api for a ${method}`;
  if (!mergeMethods.known || mergeMethods.value.includes(method)) return null;
  return `this repository does not allow ${method}; it allows ${list(mergeMethods.value)}`;
}
