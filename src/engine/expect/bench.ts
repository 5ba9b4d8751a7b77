import type { Answer, NodeAnswer, Question } from "../../catalog/expect/questions.ts";
import type { Expectation } from "../../catalog/expect/schema.ts";
import type { Judged } from "../../catalog/expect/evaluate.ts";
import type { ExampleFault } from "../../catalog/expect/examples.ts";
import type { FleetNode } from "../../catalog/expect/node-view.ts";
import { unknown } from "../../policy/known.ts";
import type { Evaluator, EvaluatorAnswer, StartEvaluator } from "../ports/evaluator.ts";

/** What expectations of one tree may take. A head's are hostile; base's had a review, and their author a bad day. */
export interface BenchLimits {
  memoryMib: number;
  /** Seconds of one question: all expectations on one node, or one over the fleet. */
  seconds: number;
  /** Seconds of all questions together. */
  allSeconds: number;
  /** Characters that `each` of all expectations may give of all nodes together: until the end of the check they are held by whoever decides. */
  takenMib: number;
}

export const baseLimits: BenchLimits = { memoryMib: 512, seconds: 10, allSeconds: 600, takenMib: 512 };
export const headLimits: BenchLimits = { memoryMib: 256, seconds: 5, allSeconds: 60, takenMib: 64 };

/**
 * Expectations of one tree, evaluated one question after the other. One that goes over a limit is out for the rest of the check, with the reason;
 * the others are asked again, of a new evaluator.
 */
export class Bench {
  readonly expectations: readonly Expectation[];
  readonly #start: StartEvaluator;
  readonly #limits: BenchLimits;
  readonly #now: () => number;
  readonly #signal: AbortSignal | undefined;
  readonly #out = new Map<number, string>();
  #evaluator: Evaluator | null = null;
  #spent = 0;
  #taken = 0;

  constructor(
    expectations: readonly Expectation[],
    { start, limits, now, signal }: { start: StartEvaluator; limits: BenchLimits; now: () => number; signal: AbortSignal | undefined },
  ) {
    this.expectations = expectations;
    this.#start = start;
    this.#limits = limits;
    this.#now = now;
    this.#signal = signal;
  }

  /** Starts what evaluates, which takes a moment, before anything is asked. */
  warm(): void {
    if (this.expectations.length > 0) this.#evaluator ??= this.#start(this.expectations, this.#limits);
  }

  /** Why an expectation is out; null where it is not. */
  out(at: number): string | null {
    return this.#out.get(at) ?? null;
  }

  /** An answer for each of `question.expressions`. */
  async node(question: Extract<Question, { kind: "node" }>): Promise<NodeAnswer[]> {
    const asked = question.expressions.filter((at) => !this.#out.has(at));
    if (asked.length === 0) return question.expressions.map((at) => this.#outAnswer(at));
    const answer = await this.#ask({ ...question, expressions: asked });
    if (answer === null) return this.node(question);
    if (answer.kind !== "node") throw new Error("an evaluator answered another question");
    const given = new Map(asked.map((at, index) => [at, this.#bounded(at, answer.answers[index])]));
    return question.expressions.map((at) => given.get(at) ?? this.#outAnswer(at));
  }

  /** An answer that what all give together has room for; whatever goes over that is out. */
  #bounded(at: number, answer: NodeAnswer | undefined): NodeAnswer | undefined {
    if (answer === undefined) return undefined;
    const { takenMib } = this.#limits;
    for (const side of answer.before === answer.after ? [answer.before] : [answer.before, answer.after])
      if (side.is === "taken") this.#taken += sizeOf(side.value);
    if (this.#taken <= takenMib * 2 ** 20) return answer;
    if (!this.#out.has(at))
      this.#out.set(at, `what \`expect.each\` gives of all nodes together is more than ${takenMib} MiB: have it give less`);
    return this.#outAnswer(at);
  }

  async fleet(at: number, nodes: readonly FleetNode[]): Promise<{ before: Judged; after: Judged }> {
    const why = this.#out.get(at);
    if (why !== undefined) return { before: { is: "unknown", reason: why }, after: { is: "unknown", reason: why } };
    const answer = await this.#ask({ kind: "fleet", expression: at, nodes });
    if (answer === null) return this.fleet(at, nodes);
    if (answer.kind !== "fleet") throw new Error("an evaluator answered another question");
    return answer;
  }

  /** What of its examples does not come out as it says; a reason where that can't be told. */
  async examples(at: number): Promise<readonly ExampleFault[] | { reason: string }> {
    const why = this.#out.get(at);
    const expectation = this.expectations[at];
    if (why !== undefined || expectation === undefined) return { reason: why ?? "" };
    const answer = await this.#ask({ kind: "examples", expectation }, at);
    if (answer === null) return this.examples(at);
    if (answer.kind !== "examples") throw new Error("an evaluator answered another question");
    return answer.faults;
  }

  async end(): Promise<void> {
    await this.#evaluator?.end();
  }

  /** Null where one was put out, or all of them. */
  async #ask(question: Question, about: number | null = null): Promise<Answer | null> {
    const evaluator = this.#evaluator?.alive === true ? this.#evaluator : this.#start(this.expectations, this.#limits);
    this.#evaluator = evaluator;
    const started = this.#now();
    const { seconds, allSeconds } = this.#limits;
    const answer = await evaluator.ask(question, { seconds, signal: this.#signal });
    this.#spent += this.#now() - started;
    if (this.#spent > allSeconds * 1000)
      for (const at of this.expectations.keys())
        if (!this.#out.has(at)) this.#out.set(at, `all expectations together took longer than ${allSeconds} seconds: write them cheaper`);
    // An evaluator of ours answers in our own types.
    if (answer.kind === "answer") return answer.value as Answer;
    await evaluator.end();
    this.#signal?.throwIfAborted();
    const at = about ?? evaluator.at();
    if (answer.kind === "crash" && !this.expectations.some((_, index) => index === at)) throw answer.error;
    this.#out.set(at, this.#why(answer));
    return null;
  }

  #why(answer: Exclude<EvaluatorAnswer, { kind: "answer" }>): string {
    const { seconds, memoryMib } = this.#limits;
    if (answer.kind === "timeout") return `it takes longer than ${seconds} seconds on one node: write it cheaper`;
    if (answer.kind === "memory") return `it takes more than ${memoryMib} MiB of memory: write it cheaper`;
    return `it ended its evaluator: ${answer.kind === "crash" && answer.error instanceof Error ? answer.error.message : answer.kind}`;
  }

  #outAnswer(at: number): NodeAnswer {
    const reason = this.#out.get(at) ?? "it was not evaluated";
    const side = { is: "unknown", reason } as const;
    // Whether it asks about the node can't be told either.
    return { asked: unknown(reason), before: side, after: side };
  }
}

/** Most are a boolean or a short text, of thousands of nodes. */
const sizeOf = (value: unknown): number =>
  typeof value === "string" ? value.length : typeof value === "object" && value !== null ? JSON.stringify(value).length : 8;
