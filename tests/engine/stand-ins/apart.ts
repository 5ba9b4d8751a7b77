import type { StartEvaluator } from "../../../src/engine/ports/evaluator.ts";
import type { Apart } from "../../../src/engine/head-policy.ts";
import { answerPolicy, type PolicyQuestion } from "../../../src/engine/policy-questions.ts";

/** Answers about a change's policy in its place, where no limit is what a test is about. */
const start: StartEvaluator = () => ({
  ask: async (question) => ({ kind: "answer", value: { kind: "policy", answer: answerPolicy(question as PolicyQuestion) } }),
  at: () => -1,
  alive: true,
  end: async () => undefined,
});

export const apartHere: Apart = { start, signal: undefined };
