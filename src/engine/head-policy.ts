import { type Known, known, unknown } from "../policy/known.ts";
import type { StartEvaluator } from "./ports/evaluator.ts";
import type { PolicyAnswer, PolicyQuestion } from "./policy-questions.ts";

/** Far more than a policy for a thousand services and twenty thousand nodes takes. */
const limits = { memoryMib: 512, seconds: 20 };

/** Where what a change writes is read: null where this process has nowhere. */
export interface Apart {
  start: StartEvaluator | null;
  signal: AbortSignal | undefined;
}

/**
 * An answer about a policy that a change brings. It is read apart, as a change's expectations are: a file of 256 KiB can be written so that it takes
 * seconds to be read, and one condition so that it never ends, for one node. Unknown where it goes over a limit.
 */
export async function askPolicy<Q extends PolicyQuestion>({ start, signal }: Apart, question: Q): Promise<Known<PolicyAnswer<Q>>> {
  if (start === null) return unknown("this process has nothing to read it with: run the check as `puppet-gate` does");
  const evaluator = start([], limits);
  try {
    const answer = await evaluator.ask(question, { seconds: limits.seconds, signal });
    // An evaluator of ours answers in our own types.
    if (answer.kind === "answer") return known((answer.value as { answer: PolicyAnswer<Q> }).answer);
    signal?.throwIfAborted();
    if (answer.kind === "timeout") return unknown(`it takes longer than ${limits.seconds} seconds: write it simpler`);
    if (answer.kind === "memory") return unknown(`it takes more than ${limits.memoryMib} MiB of memory: write it simpler`);
    throw answer.kind === "crash" ? answer.error : new Error(answer.kind);
  } finally {
    await evaluator.end();
  }
}
