import { extname } from "node:path";
import type { StartEvaluator } from "../engine/ports/evaluator.ts";
import type { Given } from "./expectation-thread.ts";
import { startThread } from "../process/thread.ts";

/** Where expectations are evaluated: a thread for each tree's, so that nothing of one can hold up another or this process. */
export const startEvaluator: StartEvaluator = (expressions: Given, limits) =>
  startThread(new URL(`expectation-thread${extname(import.meta.filename)}`, import.meta.url), expressions, limits);
