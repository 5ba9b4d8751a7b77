import type { LoadedExpectation } from "../../catalog/expect/load.ts";
import type { Answer, Question } from "../../catalog/expect/questions.ts";
import type { Evaluator, StartEvaluator } from "../ports/evaluator.ts";

/** Far more than any file takes that people wrote; and of all files of a change together. */
const limits = { memoryMib: 256, seconds: 5, allSeconds: 30 };

/**
 * Reads a head's files of expectations apart, as they are evaluated: a file can be written so that reading it takes seconds, and there may be two hundred. One
 * that goes over a limit can't be read, which is said in its place.
 */
export class Reader {
  readonly #start: StartEvaluator;
  readonly #now: () => number;
  readonly #signal: AbortSignal | undefined;
  #evaluator: Evaluator | null = null;
  #spent = 0;

  constructor({ start, now, signal }: { start: StartEvaluator; now: () => number; signal: AbortSignal | undefined }) {
    this.#start = start;
    this.#now = now;
    this.#signal = signal;
  }

  async load(text: string, path: string): Promise<LoadedExpectation> {
    const bad = (what: string): LoadedExpectation => ({
      ok: false,
      problems: [{ path, line: 1, column: 1, text: what, hint: "Write it simpler, or write fewer at once." }],
    });
    if (this.#spent > limits.allSeconds * 1000)
      return bad(`Reading the change's expectations took longer than ${limits.allSeconds} seconds before it came to this file.`);
    const evaluator = this.#evaluator?.alive === true ? this.#evaluator : this.#start([], limits);
    this.#evaluator = evaluator;
    const began = this.#now();
    const question: Question = { kind: "load", text, path };
    const answer = await evaluator.ask(question, { seconds: limits.seconds, signal: this.#signal });
    this.#spent += this.#now() - began;
    if (answer.kind === "answer") {
      // An evaluator of ours answers in our own types.
      const given = answer.value as Answer;
      if (given.kind !== "load") throw new Error("an evaluator answered another question");
      return given.loaded;
    }
    await evaluator.end();
    this.#signal?.throwIfAborted();
    if (answer.kind === "timeout") return bad(`The file takes longer than ${limits.seconds} seconds to be read.`);
    if (answer.kind === "memory") return bad(`The file takes more than ${limits.memoryMib} MiB of memory to be read.`);
    return bad(`The file can't be read: ${answer.kind === "crash" && answer.error instanceof Error ? answer.error.message : answer.kind}.`);
  }

  async end(): Promise<void> {
    await this.#evaluator?.end();
  }
}
