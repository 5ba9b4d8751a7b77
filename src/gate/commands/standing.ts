import { mayWrite, permissionOf } from "../access.ts";
import { contributorsOf } from "../contributors.ts";
import type { CommentFacts, Facts, Person } from "../facts.ts";
import { short } from "../phrases.ts";
import { stancesOf } from "../approval.ts";
import { secondPerson } from "../own-branches.ts";
import type { Reason, Verdict } from "../verdict.ts";

/** What speaks against somebody's command, as the rest of a sentence that begins with "refused: "; null for nothing. */
export type Objection = string | null;

/**
 * A command that was written before the head came was not about it: its delivery was late, or the push's was. GitHub's times are whole
 * seconds, so that one of the same second may have been; but for the head that the pull request was opened with, before which there was none.
 */
export function ofThisHead({ createdAt }: CommentFacts, { head, headSince, openedAt }: Facts): Objection {
  const [written, pushed, opened] = [createdAt, headSince, openedAt].map((at) => Math.floor(Date.parse(at) / 1000)) as [
    number,
    number,
    number,
  ];
  if (written > pushed || (written === pushed && pushed <= opened)) return null;
  const when = written === pushed ? "in the same second as" : "before";
  return `it was written ${when} the last push, of ${short(head)}; say it again if you mean the change as it is now`;
}

/** What has the force of somebody's own word has to be written by them on the page: anybody can send a mail, and an app speaks for whoever drives it. */
export function spokenObjection({ byApp, byMail }: CommentFacts): Objection {
  if (byApp) return "an app wrote this in your name; write it yourself, on GitHub's page";
  if (!byMail.known) return `whether this came by mail could not be learnt (${byMail.reason}); say it again later`;
  return byMail.value ? "this came by mail, which anybody could have sent; write it on GitHub's page" : null;
}

/** Only the opener lands a pull request, but for those of the gate itself. `unclear` where asking again may give another answer. */
export function asOpener(author: Person, facts: Facts): { why: string; unclear: boolean } | null {
  const no = (why: string, unclear = false): { why: string; unclear: boolean } => ({ why, unclear });
  const { opener } = facts;
  if (facts.ofGate === true) return asSecond(author, facts);
  const way = "open it anew from a person's account";
  if (opener === null) return no(`only its author can land this pull request, and that account is deleted; ${way}`);
  if (author.id !== opener.id)
    return no(
      opener.bot
        ? `only its author can land this pull request, and ${opener.login} is a bot; ${way}`
        : `only ${opener.login} can land this pull request`,
    );
  return ownPart(author, facts);
}

/**
 * A pull request of the gate's own has no person behind it: what it takes back was computed, from what the fleet reported. So two people land it, as they land
 * any other: one approves, and another one with write access says so, who may be the author of what is taken back. Were it one and the same, whoever can have
 * a node report failures, and write here, could take any change back alone.
 */
function asSecond(author: Person, facts: Facts): { why: string; unclear: boolean } | null {
  const { reviews } = facts;
  if (!reviews.known) return { why: `who approved could not be learnt (${reviews.reason}); say it again later`, unclear: true };
  const permission = permissionOf(author, facts);
  if (!permission.known)
    return { why: `whether ${author.login} may write here could not be learnt (${permission.reason}); say it again later`, unclear: true };
  if (!mayWrite(permission.value))
    return { why: `${secondPerson} can land what the gate takes back, and ${author.login} has no write access`, unclear: false };
  const stance = stancesOf(reviews.value).get(author.id)?.stance;
  if (stance !== "approved") return null;
  return {
    why: `${author.login} approved it, and the gate is nobody's second person: somebody else with write access has to say it`,
    unclear: false,
  };
}

/**
 * An author needs no write access, but a part in the change: whoever may only read could otherwise open a pull request from somebody
 * else's branch and land that person's unfinished work.
 */
function ownPart(author: Person, facts: Facts): { why: string; unclear: boolean } | null {
  if (!facts.commits.known) return null; // the rule `contributors` says so, and blocks
  const wrote = facts.commits.value.some(({ contributions }) => contributions.some(({ person }) => person?.id === author.id));
  if (wrote || facts.pushers.some(({ id }) => id === author.id)) return null;
  const permission = permissionOf(author, facts);
  if (!permission.known)
    return { why: `whether ${author.login} may write here could not be learnt (${permission.reason}); say it again later`, unclear: true };
  if (mayWrite(permission.value)) return null;
  const others = [...contributorsOf(facts).values()].map(({ person }) => person.login).filter((login) => login !== author.login);
  return {
    why: `${author.login} wrote no commit of this change and has no write access; one of its writers (${others.join(", ")}) has to open the pull request`,
    unclear: false,
  };
}

/** Whether somebody has the access that a command needs. */
export function withAccess(author: Person, facts: Facts, needed: "write" | "admin"): Objection {
  const permission = permissionOf(author, facts);
  if (!permission.known) return `the access of ${author.login} could not be learnt (${permission.reason}); say it again later`;
  const has = needed === "admin" ? permission.value === "admin" : mayWrite(permission.value);
  if (has) return null;
  return `this needs ${needed} access, and ${author.login} has ${permission.value === "none" ? "none" : permission.value}`;
}

/** Every rule that keeps a change from landing, with what it says. */
export const inTheWay = ({ reasons }: Verdict): string[] =>
  reasons
    .filter(({ outcome, observed }) => observed !== true && outcome !== "pass" && outcome !== "skipped")
    .map(({ rule, outcome, text }: Reason) => `${rule} (${outcome}): ${text}`);
