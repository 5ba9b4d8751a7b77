import { freezesAt } from "../policy/freezes.ts";
import type { Requirement } from "../policy/requirement.ts";
import type { Facts } from "./facts.ts";
import { isSince, minutesAfter } from "./instants.ts";

/** Minutes between two looks whether an address that was nobody's has an account by now: GitHub tells nobody when somebody adds one to theirs. */
const minutesForStrangers = 5;

/**
 * The next moment at which time alone may change what is said: a freeze ends, a break-glass expires, a check was waited for long enough, or is tried again, or
 * a contributor of no account may have one.
 */
export function dueAt(facts: Facts): string | null {
  if (facts.state !== "open") return null;
  const { check, glass } = facts;
  const again = check.state === "done" || check.state === "failed" ? check.again : undefined;
  const strangers =
    facts.commits.known && facts.commits.value.some(({ contributions }) => contributions.some(({ person }) => person === null));
  const asked = strangers ? [minutesAfter(facts.now, minutesForStrangers)] : [];
  const moments = [...asked, ...(glass === null ? [] : [glass.expiresAt]), ...(again === undefined ? [] : [again]), ...ofPolicy(facts)];
  return moments.filter((moment) => !isSince(facts.now, moment)).toSorted()[0] ?? null;
}

function ofPolicy({ check, now, headSince }: Facts): string[] {
  if (check.state !== "done") return [];
  const timeouts = check.policy.rules.flatMap(({ require }) => timeoutsOf(require));
  return [
    ...freezesAt(check.policy.freezes, now).map(({ endsAt }) => endsAt),
    ...timeouts.map((minutes) => minutesAfter(headSince, minutes)),
  ];
}

function timeoutsOf(requirement: Requirement): number[] {
  if ("all" in requirement) return requirement.all.flatMap(timeoutsOf);
  if ("any" in requirement) return requirement.any.flatMap(timeoutsOf);
  return "check" in requirement ? [requirement.check.timeoutMinutes] : [];
}
