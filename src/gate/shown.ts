import { forgedCommands, forgedCommandText } from "./forged.ts";
import { forgedChecks, forgedText } from "./checks.ts";
import type { Said } from "./commands/asked.ts";
import type { Effect, Memory } from "./decide.ts";
import type { Facts } from "./facts.ts";
import { freezeAdvice } from "./freeze.ts";
import { labelChanges, labelsFor } from "./labels.ts";
import { isObserved } from "./observe.ts";
import type { Verdict } from "./verdict.ts";
import { isWorse } from "./view.ts";
import { secondPerson } from "./own-branches.ts";
import { short } from "./phrases.ts";
import type { Answer, EarlierLanding, Standing, View } from "./view.ts";

/** What people see of a decision. */

export function viewOf(facts: Facts, memory: Memory, verdict: Verdict, standing: Standing, answers: readonly Answer[]): View {
  const earlier = facts.state === "open" ? (memory.earlier ?? []) : [];
  return {
    number: facts.number,
    state: facts.state,
    opener: facts.ofGate === true ? secondPerson : (facts.opener?.login ?? null),
    head: facts.head,
    base: { ref: facts.base.ref, sha: facts.base.tip.known ? facts.base.tip.value : null },
    verdict,
    standing,
    worse: memory.siblings.filter((sibling) => sibling.standing !== "checking" && isWorse(sibling.standing, standing)),
    answers: (answers.length > 0 ? answers : memory.answers).map((answer) => trueOf(answer, earlier)),
    landing: memory.landing,
    earlier,
    observed: isObserved(facts),
    unblock: unblockOf(verdict),
    alarms: [...forgedCommands(facts).map(forgedCommandText), ...forgedChecks(facts).map(forgedText)],
    advice: freezeAdvice(facts),
    debts: facts.debts,
    frozen: facts.frozen,
    wish: facts.wish,
    glass: facts.glass,
  };
}

/** Whoever took the turn over while it landed can have answered before that was to be seen. */
function trueOf(answer: Answer, earlier: readonly EarlierLanding[]): Answer {
  const landed = answer.comment === 0 ? undefined : earlier.find(({ comment }) => comment === answer.comment);
  if (landed === undefined) return answer;
  return { ...answer, accepted: true, lasting: true, text: `${short(landed.head)} landed`, lines: [] };
}

const unblockOf = ({ reasons }: Verdict): string[] => [
  ...new Set(reasons.flatMap(({ observed, unblock }) => (observed === true || unblock === undefined ? [] : [unblock]))),
];

export function reactions(said: readonly (Said & { answer: Answer })[]): Effect[] {
  const contents = { question: "eyes", accepted: "rocket", refused: "confused", later: "eyes" } as const;
  return said.map(({ kind, answer: { comment } }) => ({ kind: "reaction", comment, content: contents[kind] }));
}

/** Check run, labels, suggestions and comment. A change that is not open keeps its check run and labels as they were, and its comment says so. */
export function shown(facts: Facts, memory: Memory, view: View): Effect[] {
  const comment: Effect = { kind: "comment", view };
  const retired = retire(facts, memory.previous);
  if (facts.state !== "open") {
    const hasNews = view.answers.length > 0 || memory.landing !== null;
    return facts.hasOwnComment || hasNews ? [...retired, comment] : retired;
  }
  const checkRun: Effect = { kind: "check-run", head: facts.head, pair: view.base.sha ?? "unknown", view };
  const wanted = wantedLabels(facts, memory);
  const { add, remove } = labelChanges(facts.labels, memory.labels, wanted);
  const labels: Effect[] = add.length + remove.length === 0 ? [] : [{ kind: "labels", add, remove }];
  return [...retired, checkRun, ...labels, ...suggestions(facts), comment];
}

/**
 * The check run has to be green before the merge: a ruleset that requires it refuses otherwise, and afterwards nobody would turn it so. All
 * else is said of the landing itself.
 */
export const beforeLanding = (facts: Facts, memory: Memory, view: View): Effect[] => [
  ...retire(facts, memory.previous),
  { kind: "check-run", head: facts.head, pair: view.base.sha ?? "unknown", view },
];

/** puppet-lint's own mending, for the head that it was found in. */
function suggestions({ check, head }: Facts): Effect[] {
  const items = check.state === "done" ? (check.report.suggestions ?? []) : [];
  return items.length === 0 ? [] : [{ kind: "suggestions", head, items }];
}

function retire({ state, head, base }: Facts, previous: Memory["previous"]): Effect[] {
  const isSame = previous?.head === head && base.tip.known && previous.base === base.tip.value;
  return previous === null || (state === "open" && (isSame || !base.tip.known))
    ? []
    : [{ kind: "retire-check-run", head: previous.head, pair: previous.base }];
}

/** While the same head is checked against a newer base its labels stay; of a head that nothing is known of, none is true. */
function wantedLabels({ check, head }: Facts, memory: Memory): readonly string[] {
  if (check.state === "done") return labelsFor(check.report);
  const isSameHead = check.state === "running" && check.previous?.head === head;
  return isSameHead ? memory.labels : [];
}
