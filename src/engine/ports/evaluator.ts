import type { Expression } from "../../catalog/expect/schema.ts";

/** Whoever evaluates: asked one question at a time, with what became of it where it is no answer. */
export interface Evaluator {
  ask(question: unknown, limits: { seconds: number; signal?: AbortSignal | undefined }): Promise<EvaluatorAnswer>;
  /** The expression that it is at, by its place in the list. */
  at(): number;
  readonly alive: boolean;
  end(): Promise<void>;
}

export type EvaluatorAnswer =
  | { kind: "answer"; value: unknown }
  | { kind: "timeout" }
  | { kind: "memory" }
  | { kind: "aborted" }
  | { kind: "crash"; error: unknown };

/** Starts one for these expressions, apart from this process's own work. */
export type StartEvaluator = (expressions: readonly Expression[], limits: { memoryMib: number }) => Evaluator;
