import type { Approvals } from "../policy/requirement.ts";
import { isOneOf, mayWrite, namesOf, permissionOf, type People } from "./access.ts";
import type { Approval } from "./approval.ts";
import { contributorsOf } from "./contributors.ts";
import type { Facts, Person } from "./facts.ts";
import { askedAgain, list, short } from "./phrases.ts";
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
  const waiting = judged.filter(({ counts }) => counts === "waiting").length;
  const isUnknown = judged.some(({ counts }) => counts === "unknown");
  const said = [...(counting.length > 0 ? [spoken(counting, facts)] : []), ...judged.flatMap(({ why }) => (why === null ? [] : [why]))];
  if (facts.reviews.known && facts.reviews.value.some(({ reviewer, stance }) => reviewer === null && stance === "approved"))
    said.push("the approval of a deleted account doesn't count");
  if (asked.unresolved.length > 0 && asked.people !== null && namesOf(asked.people).length === 0)
    said.push(`${list(asked.unresolved)} is an owner by e-mail address, which is no account: name the account`);
  const unclear = judged.filter(({ counts }) => counts === "unknown");
  const ways = [...new Set([...unclear.flatMap(({ way }) => way ?? []), ...(unclear.length === 0 ? waysOfTeams(asked, facts, said) : [])])];
  if (unclear.some(({ way }) => way === undefined)) said.push(askedAgain);
  const outcome = isUnknown ? "unknown" : "pending";
  if (waiting >= missing && !isUnknown) return { rule, outcome, text: said.join("; "), unblock: "wait for the check run to complete" };
  const who = wanted(asked, Math.max(1, missing - waiting), counting.length + waiting > 0, facts);
  const what = `approve ${isToBePushed(facts) ? "the commit that is pushed then" : `commit ${short(facts.head)}`}${asked.about}`;
  return { rule, outcome, text: [...said, `${who} must ${what}`].join("; "), unblock: [`${who}: ${what}`, ...ways].join("; or ") };
}

/** How many more have to approve, those included whose approval waits for the check. */
export const missingOf = (asked: Asked, approvals: readonly Approval[], facts: Facts): number =>
  Math.max(0, asked.count - approvals.filter((approval) => standingFor(asked, approval, facts).counts === "yes").length);

/** Whether the checks found what only a push mends: an approval of this head would not be one of what lands. */
const isToBePushed = ({ check }: Facts): boolean =>
  check.state === "done" && check.report.verdict.reasons.some(({ rule, outcome }) => outcome === "fail" && pushed.has(rule));
const pushed: ReadonlySet<string> = new Set(["merge", "config", "syntax", "lint", "preconditions", "compile", "expectations"]);

/** Says of each team that is asked, and that nobody can read until somebody did something about it, what that is. */
function waysOfTeams({ people }: Asked, facts: Facts, said: string[]): string[] {
  return (people?.teams ?? []).flatMap((team) => {
    const members = facts.teams.get(team.toLowerCase());
    if (members === undefined || members.known || members.way === undefined) return [];
    said.push(`who is in @${team} could not be learnt: ${members.reason}`);
    return [members.way];
  });
}

interface Judged {
  approval: Approval;
  counts: "yes" | "no" | "unknown" | "waiting";
  /** Why it does not count, where that is worth a word. */
  why: string | null;
  /** Of an unknown one: as in `Unknown`. */
  way?: string | undefined;
}

function standingFor(asked: Asked, approval: Approval, facts: Facts): Judged {
  const { people, permission, about } = asked;
  const { reviewer, worth } = approval;
  const judged = (counts: Judged["counts"], why: string | null, way?: string): Judged => ({ approval, counts, why, way });
  if (!worth.counts) {
    if (worth.because === "waiting" && mayCount(asked, reviewer, facts)) return judged("waiting", worth.why);
    const again = worth.because === "dropped" ? `; ${reviewer.login} can approve again after looking at what is new` : "";
    return judged(worth.because === "unknown" ? "unknown" : "no", `${worth.why}${again}`, worth.way);
  }
  const notHere = `${reviewer.login}'s approval doesn't count${about === "" ? " here" : about}`;
  if (permission === "admin" && worth.permission !== "admin")
    return judged("no", `${notHere}: ${reviewer.login} has write access, and admin is needed`);
  if (people === null) return judged("yes", null);
  const member = isOneOf(reviewer, people, facts);
  if (!member.known) return judged("unknown", `${notHere}: ${member.reason}`, member.way);
  return member.value
    ? judged("yes", null)
    : judged("no", `${notHere}: ${reviewer.login} is none of ${list(namesOf(people)) || "its owners"}`);
}

/** Whether an approval that waits for the check will count here, if the check says that it stands. */
function mayCount({ people, permission }: Asked, reviewer: Person, facts: Facts): boolean {
  const access = permissionOf(reviewer, facts);
  if (!access.known || !(permission === "admin" ? access.value === "admin" : mayWrite(access.value))) return false;
  if (people === null) return true;
  const member = isOneOf(reviewer, people, facts);
  return member.known && member.value;
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
  return `${count}${of} with ${permission} access who contributed nothing to it (not ${list(not)})`;
}
