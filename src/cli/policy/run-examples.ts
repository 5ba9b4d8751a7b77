import type { Requirement } from "../../policy/requirement.ts";
import type { Policy } from "../../policy/schema.ts";
import type { Example } from "./examples.ts";
import { factsOf } from "./example-facts.ts";
import { judged, textsOf, type Judged } from "./judged.ts";

/** What came of one example. It passed where nothing of what it expects is otherwise. */
export interface ExampleResult {
  name: string;
  failures: readonly string[];
  judged: Judged;
}

export function runExample(example: Example, policy: Policy): ExampleResult {
  const result = judged(factsOf(example, policy));
  const failures = failuresOf(example, result);
  if (failures.length > 0 && saysNoServices(example, policy)) failures.push(sayServices);
  return { name: example.name, failures, judged: result };
}

/** Whose owners to ask can't be told of such an example; a rule that asks them is unknown. */
const saysNoServices = ({ radius }: Example, { rules }: Policy): boolean =>
  radius.nodes > 0 && radius.services.length === 0 && rules.some(({ require }) => asksOwners(require));

const sayServices =
  "the policy asks the owners of services, and the example does not say which services its nodes carry: say it as `radius: {services: [...]}`, or that none is reached as `radius: {nodes: 0}`";

function asksOwners(requirement: Requirement): boolean {
  if ("all" in requirement) return requirement.all.some(asksOwners);
  if ("any" in requirement) return requirement.any.some(asksOwners);
  return "approvals" in requirement && requirement.approvals.from.owners !== null;
}

function failuresOf({ expect }: Example, { outcome, rules, besides, advice }: Judged): string[] {
  const reasons = [...rules.map(({ reason }) => reason), ...besides];
  const texts = [...reasons.flatMap(textsOf), ...advice];
  const whole = expect.outcome === undefined || expect.outcome === outcome ? [] : [`expected ${expect.outcome}, and it is ${outcome}`];
  const each = Object.entries(expect.rules).flatMap(([name, expected]) => {
    const reason = reasons.findLast(({ rule }) => rule === name);
    if (reason === undefined) return [`expected ${name} to be ${expected}, and there is no such rule`];
    return reason.outcome === expected ? [] : [`expected ${name} to be ${expected}, and it is ${reason.outcome}`];
  });
  const unsaid = expect.words.filter((words) => !texts.some((text) => text.includes(words)));
  return [...whole, ...each, ...unsaid.map((words) => `expected somebody to read "${words}", and nothing says so`)];
}
