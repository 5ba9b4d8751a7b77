import { contributorsOf } from "./contributors.ts";
import type { Facts, Known, Permission, Person, ReviewFacts } from "./facts.ts";
import type { Rule } from "../policy/schema.ts";
import { list, short } from "./phrases.ts";
import type { Reason } from "./verdict.ts";

/**
 * Each reviewer's latest stance, by user id. A comment changes nothing. A dismissed review is a stance of its own, so an
 * approval from before a dismissed request for changes does not come back to life: it has to be given anew.
 */
export function stancesOf(reviews: readonly ReviewFacts[]): ReadonlyMap<number, ReviewFacts & { reviewer: Person }> {
  const latest = new Map<number, ReviewFacts & { reviewer: Person }>();
  for (const review of reviews) {
    const { reviewer, stance } = review;
    if (reviewer !== null && stance !== "commented") latest.set(reviewer.id, { ...review, reviewer });
  }
  return latest;
}

/** What one approval is worth; `unknown` when that could not be learnt. */
type Worth = { counts: true; by: string } | { counts: false; why: string; unknown: boolean };

/** A rule of approvals: so many, of exactly this head, by people with write access who contributed nothing to it. Each person counts once. */
export function approvalReason({ name, require }: Pick<Rule, "name" | "require">, facts: Facts): Reason {
  if (!("approvals" in require)) return { rule: name, outcome: "unknown", text: "this kind of requirement is not decided yet" };
  const reason = (outcome: Reason["outcome"], text: string): Reason => ({ rule: name, outcome, text });
  if (!facts.reviews.known) return reason("unknown", `the reviews could not be read: ${facts.reviews.reason}`);
  if (!facts.commits.known) return reason("unknown", `whether an approval is a peer's can't be told while the contributors are unknown`);
  const approvals = [...stancesOf(facts.reviews.value).values()].filter(({ stance }) => stance === "approved");
  const worths = approvals.map((approval) => worthOf(approval, facts));
  const counting = worths.filter((worth) => worth.counts).map(({ by }) => by);
  const missing = require.approvals.count - counting.length;
  if (missing <= 0) return reason("pass", `${list(counting)} approved ${short(facts.head)}`);
  const refused = worths.filter((worth) => !worth.counts);
  const why = [...(counting.length > 0 ? [`${list(counting)} approved`] : []), ...refused.map((worth) => worth.why)];
  if (facts.reviews.value.some(({ reviewer, stance }) => reviewer === null && stance === "approved"))
    why.push("the approval of a deleted account doesn't count");
  const more = counting.length > 0 ? " more" : "";
  const who = `${missing === 1 ? `one${more} person` : `${missing}${more} people`} with write access who contributed nothing`;
  const ask = `${who} (not ${list(contributorLogins(facts))}) must approve ${short(facts.head)}`;
  return reason(refused.some((worth) => worth.unknown) ? "unknown" : "pending", [...why, ask].join("; "));
}

function worthOf({ reviewer, commit }: ReviewFacts & { reviewer: Person }, facts: Facts): Worth {
  const no = (why: string, unknown = false): Worth => ({
    counts: false,
    why: `${reviewer.login}'s approval doesn't count: ${why}`,
    unknown,
  });
  if (reviewer.bot) return no("a bot can't be a peer");
  const contributor = contributorsOf(facts).get(reviewer.id);
  if (contributor !== undefined) return no(`${reviewer.login} ${contributor.did}`);
  if (commit !== facts.head) {
    const of = commit === null ? "an unknown commit" : short(commit);
    return no(`it was given for ${of}, and the head is now ${short(facts.head)}`);
  }
  const permission = permissionOf(reviewer, facts);
  if (!permission.known) return no(`the access of ${reviewer.login} could not be learnt (${permission.reason})`, true);
  if (!mayWrite(permission.value))
    return no(`${reviewer.login} has ${permission.value === "none" ? "no" : permission.value} access, and write is needed`);
  return { counts: true, by: reviewer.login };
}

/**
 * A standing request for changes blocks, whichever commit it was made for, until its author approves or somebody dismisses it. Only
 * people with write access can block; so can bots, which somebody with more than that has let in.
 */
export function objectionReason(facts: Facts): Reason {
  const reason = (outcome: Reason["outcome"], text: string): Reason => ({ rule: "objections", outcome, text });
  if (!facts.reviews.known) return reason("unknown", `the reviews could not be read: ${facts.reviews.reason}`);
  const objections = [...stancesOf(facts.reviews.value).values()].filter(({ stance }) => stance === "changes-requested");
  const standing = objections.filter(({ reviewer }) => {
    const permission = permissionOf(reviewer, facts);
    return reviewer.bot || (permission.known && mayWrite(permission.value));
  });
  const names = standing.map(({ reviewer }) => reviewer.login);
  if (names.length > 0)
    return reason("fail", `${list(names)} requested changes: settle it with them; their approval or a dismissal of the review lifts this`);
  for (const { reviewer } of objections) {
    const permission = permissionOf(reviewer, facts);
    if (!permission.known)
      return reason(
        "unknown",
        `${reviewer.login} requested changes, and the access of ${reviewer.login} could not be learnt (${permission.reason})`,
      );
  }
  return reason("pass", "nobody with write access requests changes");
}

export const mayWrite = (permission: Permission): boolean => permission === "admin" || permission === "write";

export const permissionOf = (person: Person, facts: Facts): Known<Permission> =>
  facts.permissions.get(person.id) ?? { known: false, reason: "it was not asked for" };

const contributorLogins = (facts: Facts): string[] => [...contributorsOf(facts).values()].map(({ person }) => person.login);
