import { approvalsOf } from "./approval.ts";
import { contributorsReason } from "./contributors.ts";
import type { Facts, Glass } from "./facts.ts";
import { freezeReasons } from "./freeze.ts";
import { inputOf } from "./input.ts";
import { objectionReason } from "./objection.ts";
import { askedReason } from "./approvers.ts";
import { short } from "./phrases.ts";
import { standingGlass } from "./glass.ts";
import { peerReason, requirementReason, type Asking } from "./requirement.ts";
import { toVerdict } from "./verdict.ts";
import type { Reason, Verdict } from "./verdict.ts";
import type { Rule } from "../policy/schema.ts";
import { evaluateWhen } from "../policy/when.ts";

/**
 * Every rule's reason, in the order in which a person would mend them. Nothing is asked here, and nothing is left out. A break-glass of this
 * head that has not expired stands in for what people would have to say, and for nothing else.
 */
export function evaluate(facts: Facts): Reason[] {
  const glass = standingGlass(facts);
  return [
    changeReason(facts),
    ...frozenReasons(facts),
    ...checkReasons(facts),
    contributorsReason(facts),
    ...ruleReasons(facts, glass),
    lifted(objectionReason(facts), glass),
    ...freezeReasons(facts, glass),
  ];
}

/** People are asked for here, so what waits for them blocks. */
export const judge = (facts: Facts): Verdict => toVerdict(evaluate(facts), "blocks");

const lifted = (reason: Reason, glass: Glass | null): Reason =>
  glass === null || reason.outcome === "pass"
    ? reason
    : { rule: reason.rule, outcome: "pass", text: `${reason.text}; lifted, because ${glass.by.login} broke the glass` };

/**
 * The policy's rules, and that somebody is asked at all. Which rules hold is known once the check is done; until then it is shown how the
 * approvals stand that any of them would count.
 */
function ruleReasons(facts: Facts, glass: Glass | null): Reason[] {
  const { check } = facts;
  const approvals = approvalsOf(facts);
  if (check.state !== "done") {
    if (!approvals.known) return [{ rule: "review", outcome: "unknown", text: approvals.reason }];
    const anybody = { count: 1, people: null, permission: "write" as const, about: "", unresolved: [] };
    return [askedReason("review", anybody, approvals.value, facts)];
  }
  if (!facts.organisation.known)
    return [{ rule: "policy", outcome: "unknown", text: `the organisation's policy could not be read: ${facts.organisation.reason}` }];
  const asking: Asking = { facts, check, approvals, input: inputOf(facts, check), glass };
  const reasons = check.policy.rules.map((rule) => ruleReason(rule, asking));
  const enforced = reasons.filter(({ observed, outcome }) => observed !== true && outcome !== "skipped");
  if (enforced.length === 0) {
    const text = "no rule of the policy that is enforced applies to this change, so nobody would be asked: the policy needs one that does";
    return [...reasons, { rule: "rules", outcome: "fail", text }];
  }
  const peer = enforced.every(({ outcome }) => outcome === "pass") ? peerReason(asking) : null;
  return peer === null ? reasons : [...reasons, peer];
}

/** A rule whose condition reads something unknown applies. */
function ruleReason({ name, mode, when, require }: Rule, asking: Asking): Reason {
  const applies = evaluateWhen(when, asking.input);
  if (applies.known && !applies.value) return { rule: name, outcome: "skipped", text: `does not apply here: ${when} is false` };
  const reason = requirementReason(name, require, asking);
  if (mode === "enforce") return reason;
  const { unblock: _, ...told } = reason;
  const isInTheWay = reason.outcome !== "pass" && reason.outcome !== "skipped";
  return { ...told, text: isInTheWay ? `would have been in the way: ${reason.text}` : reason.text, observed: true };
}

/** Whether the pull request as such can be merged. */
function changeReason(facts: Facts): Reason {
  const reason = (outcome: Reason["outcome"], text: string): Reason => ({ rule: "change", outcome, text });
  if (facts.state === "merged") return reason("fail", "this pull request is merged already");
  if (facts.state === "closed") return reason("fail", "this pull request is closed: reopen it, and it is checked anew");
  if (facts.draft) return reason("pending", "this pull request is a draft: mark it ready for review first");
  if (facts.changedFiles === 0) return reason("fail", "this pull request changes no file: there is nothing to review or to land");
  if (!facts.mergeMethods.known)
    return reason("unknown", `how pull requests may be merged here could not be learnt: ${facts.mergeMethods.reason}`);
  const methods = facts.mergeMethods.value;
  if (methods.length === 0)
    return reason(
      "unknown",
      "GitHub names no way to merge pull requests here: an administrator has to allow one in the repository's settings",
    );
  const isExact = facts.check.state === "done" && facts.check.policy.landing === "exact";
  if (isExact && !methods.includes("merge"))
    return reason(
      "fail",
      `the policy lands by merge commits (landing: exact), and this repository allows ${methods.join(" and ")} alone: an administrator has to allow merge commits in its settings, or the policy has to say landing: api`,
    );
  return reason("pass", "this pull request is open and ready for review");
}

/** Merging is stopped for everybody: what landed once was not what was checked. */
function frozenReasons({ frozen }: Facts): Reason[] {
  if (frozen === null) return [];
  const text = `merging is stopped in this repository since ${frozen.since.slice(0, 10)}, because of pull request ${frozen.number}: ${frozen.why}. Somebody with admin access has to look into it and say /unfreeze with what they found`;
  return [{ rule: "frozen", outcome: "fail", text, unblock: "somebody with admin access: look into it and say /unfreeze" }];
}

/** The checks' own reasons; what they leave pending for the policy's rules is answered by those, and anything else pending stays in the way. */
function checkReasons({ check, base, head }: Facts): Reason[] {
  const reason = (outcome: Reason["outcome"], text: string): Reason => ({ rule: "checks", outcome, text });
  if (check.state === "running") return [reason("pending", runningText(check.previous, base, head))];
  if (check.state === "failed") {
    const next = check.final ? "" : "; it is tried again by itself";
    return [reason("unknown", `the check could not be done: ${check.problem.text} ${check.problem.hint}${next}`)];
  }
  if (!base.tip.known) return [reason("unknown", `the tip of ${base.ref} could not be read: ${base.tip.reason}`)];
  if (check.state === "impossible") return [reason("unknown", "no check was begun")];
  if (check.state === "untrusted")
    return [
      { ...reason("pending", untrustedText(head)), unblock: `somebody with write access: read it, and say /ok-to-test ${short(head)}` },
    ];
  const {
    report,
    policy: { rules },
  } = check;
  if (report.base.sha !== base.tip.value || report.head.sha !== head)
    return [reason("unknown", "the check that is stored is of other commits: it is run again")];
  const reasons = report.verdict.reasons.filter(({ rule, outcome }) => outcome !== "pending" || !rules.some(({ name }) => name === rule));
  const looked = reasons.some(({ outcome }) => outcome !== "skipped");
  return looked ? reasons : [...reasons, reason("unknown", "no check looked at anything: nothing says that this is safe")];
}

const untrustedText = (head: string): string =>
  `this comes from a fork, and nothing of it was run: somebody with write access has to read it and say /ok-to-test ${short(head)}`;

function runningText(previous: { base: string; head: string } | null, { ref, tip }: Facts["base"], head: string): string {
  const wait = "wait for the check run to complete";
  if (previous !== null && previous.head === head && tip.known && previous.base !== tip.value)
    return `${ref} moved from ${short(previous.base)} to ${short(tip.value)}, so the merge result is being checked again: ${wait}`;
  return `the merge result of ${short(head)} and ${tip.known ? short(tip.value) : ref} is being checked: ${wait}`;
}
