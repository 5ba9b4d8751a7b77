import type { Approvals, Requirement } from "../policy/requirement.ts";
import { evaluateWhen, valuesOf, type ChangeInput } from "../policy/when.ts";
import type { Approval } from "./approval.ts";
import { askedReason, missingOf, type Asked } from "./approvers.ts";
import { requiredCheckReason } from "./checks.ts";
import type { Checked, Facts, Glass, Known } from "./facts.ts";
import { ownedPaths, ownedServices, type Owned } from "./owners.ts";
import { clipped, list, short, unlearnt } from "./phrases.ts";
import type { Reason, RuleOutcome } from "./verdict.ts";

/** What a requirement is decided by. */
export interface Asking {
  facts: Facts;
  check: Checked;
  approvals: Known<readonly Approval[]>;
  input: ChangeInput;
  /** Stands in for every approval. */
  glass: Glass | null;
}

/**
 * Decides a requirement; the reason has the tree as its parts. An unknown is no value: in `any`, another branch may pass all the same, and
 * everywhere else it blocks. Of a whole, the worst part counts (fail, unknown, pending); of a choice, the part that is nearest to passing.
 */
export function requirementReason(rule: string, requirement: Requirement, asking: Asking): Reason {
  if ("all" in requirement) return whole(rule, parts(requirement.all, asking), impliedIn(requirement.all, asking));
  if ("any" in requirement) return choice(rule, parts(requirement.any, asking));
  if ("not" in requirement) return negated(rule, requirementReason(labelOf(requirement.not), requirement.not, asking), asking);
  if ("approvals" in requirement) return { ...approvalsReason(rule, requirement.approvals, asking), brief: { says: "review", of: rule } };
  if ("check" in requirement) return requiredCheckReason(rule, requirement.check, asking.facts);
  return conditionReason(rule, requirement.condition, asking);
}

const parts = (requirements: readonly Requirement[], asking: Asking): Reason[] =>
  requirements.map((requirement) => requirementReason(labelOf(requirement), requirement, asking));

/** What a part of a rule is called. */
function labelOf(requirement: Requirement): string {
  if ("check" in requirement) return `check ${requirement.check.name}`;
  return Object.keys(requirement)[0] ?? "";
}

const fromBest: readonly RuleOutcome[] = ["pass", "pending", "unknown", "fail"];

const without = (reasons: readonly Reason[], outcome: RuleOutcome): Reason[] => reasons.filter((reason) => reason.outcome !== outcome);
const texts = (reasons: readonly Reason[], between: string): string => [...new Set(reasons.map(({ text }) => text))].join(between);

/** @param implied those of which nobody has to be told what to do: that is done with another's */
function whole(rule: string, all: readonly Reason[], implied: ReadonlySet<number> = new Set()): Reason {
  const counted = without(all, "skipped");
  if (counted.length === 0) return { rule, outcome: "skipped", text: texts(all, "; "), parts: all };
  const outcome = worstOf(counted, fromBest.toReversed());
  const open = without(counted, "pass");
  return {
    rule,
    outcome,
    text: texts(open.length === 0 ? counted : open, "; "),
    parts: all,
    asks: "all",
    ...unblocking(
      open.filter((reason) => reason.outcome !== "pending" || !implied.has(all.indexOf(reason))),
      ", and ",
    ),
  };
}

/** Of approvals that are all asked for, those that are there once another's are: no more of them, and whoever may give that one's may give these. */
function impliedIn(all: readonly Requirement[], { facts, approvals, glass }: Asking): ReadonlySet<number> {
  if (!approvals.known || glass !== null) return new Set();
  const asked = all.map((one) => ("approvals" in one ? anybodyIn(one.approvals) : null));
  const missing = asked.map((one) => (one === null ? 0 : missingOf(one, approvals.value, facts)));
  const within = (one: number, other: number): boolean =>
    one !== other &&
    asked[one] !== null &&
    (missing[one] ?? 0) > 0 &&
    (missing[one] ?? 0) <= (missing[other] ?? 0) &&
    (asked[one]?.permission === asked[other]?.permission
      ? one > other || missing[one] !== missing[other]
      : asked[other]?.permission === "admin");
  return new Set(all.keys().filter((one) => all.some((_, other) => within(one, other))));
}

/** What is asked of anybody who has the access; null where it is asked of some people alone. */
const anybodyIn = ({ count, from }: Approvals): Asked | null =>
  from.owners === null && from.codeowners === null && from.users.length + from.teams.length === 0
    ? { count, people: null, permission: from.permission, about: "", unresolved: [] }
    : null;

function choice(rule: string, any: readonly Reason[]): Reason {
  const counted = without(any, "skipped");
  if (counted.length === 0) return { rule, outcome: "skipped", text: texts(any, "; "), parts: any };
  const outcome = worstOf(counted, fromBest);
  const passed = counted.filter((reason) => reason.outcome === "pass");
  if (passed.length > 0) return { rule, outcome, text: texts(passed.slice(0, 1), ""), parts: any };
  // What somebody can do now comes before what takes a change of its own.
  const nearest = counted.toSorted((a, b) => fromBest.indexOf(a.outcome) - fromBest.indexOf(b.outcome));
  const text = nearest.length === 1 ? texts(nearest, "") : `one of these is needed: ${texts(nearest, ", or: ")}`;
  return { rule, outcome, text, parts: any, asks: "any", ...unblocking(nearest, ", or ") };
}

const worstOf = (reasons: readonly Reason[], order: readonly RuleOutcome[]): RuleOutcome =>
  order.find((outcome) => reasons.some((reason) => reason.outcome === outcome)) ?? "unknown";

function unblocking(reasons: readonly Reason[], between: string): { unblock?: string } {
  const ways = [...new Set(reasons.flatMap(({ unblock }) => unblock ?? []))];
  return ways.length === 0 ? {} : { unblock: ways.join(between) };
}

/** Holds conditions only, so that what is negated passes or fails, or is unknown. */
function negated(rule: string, part: Reason, { facts }: Asking): Reason {
  const flipped: Partial<Record<RuleOutcome, RuleOutcome>> = { pass: "fail", fail: "pass" };
  const { unblock: _, ...told } = part;
  const reason: Reason = {
    rule,
    outcome: flipped[part.outcome] ?? part.outcome,
    text: `it must not be so: ${part.text}`,
    parts: [told],
  };
  return reason.outcome === "pass" ? reason : { ...reason, unblock: conditionWay(facts) };
}

/** What a condition comes to, with what it reads of the change. */
function conditionReason(rule: string, condition: string, { input, facts }: Asking): Reason {
  const holds = evaluateWhen(condition, input);
  const code = `\`${clipped(condition, 200)}\``;
  const unblock = conditionWay(facts);
  if (!holds.known) return { rule, outcome: "unknown", text: `whether ${code} holds can't be told: ${holds.reason}`, unblock };
  const values = valuesOf(condition, input).map(({ name, value }) => `${name} is ${value.known ? inWords(value.value) : "unknown"}`);
  const text = `${code} is ${holds.value}${values.length === 0 ? "" : `: ${list(values)}`}`;
  return holds.value ? { rule, outcome: "pass", text } : { rule, outcome: "fail", text, unblock };
}

const conditionWay = ({ opener }: Facts): string => `${opener?.login ?? "its author"}: change what it is about, or ask the policy's owners`;

/** A value in few words; lists of anything but texts by their length. */
function inWords(value: unknown): string {
  if (typeof value === "string") return clipped(value, 60) || "empty";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (!Array.isArray(value)) return "read as a whole";
  const items: readonly unknown[] = value;
  const texts = items.filter((item) => typeof item === "string").map((item) => clipped(item, 60));
  if (items.length === 0) return "empty";
  return texts.length === items.length ? list(texts, 3) : `a list of ${items.length}`;
}

/** Approvals of exactly what would land, by people who contributed nothing to it. Each person counts once for each thing that is asked. */
export function approvalsReason(rule: string, { count, from }: Approvals, { facts, check, approvals, glass }: Asking): Reason {
  if (glass !== null)
    return { rule, outcome: "pass", text: `not asked for: ${glass.by.login} broke the glass (${glass.reason}), and owes a review` };
  if (!approvals.known) return { rule, outcome: "unknown", text: approvals.reason, unblock: unlearnt(approvals).unblock };
  const asked = (owned: Owned | null): Asked => ({
    count,
    people: owned === null ? null : owned.people,
    permission: from.permission,
    about: owned === null || owned.what === "" ? "" : ` for ${owned.what}`,
    unresolved: owned === null ? [] : owned.unresolved,
  });
  const each = (owned: readonly Owned[]): Reason[] => owned.map((one) => askedReason(one.what, asked(one), approvals.value, facts));
  if (from.owners !== null) {
    const services = ownedServices(check);
    if (!services.known)
      return {
        rule,
        outcome: "unknown",
        text: services.reason,
        unblock: "an owner of the policy: give every node a service, and every service owners",
      };
    return services.value.length === 0
      ? { rule, outcome: "skipped", text: "no node is reached, so that no owner of a service is asked" }
      : whole(rule, each(services.value));
  }
  if (from.codeowners !== null) {
    const paths = ownedPaths(check);
    if (!paths.known) return unreadOwners(rule, paths.reason, check);
    const { owned, unowned } = paths.value;
    const reasons = each(owned);
    if (from.codeowners === "every-path" && unowned.length > 0) reasons.push(unownedReason(unowned, check));
    return reasons.length === 0 ? { rule, outcome: "skipped", text: "CODEOWNERS names nobody for what changes" } : whole(rule, reasons);
  }
  const named = from.users.length + from.teams.length > 0;
  const people = { what: "", people: { users: from.users, teams: from.teams }, unresolved: [] };
  return askedReason(rule, asked(named ? people : null), approvals.value, facts);
}

const unreadOwners = (rule: string, why: string, { codeowners }: Checked): Reason =>
  codeowners.known
    ? { rule, outcome: "unknown", text: why, unblock: "an owner of CODEOWNERS: mend what it says of these paths, on the base branch" }
    : { rule, outcome: "unknown", ...unlearnt({ reason: why, ...(codeowners.way === undefined ? {} : { way: codeowners.way }) }) };

function unownedReason(paths: readonly string[], { codeowners }: Checked): Reason {
  const [rule, outcome, names] = ["unowned", "fail", list(paths, 3)] as const;
  if (codeowners.known && codeowners.value === null) {
    const [text, unblock] = [
      `base has no CODEOWNERS, so nobody owns ${names}`,
      `an administrator: land a CODEOWNERS in a change of its own, whose owners can approve this then`,
    ];
    return { rule, outcome, text, unblock };
  }
  const text = `base's CODEOWNERS names no owner of ${names}: name one there in a change of its own`;
  return { rule, outcome, text, unblock: `an owner of CODEOWNERS: name an owner of ${names}, in a change of its own` };
}

/** Promise 2, whatever a policy leaves out: nothing lands that no eligible peer approved. */
export function peerReason({ facts, approvals, glass }: Asking): Reason | null {
  if (glass !== null) return null;
  if (!approvals.known) return { rule: "review", outcome: "unknown", text: approvals.reason, unblock: unlearnt(approvals).unblock };
  const anybody: Asked = { count: 1, people: null, permission: "write", about: "", unresolved: [] };
  const reason = askedReason("review", anybody, approvals.value, facts);
  return reason.outcome === "pass"
    ? null
    : { ...reason, text: `the policy's rules ask nobody, and a peer has to approve commit ${short(facts.head)}: ${reason.text}` };
}
