import { parentPort, workerData } from "node:worker_threads";
import { answer, type Answer, type Question } from "../catalog/expect/questions.ts";
import type { Expression } from "../catalog/expect/schema.ts";
import type { PolicyAnswer, PolicyQuestion } from "../engine/policy-questions.ts";

/** What it is started with. */
export type Given = readonly Expression[];

/** Evaluates expectations, and a policy that a change brings, on a thread of its own: it can be ended where one takes for ever. Started by `expectations.ts`. */
const { given, at } = workerData as { given: Given; at: Int32Array };
// A rejection ends the thread, and whoever asked is told of that. A thread's port has no origin, which is a window's.
parentPort?.on("message", (question: Question | PolicyQuestion) => {
  void answerTo(question).then((answered) => parentPort?.postMessage(answered, []));
});

async function answerTo(question: Question | PolicyQuestion): Promise<Answer | { kind: "policy"; answer: PolicyAnswer }> {
  if (question.kind === "policy") {
    const { answerPolicy } = await import("../engine/policy-questions.ts");
    return { kind: "policy", answer: answerPolicy(question) };
  }
  // What reads files, and what compares catalogs, takes a while to load, and few checks need it.
  if (question.kind === "load") {
    const { loadExpectation } = await import("../catalog/expect/load.ts");
    return { kind: "load", loaded: loadExpectation(question.text, question.path) };
  }
  if (question.kind !== "examples") return answer(question, given, (expression) => void Atomics.store(at, 0, expression));
  const { faultsOfExamples } = await import("../catalog/expect/examples.ts");
  return { kind: "examples", faults: faultsOfExamples(question.expectation) };
}
