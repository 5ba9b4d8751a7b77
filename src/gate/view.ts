import type { Frozen, Glass, Known, ReviewDebt, Wish } from "./facts.ts";
import type { Verdict } from "./verdict.ts";

/** What the gate said to one command. `lines` are plain text; whoever shows them makes them safe. */
export interface Answer {
  comment: number;
  by: string;
  /** As it was written. */
  command: string;
  accepted: boolean;
  /** One sentence, then what goes into detail. */
  text: string;
  lines: readonly string[];
  /** True where this is not the last word: the command is heard again by itself. */
  later?: true;
}

/** How a change got into its base branch. */
export interface Landing {
  /** `gate` when this gate merged it; `other` when somebody did without it. */
  by: "gate" | "other";
  who: string | null;
  sha: string | null;
  /** Tree of the merge result that was checked, and of the commit that landed; null where nothing was expected of it. */
  trees: { checked: string; landed: Known<string> } | null;
}

/**
 * How a verdict stands, as people see it. `waiting` is blocked by nothing but what people have yet to do; `observed` is anything but a pass
 * where the policy only observes.
 */
export type Standing = "pass" | "observed" | "waiting" | "blocked" | "unknown" | "checking";

/** A decision as every surface shows it, together with the report of its check (where there is one). */
export interface View {
  number: number;
  state: "open" | "closed" | "merged";
  opener: string | null;
  head: string;
  base: { ref: string; sha: string | null };
  verdict: Verdict;
  standing: Standing;
  /** Other open pull requests with this head that stand worse than this one: they share its check run. */
  worse: readonly { number: number; standing: Standing }[];
  answers: readonly Answer[];
  landing: Landing | null;
  /** Whether the policy only observes this change: what is in its way is told, and nobody is held up but by `/merge`. */
  observed: boolean;
  /** Who has to do what before it can land, in the order of the rules. */
  unblock: readonly string[];
  /** What nobody may overlook: a check under the gate's own name that is not the gate's. */
  alarms: readonly string[];
  /** What speaks against landing now and forbids nothing: freezes. */
  advice: readonly string[];
  /** Reviews that are owed in this repository. */
  debts: readonly ReviewDebt[];
  frozen: Frozen | null;
  /** What lands by itself once it is ready, and why it may. */
  wish: Wish | null;
  glass: Glass | null;
}

export function standingOf(verdict: Verdict, checking: boolean, observed: boolean): Standing {
  if (verdict.outcome === "pass") return "pass";
  if (observed) return "observed";
  if (verdict.reasons.some(({ outcome, observed: told }) => told !== true && outcome === "fail")) return "blocked";
  if (verdict.outcome === "unknown") return "unknown";
  return checking ? "checking" : "waiting";
}

const fromBest: readonly Standing[] = ["pass", "observed", "waiting", "checking", "unknown", "blocked"];

/** Whether `one` is further from landing than `other`. */
export const isWorse = (one: Standing, other: Standing): boolean => fromBest.indexOf(one) > fromBest.indexOf(other);

/** True, false, or unknown: whether what landed is what was checked. */
export function landedAsChecked({ trees }: Landing): Known<boolean> {
  if (trees === null) return { known: false, reason: "nothing was checked for this landing" };
  return trees.landed.known ? { known: true, value: trees.landed.value === trees.checked } : trees.landed;
}
