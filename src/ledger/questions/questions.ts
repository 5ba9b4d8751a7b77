import { checks, independence, participants, policies, population, timeliness } from "./changes.ts";
import { blindness, bypasses, duties, emergencies, obligations, selfMerges } from "./exceptions.ts";
import { leadTimes, reach, restorations, stages, unobserved } from "./rollouts.ts";
import type { Question, Row } from "./table.ts";
import type { Trail } from "./trail.ts";

/** What can be asked of the ledger, by the numbers of the auditors' list (docs/audit.md). */
export const questions: readonly (Question & { answer: (trail: Trail) => Row[] })[] = [
  { number: 1, name: "population", asks: "which changes went to production", missing: null, answer: population },
  {
    number: 2,
    name: "participants",
    asks: "who wrote, approved and merged each change, and on which tree",
    missing: null,
    answer: participants,
  },
  { number: 3, name: "independence", asks: "whether each approver had no part in what was merged", missing: null, answer: independence },
  { number: 4, name: "timeliness", asks: "whether each approval was of exactly what was merged", missing: null, answer: timeliness },
  {
    number: 5,
    name: "checks",
    asks: "what each check and rule said of what was merged",
    missing: "who owns another App's check is not recorded",
    answer: checks,
  },
  {
    number: 6,
    name: "policies",
    asks: "by which policy each change was judged",
    missing: "who changed the policy is told by the population: the change that brought it",
    answer: policies,
  },
  { number: 7, name: "bypasses", asks: "what went around the policy, and what followed", missing: null, answer: bypasses },
  {
    number: 8,
    name: "emergencies",
    asks: "what landed in an emergency, on whose word and why, and who reviewed it afterwards",
    missing: null,
    answer: emergencies,
  },
  {
    number: 9,
    name: "obligations",
    asks: "which reviews are owed",
    missing: "the limit is the policy's, and not recorded with the debt",
    answer: obligations,
  },
  {
    number: 10,
    name: "reach",
    asks: "when each release came to each lane",
    missing: "single nodes are counted by verdict and not recorded by name, but for those that halted a lane",
    answer: reach,
  },
  { number: 14, name: "stages", asks: "who let in, promoted, paused, resumed or took back what", missing: null, answer: stages },
  {
    number: 15,
    name: "unobserved",
    asks: "which lanes were passed without observation, or on a person's word",
    missing: null,
    answer: unobserved,
  },
  {
    number: 19,
    name: "self-merges",
    asks: "who merged a change of their own, and whether it was reviewed",
    missing: null,
    answer: selfMerges,
  },
  {
    number: 20,
    name: "restorations",
    asks: "which releases failed, and how long until the lane was well again",
    missing: null,
    answer: restorations,
  },
  { number: 21, name: "blindness", asks: "when the gate could not see", missing: null, answer: blindness },
  { number: 24, name: "duties", asks: "what each person did, by kind", missing: null, answer: duties },
  {
    number: 25,
    name: "lead-times",
    asks: "how long each change took, step by step",
    missing: "hours of the clock, not of anybody's working day; teams are not recorded",
    answer: leadTimes,
  },
];

export interface Filters {
  /** ISO 8601; rows from this time on, and before the other. */
  from: string | null;
  to: string | null;
  repository: number | null;
  /** GitHub's number of a person. */
  person: number | null;
  /** A part of what the outcome says. */
  outcome: string | null;
  /** A service that something of the change names. */
  service: string | null;
  /** `pull/7`, `lane/canary`. */
  subject: string | null;
}

/** The rows of an answer that the filters let through, in the order of the log. */
export function answer(name: string, trail: Trail, filters: Filters): Row[] | null {
  const question = questions.find((one) => one.name === name || String(one.number) === name);
  if (question === undefined) return null;
  const named = filters.service === null ? null : subjectsNaming(trail, filters.service);
  const commitments =
    filters.person === null ? null : new Set([...trail.people].filter(([, id]) => id === filters.person).map(([actor]) => actor));
  return question
    .answer(trail)
    .filter(
      ({ at, repo, subject, actor, outcome }) =>
        (filters.from === null || at >= filters.from) &&
        (filters.to === null || at < filters.to) &&
        (filters.repository === null || repo === filters.repository) &&
        (filters.subject === null || subject === filters.subject) &&
        (filters.outcome === null || outcome.includes(filters.outcome)) &&
        (commitments === null || (actor !== null && commitments.has(actor))) &&
        (named === null || named.has(`${repo}/${subject}`)),
    )
    .sort((one, other) => one.entry - other.entry);
}

/** Changes and lanes of which some entry's text has this very name in it. */
function subjectsNaming(trail: Trail, service: string): Set<string> {
  const has = (value: unknown): boolean =>
    typeof value === "string" ? value === service : typeof value === "object" && value !== null && Object.values(value).some(has);
  return new Set(trail.told.filter(({ about }) => has(about)).map(({ entry }) => `${entry.repo}/${entry.subject}`));
}
