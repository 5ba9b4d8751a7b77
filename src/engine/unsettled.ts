import type { Memory } from "../gate/decide.ts";
import type { Facts, Known } from "../gate/facts.ts";
import type { Turn } from "./ports/jobs.ts";
import type { TurnOutcome } from "./turns.ts";

/** How many turns are spent on facts that stay unknown: what GitHub would not say five times it says after the next event, or never. */
const triesForFacts = 5;

/** A passing failure of GitHub must not stay on a pull request as an unknown, so it is asked again; what waits for somebody's doing is not. */
export function unsettledBy(facts: Facts, memory: Memory, { attempts }: Turn): TurnOutcome {
  const landed = memory.landing?.trees?.landed;
  const asked = facts.state === "open" ? askedOfOpen(facts) : [facts.comments, ...(landed === undefined ? [] : [landed])];
  const why = [...asked, ...editsAsked(facts, memory)].flatMap((item) => (item.known || item.way !== undefined ? [] : [item.reason]));
  if (why.length === 0 || attempts >= triesForFacts) return { settled: true };
  return { settled: false, why: why.join("; "), after: 0 };
}

/** Everything that a decision on an open change may rest on, and that GitHub or git was asked for. */
function askedOfOpen(facts: Facts): readonly Known<unknown>[] {
  return [
    facts.base.tip,
    facts.baseSince,
    facts.commits,
    facts.reviews,
    facts.checks,
    facts.history,
    facts.organisation,
    facts.comments,
    facts.mergeMethods,
    // GitHub keeps no record of pushes into forks that could be read.
    ...(facts.fork ? [] : [facts.headPusher]),
    ...facts.permissions.values(),
    ...facts.teams.values(),
    ...(facts.reviews.known ? facts.reviews.value.flatMap(({ dismissal }) => (dismissal === null ? [] : [dismissal])) : []),
    ...(facts.checks.known ? facts.checks.value.map(({ workflow }) => workflow) : []),
    ...facts.receipts.flatMap(({ carry }) => (carry === null ? [] : [carry])),
  ];
}

/** Whether the comments were edited that wait for an answer, or that something rests on. */
function editsAsked({ comments, wish, glass }: Facts, { answered }: Memory): Known<unknown>[] {
  if (!comments.known) return [];
  return comments.value
    .filter(({ id, author }) => author?.bot === false && (!answered.has(id) || id === wish?.comment || id === glass?.comment))
    .map(({ edited }) => edited);
}
