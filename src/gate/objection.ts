import { mayWrite, permissionOf } from "./access.ts";
import { contributorsOf } from "./contributors.ts";
import type { Facts, Person, ReviewFacts } from "./facts.ts";
import { stancesOf } from "./approval.ts";
import { list, unlearnt } from "./phrases.ts";
import type { Reason } from "./verdict.ts";

type Given = ReviewFacts & { reviewer: Person };

/**
 * A standing request for changes blocks, whichever commit it was made for, until its author approves or somebody else dismisses it. Only
 * people with write access can block; so can bots, which somebody with more than that has let in. GitHub lets every writer dismiss a review:
 * a dismissal by somebody whose own change this is, or by a bot, lifts nothing.
 */
export function objectionReason(facts: Facts): Reason {
  const reason = (outcome: Reason["outcome"], text: string): Reason => ({ rule: "objections", outcome, text });
  if (!facts.reviews.known) {
    const { text, unblock } = unlearnt(facts.reviews);
    return { ...reason("unknown", `the reviews could not be read: ${text}`), unblock };
  }
  const objections = [...stancesOf(facts.reviews.value).values()].map((review) => ({ review, state: stateOf(review, facts) }));
  const standing = objections.filter(({ state }) => state.is === "stands");
  if (standing.length > 0) {
    const open = standing.flatMap(({ review, state }) =>
      state.is === "stands" && state.dismissedBy === null ? [review.reviewer.login] : [],
    );
    const dismissed = standing.flatMap(({ review, state }) =>
      state.is === "stands" && state.dismissedBy !== null ? [dismissedText(review.reviewer, state.dismissedBy)] : [],
    );
    const said =
      open.length === 0
        ? []
        : [`${list(open)} requested changes: settle it with them; their approval or a dismissal of the review lifts this`];
    return {
      ...reason("fail", [...said, ...dismissed].join("; ")),
      unblock: `${list(standing.map(({ review }) => review.reviewer.login))}: approve, once it is settled`,
    };
  }
  const unclear = objections.find(({ state }) => state.is === "unknown");
  if (unclear?.state.is === "unknown") return { ...reason("unknown", unclear.state.why), unblock: unclear.state.unblock };
  return reason("pass", "nobody with write access requests changes");
}

const dismissedText = ({ login }: Person, by: Person): string =>
  `${login} requested changes, and ${by.login}, ${by.bot ? "which is a bot" : "whose own change this is"}, dismissed that: ${login} has to approve, or request changes again for somebody who contributed nothing to dismiss it`;

type State = { is: "none" } | { is: "stands"; dismissedBy: Person | null } | { is: "unknown"; why: string; unblock: string };

function stateOf(review: Given, facts: Facts): State {
  const { reviewer, stance } = review;
  if (stance !== "changes-requested" && stance !== "dismissed") return { is: "none" };
  const permission = permissionOf(reviewer, facts);
  if (permission.known && !reviewer.bot && !mayWrite(permission.value)) return { is: "none" };
  const state = stance === "dismissed" ? dismissedState(review, facts) : ({ is: "stands", dismissedBy: null } as const);
  if (state.is !== "stands" || reviewer.bot || permission.known) return state;
  const { text, unblock } = unlearnt({ ...permission, reason: `(${permission.reason})` });
  return {
    is: "unknown",
    why: `${reviewer.login} requested changes, and the access of ${reviewer.login} could not be learnt ${text}`,
    unblock,
  };
}

function dismissedState({ reviewer, dismissal }: Given, facts: Facts): State {
  const way = `${reviewer.login} can approve or request changes anew`;
  const unblock = `${reviewer.login}: approve or request changes anew`;
  if (dismissal === null || !dismissal.known) {
    const why = dismissal === null ? "" : ` (${dismissal.reason})`;
    return { is: "unknown", why: `who dismissed the review of ${reviewer.login} could not be learnt${why}: ${way}`, unblock };
  }
  const { by, was } = dismissal.value;
  if (was !== "changes-requested") return { is: "none" };
  if (by === null)
    return {
      is: "unknown",
      why: `the request for changes of ${reviewer.login} was dismissed by an account that is deleted: ${way}`,
      unblock,
    };
  if (!facts.commits.known) {
    const told = unlearnt({ ...facts.commits, reason: "could not be learnt" });
    return {
      is: "unknown",
      why: `whether ${by.login}, who dismissed the review of ${reviewer.login}, contributed ${told.text}`,
      unblock: told.unblock,
    };
  }
  // A workflow of the change itself can dismiss by its token: nobody knows whose wish that was.
  return by.bot || contributorsOf(facts).has(by.id) ? { is: "stands", dismissedBy: by } : { is: "none" };
}
