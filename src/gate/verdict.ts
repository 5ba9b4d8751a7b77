/** What a rule came to. `pending` waits for people, a check or a moment; `unknown` could not be learnt and blocks; `skipped` did not apply. */
export type RuleOutcome = "pass" | "fail" | "pending" | "unknown" | "skipped";

/** Why, as a sentence that a person can act on. */
export interface Reason {
  /** The rule's name: a check (`lint`, `compile`, …) or a rule of the policy (`peer`). */
  rule: string;
  outcome: RuleOutcome;
  text: string;
  /** What it is made of, where a rule asks for several things. */
  parts?: readonly Reason[];
  /** Whether all of the parts are asked for, or any one. */
  asks?: "all" | "any";
  /** The beginning of the condition that a skipped rule does not meet. */
  when?: string;
  /** What of the change makes the rule apply, where that is some of its paths: `hiera.yaml and 2 more`. */
  because?: string;
  /** For a title, in few words: what it waits for, or what is wrong; `of` is what that is said of. Where it is missing, `brief.ts` knows. */
  brief?: { says: string; of?: string };
  /** True where it only says what it would have done: it is told, and never counted. */
  observed?: true;
  /** True where the next check may know better, the commits being the same. */
  passing?: true | undefined;
  /** Who has to do what to lift it: `one person of @acme/sre: approve bbbbbbbbbb`. */
  unblock?: string;
}

/** The outcome and all its reasons. Every surface renders this one value. */
export interface Verdict {
  outcome: "pass" | "blocked" | "unknown";
  reasons: readonly Reason[];
}

/**
 * Puts reasons together. A failure blocks, whatever else is unknown, because no answer could lift it; without one, anything
 * unknown makes the whole unknown. Pending rules block where people are asked for (`pending: "blocks"`) and don't count in
 * a local `check`, which has nobody to ask. No reasons at all is unknown: nothing was looked at.
 */
export function toVerdict(reasons: readonly Reason[], pending: "blocks" | "ignored"): Verdict {
  const counted = reasons.filter(({ observed }) => observed !== true);
  const has = (outcome: RuleOutcome): boolean => counted.some((reason) => reason.outcome === outcome);
  if (has("fail")) return { outcome: "blocked", reasons };
  if (has("unknown") || counted.every((reason) => reason.outcome === "skipped")) return { outcome: "unknown", reasons };
  if (pending === "blocks" && has("pending")) return { outcome: "blocked", reasons };
  return { outcome: "pass", reasons };
}
