import { isOneOf, namesOf } from "./access.ts";
import { withAccess } from "./commands/standing.ts";
import type { Facts, Glass, Person } from "./facts.ts";
import { isSince, shownInstant } from "./instants.ts";
import { list, short } from "./phrases.ts";
import { commentState } from "./wish.ts";

export type GlassState = { is: "none" } | { is: "ended"; why: string } | { is: "stands"; mayLand: boolean };

/** How a break-glass stands: whoever said it must still be one who may, and stand by it. */
export function glassState({ glass, ...facts }: Facts): GlassState {
  if (glass === null) return { is: "none" };
  const ended = (why: string): GlassState => ({ is: "ended", why });
  if (facts.state !== "open") return ended(`the pull request is ${facts.state}`);
  if (glass.head !== facts.head) return ended(`${short(facts.head)} was pushed since`);
  if (isSince(facts.now, glass.expiresAt)) return ended(`it expired at ${shownInstant(glass.expiresAt)}`);
  const comment = commentState(glass.comment, facts);
  if (comment.is === "gone") return ended(comment.why);
  const objection = glassObjection(glass.by, { ...facts, glass });
  if (objection !== null && !objection.unclear) return ended(objection.why);
  return { is: "stands", mayLand: objection === null && comment.is === "there" };
}

/** The break-glass that stands in for people now; null where none does. */
export function standingGlass(facts: Facts): Glass | null {
  const state = glassState(facts);
  return state.is === "stands" && state.mayLand ? facts.glass : null;
}

/** Why somebody may not break the glass, or no longer; `unclear` where asking again may give another answer. */
export function glassObjection(person: Person, facts: Facts): { why: string; unclear: boolean } | null {
  const no = (why: string, unclear = false): { why: string; unclear: boolean } => ({ why, unclear });
  if (facts.check.state !== "done") return no("who may break the glass is known once the check is done; say it again then", true);
  const { breakGlass } = facts.check.policy;
  if (breakGlass === null)
    return no(
      "the policy lets nobody break the glass: an owner of the policy can name users or teams under `break_glass`, in a change of its own",
    );
  const member = isOneOf(person, breakGlass, facts);
  if (!member.known) return no(`${member.reason}; say it again later`, true);
  if (!member.value)
    return no(`only ${list(namesOf(breakGlass)) || "nobody"} may break the glass here, and ${person.login} is not one of them`);
  const access = withAccess(person, facts, "write");
  if (access !== null) return no(access, !facts.permissions.get(person.id)?.known);
  const debt = facts.debts.find(({ baseRef }) => baseRef === facts.base.ref);
  if (debt !== undefined)
    return no(
      `a review is still owed for pull request ${debt.number}, which ${debt.by} landed without one (${debt.reason}): a peer has to approve that first`,
    );
  return null;
}
