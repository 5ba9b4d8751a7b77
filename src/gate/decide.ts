import type { Suggestion } from "../catalog/fixes.ts";
import type { RolloutVerb } from "./command.ts";
import type { OrderAnswer } from "./commands/rollout.ts";
import { dueAt } from "./due.ts";
import { judge } from "./evaluate.ts";
import type { Binding, Facts, Glass, MergeMethod, Person, Receipt, ReviewDebt, Wish } from "./facts.ts";
import { hear } from "./hear.ts";
import { mergeOf } from "./merging.ts";
import { notesOf } from "./notes.ts";
import { isObserved } from "./observe.ts";
import { beforeLanding, reactions, shown, viewOf } from "./shown.ts";
import { intentions } from "./intentions.ts";
import type { Verdict } from "./verdict.ts";
import { standingOf } from "./view.ts";
import type { Answer, EarlierLanding, Landing, Standing, View } from "./view.ts";

/** What the gate did and said before, as far as a decision depends on it. */
export interface Memory {
  /** Ids of comments whose commands were answered for good. */
  answered: ReadonlySet<number>;
  /** The answers that the comment shows now. */
  answers: readonly Answer[];
  /** Labels that the gate put on this change. */
  labels: readonly string[];
  /** Other open changes with the same head. */
  siblings: readonly { number: number; standing: Standing }[];
  landing: Landing | null;
  /** Landings of earlier heads, the newest first. */
  earlier?: readonly EarlierLanding[];
  /** The pair that was decided on last. */
  previous: { base: string; head: string } | null;
  /** What people were told last of each approval, by review id. */
  told: ReadonlyMap<number, { state: "kept" | "dropped"; why: string }>;
  /** The verdict that was decided on last. */
  verdict: Verdict | null;
  /** What GitHub said to the merge of the `/merge` in this comment, when it would not. */
  refusal: { comment: number; text: string } | null;
  /** What was said to the rollout in this change, by `orderKey`. */
  orders?: ReadonlyMap<string, { answer: OrderAnswer | null }>;
}

/** A merge, bound to what was checked. */
export interface Merge {
  comment: number;
  by: string;
  head: string;
  base: string;
  /** The target branch. */
  baseRef: string;
  landing: "exact" | "api";
  /** Of the commit that lands. */
  message: { title: string; body: string };
  /** Whose change it is: the author of a merge commit that we make. */
  author: Person | null;
  /** Of the merge result that was checked. */
  tree: string;
  method: MergeMethod;
  /** The break-glass that stands in for what people did not say: this landing makes a debt. Null for every other. */
  glass: Glass | null;
  /** With a break-glass, the reviews that were there when this was decided: the one that is owed is none of them. */
  seen: readonly number[];
}

/** What is to become true outside. Each can be performed any number of times and comes to the same. */
export type Effect =
  | { kind: "reaction"; comment: number; content: "eyes" | "rocket" | "confused" }
  | { kind: "check-run"; head: string; pair: string; view: View }
  /** Ends a check run that nobody will finish: a newer head or base is judged instead. */
  | { kind: "retire-check-run"; head: string; pair: string }
  | { kind: "labels"; add: readonly string[]; remove: readonly string[] }
  | { kind: "comment"; view: View }
  /** Offers to mend lines of the head with one click; each is offered once. */
  | { kind: "suggestions"; head: string; items: readonly Suggestion[] };

/** What memory has to keep of a decision, besides what it was. */
export type Note =
  | { kind: "bind"; receipt: Receipt; binding: Binding }
  /** An approval that can't be bound yet, with the base that it was given on. */
  | { kind: "see"; receipt: Receipt }
  /** What became of an approval, told once each time it changes. */
  | { kind: "approval"; review: number; state: "kept" | "dropped"; why: string }
  | { kind: "trust"; head: string; by: Person; comment: number }
  | { kind: "wish"; wish: Wish }
  | { kind: "unwish"; why: string }
  | { kind: "glass"; glass: Glass }
  | { kind: "unglass"; why: string }
  /** Somebody else reported a check under the gate's own name. */
  | { kind: "forged"; head: string; name: string; app: number | null }
  /** Somebody edited another's comment, which has a command now. */
  | { kind: "forged-command"; comment: number; by: Person | null }
  | { kind: "recheck"; by: Person; comment: number }
  /** The follow-up review of a landing without one. */
  | { kind: "pay"; by: Person; review: number; debt: Pick<ReviewDebt, "landing" | "baseRef"> }
  /** A word to the rollout, which does it by itself. `at`: ISO 8601. */
  | { kind: "order"; key: string; verb: RolloutVerb; text: string; by: Person; at: string }
  /** Merging into this base branch goes on. */
  | { kind: "unfreeze"; by: Person; reason: string; comment: number };

export interface Decision {
  verdict: Verdict;
  standing: Standing;
  effects: readonly Effect[];
  /** Comments whose commands are answered by this decision; the one that asked for `land` is answered by the landing. */
  answers: readonly Answer[];
  land: Merge | null;
  notes: readonly Note[];
  /** Whether what is kept of it changes what comes next, so that another turn is needed. */
  again: boolean;
  /** When time alone changes what is said of this change: ISO 8601; null for never. */
  due: string | null;
}

/** From facts to verdict and effects. Asks nothing, does nothing. */
export function decide(given: Facts, memory: Memory): Decision {
  const heard = hear(given, memory);
  const intended = intentions(heard.facts, memory);
  const { facts } = intended;
  const verdict = judge(facts);
  const wanted = heard.wanted ?? intended.wanted;
  const land = wanted === null || verdict.outcome !== "pass" ? null : mergeOf(facts, wanted);
  const standing = standingOf(verdict, facts.check.state === "running", isObserved(facts));
  const answers = [...heard.said.map(({ answer }) => answer), ...intended.answers];
  const view = viewOf(facts, memory, verdict, standing, answers);
  const effects: Effect[] = [
    ...reactions(heard.said),
    ...(land === null ? shown(facts, memory, view) : beforeLanding(facts, memory, view)),
  ];
  const notes = [...heard.said.flatMap(({ notes: kept = [] }) => kept), ...intended.notes, ...notesOf(facts, memory)];
  const again = notes.some(({ kind }) => kind === "trust" || kind === "recheck" || kind === "unfreeze" || kind === "pay");
  return { verdict, standing, effects, answers, land, notes, again, due: dueAt(facts) };
}
