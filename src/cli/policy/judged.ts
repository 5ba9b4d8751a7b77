import { evaluate } from "../../gate/evaluate.ts";
import type { Facts } from "../../gate/facts.ts";
import { freezeAdvice } from "../../gate/freeze.ts";
import { inputOf } from "../../gate/input.ts";
import { isObserved } from "../../gate/observe.ts";
import { toVerdict, type Reason } from "../../gate/verdict.ts";
import { standingOf, type Standing } from "../../gate/view.ts";
import type { Known } from "../../policy/known.ts";
import type { Rule } from "../../policy/schema.ts";
import { evaluateWhen, valuesOf } from "../../policy/when.ts";

/** A change as the gate would judge it, with why each rule of the policy applies to it or does not. */
export interface Judged {
  outcome: Standing;
  /** Of the policy's rules, in its order. */
  rules: readonly JudgedRule[];
  /** All others: the change itself, its checks, contributors, objections, freezes. */
  besides: readonly Reason[];
  /** Who has to do what. */
  missing: readonly string[];
  /** What speaks against landing now, and forbids nothing. */
  advice: readonly string[];
}

interface JudgedRule {
  name: string;
  mode: Rule["mode"];
  when: string;
  applies: Known<boolean>;
  /** What `when` reads of the change. */
  values: ReadonlyArray<{ name: string; value: Known<unknown> }>;
  reason: Reason;
}

export function judged(facts: Facts): Judged {
  const reasons = evaluate(facts);
  const rules = rulesOf(facts, reasons);
  const verdict = toVerdict(reasons, "blocks");
  const ofRules = new Set(rules.map(({ reason }) => reason));
  return {
    outcome: standingOf(verdict, facts.check.state === "running", isObserved(facts)),
    rules,
    besides: reasons.filter((reason) => !ofRules.has(reason)),
    missing: [...new Set(reasons.flatMap(({ observed, unblock }) => (observed === true || unblock === undefined ? [] : [unblock])))],
    advice: freezeAdvice(facts),
  };
}

function rulesOf(facts: Facts, reasons: readonly Reason[]): JudgedRule[] {
  const { check } = facts;
  if (check.state !== "done") return [];
  const input = inputOf(facts, check);
  return check.policy.rules.flatMap(({ name, mode, when }) => {
    // The last of that name: a check may have the name of a rule, and comes before it.
    const reason = reasons.findLast(({ rule }) => rule === name);
    return reason === undefined ? [] : [{ name, mode, when, applies: evaluateWhen(when, input), values: valuesOf(when, input), reason }];
  });
}

/** A reason's texts with those of its parts: what it says, and who lifts it. */
export const textsOf = ({ text, unblock, parts = [] }: Reason): string[] => [
  text,
  ...(unblock === undefined ? [] : [unblock]),
  ...parts.flatMap(textsOf),
];
