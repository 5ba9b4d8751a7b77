import { type Known, known, unknown } from "../../policy/known.ts";
import { asksAbout, judgeChange, judgeFleet, Side, type Judged } from "./evaluate.ts";
import type { ExampleFault } from "./examples.ts";
import type { LoadedExpectation } from "./load.ts";
import type { ExpectNode, FleetNode } from "./node-view.ts";
import type { Expectation, Expression } from "./schema.ts";
import type { WireCatalog, WireChange } from "./wire.ts";

/**
 * What whoever evaluates expectations is asked, and answers: values that can go from thread to thread. An expression is named by its place in the
 * list that it was given at its start.
 */
export type Question =
  | {
      kind: "node";
      node: ExpectNode;
      /** Null where there is no catalog; `new` where base does not know the node; `same` where after's can be no other than before's. */
      before: WireCatalog | null | "new";
      after: WireCatalog | null | "same";
      changes: readonly WireChange[];
      restarts: readonly string[];
      /** Places in the list, of those that are asked. */
      expressions: readonly number[];
    }
  | { kind: "fleet"; expression: number; nodes: readonly FleetNode[] }
  | { kind: "examples"; expectation: Expectation }
  | { kind: "load"; text: string; path: string };

/** Of one expression on one node. `taken` is what `each` of one over the fleet makes of a side. */
export type SideAnswer = Judged | { is: "taken"; value: unknown } | { is: "none" };

export interface NodeAnswer {
  asked: Known<boolean>;
  before: SideAnswer;
  after: SideAnswer;
}

export type Answer =
  | { kind: "node"; answers: readonly NodeAnswer[] }
  | { kind: "fleet"; before: Judged; after: Judged }
  | { kind: "examples"; faults: readonly ExampleFault[] }
  | { kind: "load"; loaded: LoadedExpectation };

/** Answers a question about catalogs. `at` hears which expression comes now, so that one that never ends can be named. */
export function answer(
  question: Exclude<Question, { kind: "examples" | "load" }>,
  expressions: readonly Expression[],
  at: (expression: number) => void,
): Answer {
  if (question.kind === "node") return { kind: "node", answers: answerNode(question, expressions, at) };
  const { expression, nodes } = question;
  const text = expressions[expression]?.expect;
  if (text === undefined) throw new Error(`there is no expression ${expression}`);
  at(expression);
  return { kind: "fleet", before: judgeFleet(text, nodes, "before"), after: judgeFleet(text, nodes, "after") };
}

type NodeQuestion = Extract<Question, { kind: "node" }>;
const none: SideAnswer = { is: "none" };

function answerNode(question: NodeQuestion, expressions: readonly Expression[], at: (expression: number) => void): NodeAnswer[] {
  const { node, before, after, changes, restarts } = question;
  const was = before === null ? null : new Side(node, before === "new" ? nothing : before);
  const is = after === "same" || after === null ? null : new Side(node, after);
  return question.expressions.map((place): NodeAnswer => {
    const expression = expressions[place];
    if (expression === undefined) throw new Error(`there is no expression ${place}`);
    at(place);
    const asked = asksAbout(expression.for, node);
    if (!asked.known || !asked.value) return { asked, before: none, after: none };
    const { scope, expect, each } = expression;
    if (scope === "change") {
      if (after === "same" || changes.length === 0) return { asked, before: none, after: { is: "holds" } };
      if (after === null) return { asked, before: none, after: none };
      const changed = { node, before: before === null || before === "new" ? nothing : before, after, changes, restarts };
      return { asked, before: none, after: judgeChange(expect, changed) };
    }
    const look = (side: Side | null): SideAnswer => {
      if (side === null) return none;
      if (scope === "catalog") return side.judge(expect);
      const taken = each === null ? known(null) : side.take(each);
      return taken.known ? { is: "taken", value: taken.value } : { is: "unknown", reason: taken.reason };
    };
    const first = before === "new" && scope === "catalog" ? none : look(was);
    return { asked, before: first, after: after === "same" ? first : look(is) };
  });
}

/** What a node that base does not know has there. */
const nothing: WireCatalog = { resources: [], classes: [] };

/** A side of a node for the fold, of what was taken of it. */
export const takenOf = (side: SideAnswer, why: string): Known<unknown> => {
  if (side.is === "taken") return known(side.value);
  return unknown(side.is === "unknown" ? side.reason : why);
};
