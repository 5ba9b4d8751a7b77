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
  return { name: example.name, failures: failuresOf(example, result), judged: result };
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
