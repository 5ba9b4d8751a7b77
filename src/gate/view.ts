import type { Frozen, Glass, Known, ReviewDebt, Wish } from "./facts.ts";
import { createHash } from "node:crypto";
import type { Verdict } from "./verdict.ts";

/** What the gate said to one command. `lines` are plain text; whoever shows them makes them safe. */
export interface Answer {
  /** 0 where it answers no comment. */
  comment: number;
  by: string;
  /** As it was written; empty where nobody commanded anything, and the text goes on behind the name. */
  command: string;
  accepted: boolean;
  /** One sentence, then what goes into detail. */
  text: string;
  lines: readonly string[];
  /** True where this is not the last word: the command is heard again by itself. */
  later?: true;
  /** True where what it says stays true, whatever comes: that something ended, or was paid. */
  lasting?: true;
  /** When it was asked (ISO 8601), and what the answer rests on; missing where it was kept before that was told. */
  given?: { at: string; head: string; verdict: string };
}

/** What an answer rests on: everything that is in the way, in the words it is told in. Hexadecimal sha256. */
export function verdictDigest({ outcome, reasons }: Verdict): string {
  const open = reasons.filter((reason) => reason.outcome !== "pass" && reason.outcome !== "skipped");
  const told = open.map(({ rule, outcome: is, text, observed = false }) => [rule, is, text, observed]);
  return createHash("sha256")
    .update(JSON.stringify([outcome, told]), "utf8")
    .digest("hex");
}

/** Whether an answer was given on what a view shows. One that does not say what it rests on is an old one. */
export const isCurrent = ({ given }: Answer, { head, verdict }: Pick<View, "head" | "verdict">): boolean =>
  given !== undefined && given.head === head && given.verdict === verdictDigest(verdict);

/** How a change got into its base branch. */
export interface Landing {
  /** `gate` when this gate merged it; `other` when somebody did without it. */
  by: "gate" | "other";
  who: string | null;
  sha: string | null;
  /** Tree of the merge result that was checked, and of the commit that landed; null where nothing was expected of it. */
  trees: { checked: string; landed: Known<string> } | null;
}

/** A landing of ours of an earlier head, of a change that is open still: it was pushed to in that moment. */
export interface EarlierLanding {
  /** The comment that asked for it. */
  comment: number;
  head: string;
  sha: string | null;
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
  /** Of an open change, the newest first. */
  earlier?: readonly EarlierLanding[];
  /** Whether the policy only observes this change: what is in its way is told, and nobody is held up but by `/merge`. */
  observed: boolean;
  /** Who has to do what before it can land, in the order of the rules. */
  unblock: readonly string[];
  /** What nobody may overlook: a check under the gate's own name that is not the gate's. */
  alarms: readonly string[];
  /** What speaks against landing now and forbids nothing: freezes. */
  advice: readonly string[];
  /** Reviews that are owed for landings in the base branch, and for this change. */
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
