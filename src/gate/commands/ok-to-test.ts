import { short } from "../phrases.ts";
import { refused, type Asked, type Said } from "./asked.ts";
import { ofThisHead, spokenObjection, withAccess } from "./standing.ts";

/** `/ok-to-test SHA`: the code of a fork may run, at exactly this head. */
export function answerOkToTest(sha: string, { comment, author, facts }: Asked): Said {
  if (facts.state !== "open") return refused(`this pull request is ${facts.state}`);
  const late = ofThisHead(comment, facts) ?? spokenObjection(comment);
  if (late !== null) return refused(late);
  const access = withAccess(author, facts, "write");
  if (access !== null) return refused(access);
  if (!facts.fork) return refused("this is not from a fork: it is checked without it");
  if (!facts.head.startsWith(sha))
    return refused(`the head is ${short(facts.head)} by now: read that one, and say /ok-to-test ${short(facts.head)}`);
  if (facts.trusted !== null) return { kind: "accepted", text: `${facts.trusted.login} said so already for ${short(facts.head)}` };
  return {
    kind: "accepted",
    text: `${short(facts.head)} may run; a later push needs it again`,
    notes: [{ kind: "trust", head: facts.head, by: author, comment: comment.id }],
    changes: { trusted: author },
  };
}
