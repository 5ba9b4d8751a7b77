/**
 * What evaluating conditions may cost. Whoever writes a policy means well, and whoever opens a change says how many paths, groups and findings there
 * are: one that compares each path with each other one takes a minute for ten thousand. Counted in steps and not in time, so that the same facts
 * always come to the same. A step is one part of an expression that is evaluated once, one entry of a list that an operator or a function goes
 * through, or 64 characters of a text.
 */
export class Meter {
  readonly most: number;
  #spent = 0;

  constructor(most: number = mostSteps) {
    this.most = most;
  }

  get spent(): number {
    return this.#spent;
  }

  get isOver(): boolean {
    return this.#spent > this.most;
  }

  /** Throws once there was too much, and each time from then on: quantifiers and `||` go on after an error. */
  spend(steps: number): void {
    this.#spent += steps;
    // One error for all: making one takes as long as many steps.
    if (this.#spent > this.most) throw tooMuch;
  }
}

/** Some 0.3 s of a core; a condition that looks at each of 20,000 groups once takes a tenth of it. */
const mostSteps = 5_000_000;
const tooMuch = new Error("it takes too many steps");

interface Node {
  op: string;
  args: unknown;
  /** The library's own: each part of an expression is evaluated by calling it, and it puts a quicker one in its place when it is called first. */
  evaluate: Evaluate;
}
type Evaluate = (this: Node, evaluator: unknown, ast: unknown, context: unknown) => unknown;

/** Has each part of a parsed expression tell the meter that `current` gives when it is evaluated. */
export function meterAll(ast: unknown, current: () => Meter): void {
  meter(ast, false, current);
}

function meter(part: unknown, isWalked: boolean, current: () => Meter): void {
  if (Array.isArray(part)) {
    for (const each of part) meter(each, isWalked, current);
    return;
  }
  if (!isNode(part)) return;
  const first = part.evaluate;
  let evaluate = first;
  Object.defineProperty(part, "evaluate", {
    get: (): Evaluate =>
      function metered(evaluator, tree, context) {
        // Puts a quicker one in its place and calls that, which comes here again: what is evaluated first costs no more than later.
        if (evaluate === first) return first.call(this, evaluator, tree, context);
        const at = current();
        at.spend(1);
        const value = evaluate.call(this, evaluator, tree, context);
        if (isWalked) at.spend(weightOf(value));
        return value;
      },
    set: (quicker: Evaluate) => {
      evaluate = quicker;
    },
  });
  meter(part.args, walks(part), current);
}

/** Whether all of what it is given is looked at: a macro's list is not by itself, and its size is known. */
function walks({ op, args }: Node): boolean {
  if (op !== "rcall" && op !== "call") return walkers.has(op);
  const [name]: unknown[] = Array.isArray(args) ? args : [];
  return typeof name === "string" && !lookless.has(name);
}

const walkers: ReadonlySet<string> = new Set(["in", "==", "!=", "<", "<=", ">", ">=", "+"]);
const lookless: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter", "has", "bind", "size", "dyn"]);

function weightOf(value: unknown): number {
  if (typeof value === "string") return value.length / 64;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return 0;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "op" in value && "args" in value;
