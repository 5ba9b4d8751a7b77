import type { EntryKind } from "../entry.ts";
import { bots, checks, frozenLandings, independence, participants, policies, population, timeliness, whereFrom } from "./changes.ts";
import { duties, dutiesOf, dutyKinds } from "./duties.ts";
import { blindness, bypasses, bypassKinds, emergencies, followUpKinds, obligations, selfMerges } from "./exceptions.ts";
import { arrivals } from "./landings.ts";
import { answeredFor, effects, nodeReach, running, unreached } from "./nodes.ts";
import { frozenEntries, leadTimes, orderKinds, reach, restorations, stages, stepKinds, unobserved } from "./rollouts.ts";
import type { Question } from "./table.ts";

const landing = { anchors: arrivals, beside: ["merge-intended", "contributed", "approval-bound"], also: [], texts: true } as const;
const older = "of landings from before this was recorded, that is unknown";

/** What can be asked of the ledger, by the numbers of the auditors' list (docs/audit.md). */
export const questions: readonly Question[] = [
  {
    ...landing,
    number: 1,
    name: "population",
    asks: "which changes went to production",
    missing: "what was there before the gate first saw a branch",
    beside: ["merge-intended"],
    answer: population,
  },
  {
    ...landing,
    number: 2,
    name: "participants",
    asks: "who wrote, approved and merged each change, and on which tree",
    missing: `who wrote and approved what went around the gate; ${older}`,
    answer: participants,
  },
  {
    ...landing,
    number: 3,
    name: "independence",
    asks: "whether each approver had no part in what was merged",
    missing: `a person behind two accounts; ${older}`,
    answer: independence,
  },
  {
    ...landing,
    number: 4,
    name: "timeliness",
    asks: "whether each approval was of exactly what was merged, and after its last change",
    missing: null,
    beside: ["merge-intended", "approval-bound", "approval-kept", "approval-dropped"],
    answer: timeliness,
  },
  {
    ...landing,
    number: 5,
    name: "checks",
    asks: "what each rule and check said of what was merged, and which App reported it",
    missing: `who owns an App, which GitHub tells by its number; ${older}`,
    beside: ["merge-intended", "verdict"],
    answer: checks,
  },
  {
    ...landing,
    number: 6,
    name: "policies",
    asks: "by which policy each change was judged, which change brought it, who wrote and who approved that",
    missing: `whoever changed the organisation's own policy, which is in another repository; ${older}`,
    anchors: ["landed"],
    beside: ["merge-intended", "verdict", "contributed", "approval-bound"],
    answer: policies,
    finish: whereFrom,
    history: true,
  },
  {
    number: 7,
    name: "bypasses",
    asks: "what went around the policy, and what followed",
    missing: "a rule of GitHub's that was switched off and on again while nothing was pushed",
    anchors: [...bypassKinds, "lane-halted"],
    beside: followUpKinds,
    also: [],
    texts: true,
    answer: bypasses,
  },
  {
    number: 8,
    name: "emergencies",
    asks: "what landed in an emergency, on whose word and why, and who reviewed it afterwards",
    missing: "an incident's number, unless the reason names it; the limit is what you give (--limit), because the policy has none",
    anchors: ["break-glass"],
    beside: ["landed", "debt-owed", "debt-paid"],
    also: [],
    texts: true,
    answer: emergencies,
  },
  {
    number: 9,
    name: "obligations",
    asks: "what is still to be done: reviews that are owed, stopped branches, lanes that stand still",
    missing: "the limit is what you give (--limit), because the policy has none",
    anchors: ["debt-owed", "frozen", "lane-halted"],
    beside: ["debt-paid", "lane-resumed", "lane-returned", "lane-passed", "lane-promoted", "lane-entered", "lane-returning"],
    also: ["unfrozen"],
    texts: true,
    answer: obligations,
  },
  {
    number: 10,
    name: "reach",
    asks: "when each release came to each lane; with --node, when to that node, and by which run",
    missing: "a catalog by its own name: the run names it in PuppetDB, as long as that keeps it",
    anchors: [...stepKinds, "rollout-done"],
    beside: [],
    also: [],
    texts: true,
    answer: reach,
  },
  {
    number: 11,
    name: "running",
    asks: "what ran on a node at a time, and who wrote, approved and merged it (--node, --at)",
    missing: "runs that nobody watched: a node is known by the releases that it was watched with",
    anchors: ["lane-nodes"],
    beside: [],
    also: ["landed"],
    texts: true,
    answer: running,
    complete: { kinds: ["landed", "merge-intended", "contributed", "approval-bound"], rows: answeredFor },
  },
  {
    number: 12,
    name: "unreached",
    asks: "which nodes a release had not reached when it was done in their lane, and why",
    missing: "what a node caught up with afterwards: 10 with --node tells it of the next release",
    anchors: ["lane-nodes"],
    beside: [],
    also: ["landed"],
    texts: true,
    answer: unreached,
  },
  {
    number: 13,
    name: "effects",
    asks: "what each release changed on nodes, beside what was predicted",
    missing: "values, which runs do not tell: what changed is named by its resource",
    anchors: ["lane-nodes"],
    beside: [],
    also: ["landed"],
    texts: true,
    answer: effects,
  },
  {
    number: 14,
    name: "stages",
    asks: "who let in, promoted, paused, resumed or took back what, and who was refused",
    missing: null,
    anchors: [...orderKinds, "lane-entered", "lane-halted"],
    beside: [],
    also: [],
    texts: true,
    answer: stages,
  },
  {
    number: 15,
    name: "unobserved",
    asks: "which lanes were passed without observation, or on a person's word",
    missing: null,
    anchors: ["lane-promoted", "lane-let-in", "lane-passed"],
    beside: [],
    also: [],
    texts: true,
    answer: unobserved,
  },
  {
    number: 16,
    name: "freezes",
    asks: "what landed or entered a lane while a freeze stood",
    missing: `a freeze in which nothing landed and nothing moved: the policy has it; ${older}`,
    anchors: ["landed", "lane-entered"],
    beside: ["merge-intended"],
    also: [],
    texts: true,
    answer: (trail) => [...frozenLandings(trail), ...frozenEntries(trail)],
  },
  {
    ...landing,
    number: 18,
    name: "accounts",
    asks: "what bots took part in; with --person, all that somebody did who has left since",
    missing: `who has left: your list of people tells, one --person at a time; ${older}`,
    anchors: ["landed"],
    answer: bots,
  },
  {
    ...landing,
    number: 19,
    name: "self-merges",
    asks: "who merged a change of their own, and whether it was reviewed",
    missing: null,
    anchors: ["landed"],
    beside: ["merge-intended", "contributed"],
    answer: selfMerges,
  },
  {
    number: 20,
    name: "restorations",
    asks: "which releases failed, and how long until the lane was well again",
    missing: null,
    anchors: ["lane-halted"],
    beside: ["lane-returned", "lane-passed", "lane-promoted"],
    also: [],
    texts: true,
    answer: restorations,
  },
  {
    number: 21,
    name: "blindness",
    asks: "when the gate could not see, and how what it missed was made up for",
    missing: "what the gate did not notice itself: a webhook that never failed and told of nothing",
    anchors: ["blind"],
    beside: [],
    also: [],
    texts: true,
    answer: blindness,
  },
  {
    number: 24,
    name: "duties",
    asks: "in how many changes each person did what, and whether ever two duties in one",
    missing: "with a period, a change counts by when it was touched last",
    anchors: dutyKinds,
    beside: [],
    also: [],
    texts: false,
    answer: dutiesOf,
    finish: duties,
  },
  {
    number: 25,
    name: "lead-times",
    asks: "how long each change took, step by step, with medians, frequency and failures by service",
    missing: "hours of the clock, not of anybody's working day; the first commit's time; teams, instead of which services are told",
    anchors: ["landed"],
    beside: ["merge-intended", "approval-received", "verdict"],
    also: ["lane-entered", "lane-halted", "rollout-done"],
    texts: true,
    answer: leadTimes,
  },
];

/** Of question 10, where a node is asked for. */
export const reachOfNode: Pick<Question, "anchors" | "also" | "answer"> = { anchors: ["lane-nodes"], also: ["landed"], answer: nodeReach };

/** The question of this number or name; null for none. With a node, what is told of single nodes where that is told apart. */
export function questionNamed(name: string, node: string | null): Question | null {
  const question = questions.find((one) => one.name === name || String(one.number) === name) ?? null;
  return question?.name === "reach" && node !== null ? { ...question, ...reachOfNode } : question;
}

/** Kinds whose texts name the services that a change reaches, or that a lane was halted over; and those by which its commit is known. */
export const namingKinds = ["merge-intended", "landed", "verdict", "lane-halted", "lane-nodes"] as const satisfies readonly EntryKind[];

/** All kinds that any question looks at. */
export const kindsAsked: ReadonlySet<EntryKind> = new Set([
  ...questions.flatMap(({ anchors, beside, also, complete }) => [...anchors, ...beside, ...also, ...(complete?.kinds ?? [])]),
  ...reachOfNode.anchors,
  ...namingKinds,
]);
