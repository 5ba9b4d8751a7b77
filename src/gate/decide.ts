import type { Suggestion } from "../catalog/fixes.ts";
import { answer } from "./answer.ts";
import { parseCommands } from "./command.ts";
import { judge } from "./evaluate.ts";
import type { Binding, CommentFacts, Facts, Glass, MergeMethod, Person, Receipt, Wish } from "./facts.ts";
import { labelChanges, labelsFor } from "./labels.ts";
import type { Verdict } from "./verdict.ts";
import { isWorse, standingOf } from "./view.ts";
import type { Answer, Landing, Standing, View } from "./view.ts";

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
  /** The pair that was decided on last. */
  previous: { base: string; head: string } | null;
  /** What people were told last of each approval, by review id. */
  told: ReadonlyMap<number, { state: "kept" | "dropped"; why: string }>;
  /** The verdict that was decided on last. */
  verdict: Verdict | null;
  /** What GitHub said to the merge of the `/merge` in this comment, when it would not. */
  refusal: { comment: number; text: string } | null;
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
  /** What became of an approval, told once each time it changes. */
  | { kind: "approval"; review: number; state: "kept" | "dropped"; why: string }
  | { kind: "trust"; head: string; by: Person; comment: number }
  | { kind: "wish"; wish: Wish }
  | { kind: "unwish"; why: string }
  | { kind: "glass"; glass: Glass }
  | { kind: "unglass"; why: string }
  /** Somebody else reported a check under the gate's own name. */
  | { kind: "forged"; head: string; name: string; app: number | null }
  | { kind: "recheck"; by: Person; comment: number }
  /** The follow-up review of a landing without one. */
  | { kind: "pay"; by: Person; review: number }
  | { kind: "unfreeze"; by: Person; reason: string; comment: number };

export interface Decision {
  verdict: Verdict;
  standing: Standing;
  effects: readonly Effect[];
  /** Comments whose commands are answered by this decision; the one that asked for `land` is answered by the landing. */
  answers: readonly Answer[];
  land: Merge | null;
  notes: readonly Note[];
}

/** From facts to verdict and effects. Asks nothing, does nothing. */
export function decide(facts: Facts, memory: Memory): Decision {
  const verdict = judge(facts);
  const standing = standingOf(verdict, facts.check.state === "running");
  const spoken = spokenIn(facts, memory);
  const given = spoken.flatMap(({ comment, author }) =>
    parseCommands(comment.body).map((command) => answer(command, { comment, author, facts, verdict, refusal: memory.refusal })),
  );
  const accepted = given.find(({ asks, answer: { accepted } }) => asks === "merge" && accepted);
  const land = accepted === undefined ? null : mergeOf(facts, accepted.answer);
  const answers = given.map((one) => one.answer);
  const view = viewOf(facts, memory, verdict, standing, answers);
  const effects: Effect[] = [...reactions(given), ...(land === null ? shown(facts, memory, view) : [])];
  return { verdict, standing, effects, answers, land, notes: [] };
}

/** Comments with something to answer. The gate's own and other bots' are conversation. */
function spokenIn(facts: Facts, memory: Memory): { comment: CommentFacts; author: Person }[] {
  if (!facts.comments.known) return [];
  return facts.comments.value.flatMap((comment) => {
    const { author } = comment;
    return author === null || author.bot || memory.answered.has(comment.id) ? [] : [{ comment, author }];
  });
}

function reactions(given: readonly { asks: "merge" | "words"; answer: Answer }[]): Effect[] {
  return given.map(({ asks, answer: { comment, accepted } }) => {
    const yes = asks === "merge" ? "rocket" : "eyes";
    return { kind: "reaction", comment, content: accepted ? yes : "confused" };
  });
}

/** A verdict passes only with a report of this very pair, so that what is null here can't be. */
function mergeOf(facts: Facts, { comment, by }: Answer): Merge | null {
  const [method] = facts.mergeMethods.known ? facts.mergeMethods.value : [];
  if (facts.check.state !== "done" || method === undefined) return null;
  const { base, head, tree } = facts.check.report;
  return base.sha === null || head.sha === null || tree === null
    ? null
    : {
        comment,
        by,
        head: head.sha,
        base: base.sha,
        baseRef: facts.base.ref,
        landing: "api",
        message: { title: facts.title, body: facts.body },
        author: facts.opener,
        tree,
        method,
        glass: null,
      };
}

function viewOf(facts: Facts, memory: Memory, verdict: Verdict, standing: Standing, answers: readonly Answer[]): View {
  return {
    number: facts.number,
    state: facts.state,
    opener: facts.opener?.login ?? null,
    head: facts.head,
    base: { ref: facts.base.ref, sha: facts.base.tip.known ? facts.base.tip.value : null },
    verdict,
    standing,
    worse: memory.siblings.filter((sibling) => sibling.standing !== "checking" && isWorse(sibling.standing, standing)),
    answers: answers.length > 0 ? answers : memory.answers,
    landing: memory.landing,
    observed: false,
    unblock: [],
    alarms: [],
    advice: [],
    debts: facts.debts,
    frozen: facts.frozen,
    wish: facts.wish,
    glass: facts.glass,
  };
}

/** Check run, labels and comment. A change that is not open keeps its check run and labels as they were, and its comment says so. */
function shown(facts: Facts, memory: Memory, view: View): Effect[] {
  const comment: Effect = { kind: "comment", view };
  const retired = retire(facts, memory.previous);
  if (facts.state !== "open") {
    const hasNews = view.answers.length > 0 || memory.landing?.by === "gate";
    return facts.hasOwnComment || hasNews ? [...retired, comment] : retired;
  }
  const checkRun: Effect = { kind: "check-run", head: facts.head, pair: view.base.sha ?? "unknown", view };
  const wanted = wantedLabels(facts, memory);
  const { add, remove } = labelChanges(facts.labels, memory.labels, wanted);
  const labels: Effect[] = add.length + remove.length === 0 ? [] : [{ kind: "labels", add, remove }];
  return [...retired, checkRun, ...labels, comment];
}

function retire({ state, head, base }: Facts, previous: Memory["previous"]): Effect[] {
  const isSame = previous?.head === head && base.tip.known && previous.base === base.tip.value;
  return previous === null || (state === "open" && (isSame || !base.tip.known))
    ? []
    : [{ kind: "retire-check-run", head: previous.head, pair: previous.base }];
}

/** While the same head is checked against a newer base its labels stay; of a head that nothing is known of, none is true. */
function wantedLabels({ check, head }: Facts, memory: Memory): readonly string[] {
  if (check.state === "done") return labelsFor(check.report.radius);
  const isSameHead = check.state === "running" && check.previous?.head === head;
  return isSameHead ? memory.labels : [];
}
