import type { Approvals } from "../policy/requirement.ts";
import { isOneOf, namesOf, type People } from "./access.ts";
import type { Approval } from "./approval.ts";
import { contributorsOf } from "./contributors.ts";
import type { Facts } from "./facts.ts";
import { list, short } from "./phrases.ts";
import type { Reason } from "./verdict.ts";

/** Some people, so many of whom have to approve. */
export interface Asked {
  count: number;
  /** Null: anybody who may. */
  people: People | null;
  permission: Approvals["from"]["permission"];
  /** What they are asked about: ` for service playlist`; empty for all of it. */
  about: string;
  /** Owners by e-mail address, whom nobody can tell apart. */
  unresolved: readonly string[];
}

/** Whether enough of the people who are asked approved; says of each approval that does not count here why it does not. */
export function askedReason(rule: string, asked: Asked, approvals: readonly Approval[], facts: Facts): Reason {
  const judged = approvals.map((approval) => standingFor(asked, approval, facts));
  const counting = judged.filter(({ counts }) => counts === "yes");
  const missing = asked.count - counting.length;
  if (missing <= 0) return { rule, outcome: "pass", text: `${spoken(counting, facts)}${asked.about}` };
  const who = wanted(asked, missing, counting.length > 0, facts);
  const said = [...(counting.length > 0 ? [spoken(counting, facts)] : []), ...judged.flatMap(({ why }) => (why === null ? [] : [why]))];
  if (facts.reviews.known && facts.reviews.value.some(({ reviewer, stance }) => reviewer === null && stance === "approved"))
    said.push("the approval of a deleted account doesn't count");
  if (asked.unresolved.length > 0 && asked.people !== null && namesOf(asked.people).length === 0)
    said.push(`${list(asked.unresolved)} is an owner by e-mail address, which is no account: name the account`);
  const outcome = judged.some(({ counts }) => counts === "unknown") ? "unknown" : "pending";
  const what = `approve ${short(facts.head)}${asked.about}`;
  return { rule, outcome, text: [...said, `${who} must ${what}`].join("; "), unblock: `${who}: ${what}` };
}

interface Judged {
  approval: Approval;
  counts: "yes" | "no" | "unknown";
  /** Why it does not count, where that is worth a word. */
  why: string | null;
}

function standingFor({ people, permission, about }: Asked, approval: Approval, facts: Facts): Judged {
  const { reviewer, worth } = approval;
  const judged = (counts: Judged["counts"], why: string | null): Judged => ({ approval, counts, why });
  if (!worth.counts) return judged(worth.because === "unknown" ? "unknown" : "no", worth.why);
  const notHere = `${reviewer.login}'s approval doesn't count${about === "" ? " here" : about}`;
  if (permission === "admin" && worth.permission !== "admin")
    return judged("no", `${notHere}: ${reviewer.login} has write access, and admin is needed`);
  if (people === null) return judged("yes", null);
  const member = isOneOf(reviewer, people, facts);
  if (!member.known) return judged("unknown", `${notHere}: ${member.reason}`);
  return member.value
    ? judged("yes", null)
    : judged("no", `${notHere}: ${reviewer.login} is none of ${list(namesOf(people)) || "its owners"}`);
}

/** `bob approved bbbbbbbbbb (kept because …)`. */
function spoken(counting: readonly Judged[], facts: Facts): string {
  const groups = new Map<string, string[]>();
  for (const { approval } of counting) {
    const { worth, reviewer } = approval;
    if (!worth.counts) continue;
    const of = worth.kept === null ? `approved ${short(facts.head)}` : `approved ${short(worth.commit)} (kept because ${worth.kept})`;
    groups.set(of, [...(groups.get(of) ?? []), reviewer.login]);
  }
  return [...groups].map(([of, names]) => `${list(names)} ${of}`).join(", and ");
}

function wanted({ people, permission }: Asked, missing: number, isMore: boolean, facts: Facts): string {
  const more = isMore ? " more" : "";
  const count = missing === 1 ? `one${more} person` : `${missing}${more} people`;
  const of = people === null ? "" : ` of ${list(namesOf(people)) || "its owners"}`;
  const not = [...contributorsOf(facts).values()].map(({ person }) => person.login);
  return `${count}${of} with ${permission} access who contributed nothing (not ${list(not)})`;
}
