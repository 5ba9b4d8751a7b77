import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { answer, type Question } from "../catalog/expect/questions.ts";
import type { Expression } from "../catalog/expect/schema.ts";

/** What it is started with. */
export type Given = readonly Expression[];

/** Evaluates expectations on a thread of its own: it can be ended where one takes for ever. Started by `expectations.ts`. */
const { given, at } = z.object({ given: z.array(z.custom<Expression>()), at: z.instanceof(Int32Array) }).parse(workerData);
parentPort?.on("message", (question: Question) => {
  const answered = answer(question, given, (expression) => void Atomics.store(at, 0, expression));
  // A thread's port has no origin, which is a window's.
  parentPort?.postMessage(answered, []);
});
