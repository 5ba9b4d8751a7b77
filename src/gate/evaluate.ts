import { approvalsOf } from "./approval.ts";
import { becauseOf } from "./because.ts";
import { changeReason, frozenReasons, unheardReasons } from "./change.ts";
import { checkReasons } from "./checked.ts";
import { contributorsReason } from "./contributors.ts";
import { peopleOf } from "./access.ts";
import { type AskedApproval, askedApprovals } from "./expectations.ts";
import type { Facts, Glass } from "./facts.ts";
import { freezeReasons } from "./freeze.ts";
import { inputOf } from "./input.ts";
import { objectionReason } from "./objection.ts";
import { askedReason } from "./approvers.ts";
import { clipped, unlearnt } from "./phrases.ts";
import { standingGlass } from "./glass.ts";
import { peerReason, requirementReason, type Asking } from "./requirement.ts";
import { toVerdict } from "./verdict.ts";
import type { Reason, Verdict } from "./verdict.ts";
import type { Requirement } from "../policy/requirement.ts";
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
    ...unheardReasons(facts),
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
    if (!approvals.known) return [{ rule: "review", outcome: "unknown", text: approvals.reason, unblock: unlearnt(approvals).unblock }];
    const anybody = { count: 1, people: null, permission: "write" as const, about: "", unresolved: [] };
    return [askedReason("review", anybody, approvals.value, facts)];
  }
  if (!facts.organisation.known) {
    const { text, unblock } = unlearnt(facts.organisation);
    return [{ rule: "policy", outcome: "unknown", text: `the organisation's policy could not be read: ${text}`, unblock }];
  }
  const asking: Asking = { facts, check, approvals, input: inputOf(facts, check), glass };
  const reasons = check.policy.rules.map((rule) => ruleReason(rule, asking));
  const enforced = reasons.filter(({ observed, outcome }) => observed !== true && outcome !== "skipped");
  if (enforced.length === 0) {
    const text = "no rule of the policy that is enforced applies to this change, so nobody would be asked: the policy needs one that does";
    return [
      ...reasons,
      { rule: "rules", outcome: "fail", text, unblock: "an owner of the policy: add a rule that applies to such a change" },
    ];
  }
  reasons.push(...askedApprovals(check.report.expectations).map((asked) => expectationReason(asked, asking)));
  const peer = enforced.every(({ outcome }) => outcome === "pass") ? peerReason(asking) : null;
  return peer === null ? reasons : [...reasons, peer];
}

/** An expectation that this change breaks or takes away, and whose owners have to say that it may. */
function expectationReason({ rule, owners, orAdmin, text }: AskedApproval, asking: Asking): Reason {
  const nobody = { users: [], teams: [], permission: "write", owners: null, codeowners: null } as const;
  const named: Requirement = { approvals: { count: 1, from: { ...nobody, ...peopleOf(owners) } } };
  const admin: Requirement = { approvals: { count: 1, from: { ...nobody, permission: "admin" } } };
  const reason = requirementReason(rule, orAdmin ? { any: [named, admin] } : named, asking);
  return { ...reason, text: `${text} ${reason.text}` };
}

/** A rule whose condition reads something unknown applies. */
function ruleReason({ name, mode, when, require }: Rule, asking: Asking): Reason {
  const applies = evaluateWhen(when, asking.input);
  if (applies.known && !applies.value) return { rule: name, outcome: "skipped", text: "does not apply here", when: clipped(when, 80) };
  const required = requirementReason(name, require, asking);
  const isInTheWay = required.outcome !== "pass" && required.outcome !== "skipped";
  const because = isInTheWay ? becauseOf(when, asking.input) : null;
  const reason: Reason = { ...required, ...(because === null ? {} : { because }), brief: briefOf(name, required) };
  if (mode === "enforce") return reason;
  const { unblock: _, ...told } = reason;
  return { ...told, text: isInTheWay ? `would have been in the way: ${reason.text}` : reason.text, observed: true };
}

/** What a rule waits for: a person where one is asked for by what is open of it, else a check. */
function briefOf(rule: string, { outcome, ...reason }: Reason): { says: string; of: string } {
  const open = leavesOf({ ...reason, outcome }).filter((leaf) => leaf.outcome === outcome);
  const check = open.find(({ brief }) => brief?.says === "checks");
  if (open.some(({ brief }) => brief?.says === "review")) return { says: "review", of: rule };
  return check?.brief?.of === undefined ? { says: "rule", of: rule } : { says: "checks", of: check.brief.of };
}

const leavesOf = (reason: Reason): Reason[] => (reason.brief === undefined ? (reason.parts ?? []).flatMap(leavesOf) : [reason]);
