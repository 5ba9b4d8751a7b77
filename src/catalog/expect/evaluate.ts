import { type Environment, EvaluationError } from "@marcbachmann/cel-js";
import { evaluateCondition } from "../../policy/cel.ts";
import { matchKind } from "../../policy/conditions.ts";
import { type Known, known, unknown } from "../../policy/known.ts";
import { classesOf, trustedInputs } from "../../policy/services.ts";
import { evidenceOf } from "./evidence.ts";
import { expressionKinds } from "./language.ts";
import { FleetNodeView, NodeView, type ExpectNode, type FleetNode } from "./node-view.ts";
import { asWritten, quickEnvironment, withQuickPatterns } from "./patterns.ts";
import { briefly, type Item, Recorder } from "./recorder.ts";
import type { Expression, ForNodes } from "./schema.ts";
import { CatalogView, ChangeView } from "./view.ts";
import type { WireCatalog, WireChange } from "./wire.ts";

/** What an expectation came to. `items` are what broke it, at most fifty; `total` of how many. */
export type Judged = { is: "holds" } | { is: "fails"; items: readonly Item[]; total: number } | { is: "unknown"; reason: string };

export const holds: Judged = { is: "holds" };

/** Whether an expectation asks about a node. */
export function asksAbout(of: ForNodes, { about, services }: ExpectNode): Known<boolean> {
  if ("service" in of) return services.known ? known(services.value.includes(of.service)) : services;
  const result = evaluateCondition(of.condition, matchKind, trustedInputs(about).set("classes", classesOf(about)));
  // As in a service's `match`: what a node does not have is no reason to ask about it.
  if (result === "missing") return known(false);
  return result.known ? known(result.value === true) : result;
}

/** One side of a node, looked at by any number of expressions. */
export class Side {
  readonly #recorder = new Recorder();
  readonly #context: { catalog: CatalogView; node: NodeView };

  constructor(node: ExpectNode, catalog: WireCatalog) {
    this.#context = { catalog: new CatalogView(catalog, this.#recorder), node: new NodeView(node, this.#recorder) };
  }

  judge(expect: string): Judged {
    return judge("catalog", expect, this.#context, this.#recorder);
  }

  /** What `each` makes of it, as JSON. */
  take(each: string): Known<unknown> {
    const result = evaluated("each", each, this.#context, this.#recorder);
    if (!result.known) return result;
    const taken = plainOf(result.value);
    if (taken === undefined) return unknown("`expect.each` gives more than texts, numbers, booleans, lists and maps of them");
    const size = JSON.stringify(taken).length;
    return size <= longestTaken
      ? known(taken)
      : unknown(`\`expect.each\` gives ${size} characters; at most ${longestTaken} are kept of a node`);
  }
}

const longestTaken = 64 * 1024;

/** Both sides of a node that a change reaches. */
export function judgeChange(expect: string, { node, before, after, changes, restarts }: ChangedNode): Judged {
  const recorder = new Recorder();
  const context = {
    before: new CatalogView(before, recorder),
    after: new CatalogView(after, recorder),
    changes: changes.map((each) => new ChangeView(each, recorder)),
    restarts,
    node: new NodeView(node, recorder),
  };
  return judge("change", expect, context, recorder);
}

export interface ChangedNode {
  node: ExpectNode;
  before: WireCatalog;
  after: WireCatalog;
  changes: readonly WireChange[];
  restarts: readonly string[];
}

/** The fleet as the change leaves it, or as it was. */
export function judgeFleet(expect: string, nodes: readonly FleetNode[], side: "before" | "after"): Judged {
  const recorder = new Recorder();
  const views = nodes.map((each) => new FleetNodeView(each, recorder, side));
  const datacentres = [...new Set(nodes.flatMap(({ node }) => (node.datacentre.known ? (node.datacentre.value ?? []) : [])))].sort();
  return judge("fleet", expect, { nodes: views, datacentres }, recorder);
}

function judge(scope: Expression["scope"], expect: string, context: Record<string, unknown>, recorder: Recorder): Judged {
  const result = evaluated(scope, expect, context, recorder);
  if (!result.known) return { is: "unknown", reason: result.reason };
  if (result.value === true) return holds;
  if (result.value !== false) return { is: "unknown", reason: "the expression gives no bool" };
  return { is: "fails", ...evidenceOf(expressionKinds[scope].environment, expect, context, recorder) };
}

/** What nobody can read makes the whole unknown, also where the rest would decide: `||` goes over an error in CEL. */
function evaluated(kind: Expression["scope"] | "each", text: string, context: Record<string, unknown>, recorder: Recorder): Known<unknown> {
  recorder.begin();
  const result = guarded(() => programOf(kind, text)(context));
  return recorder.unknown === null ? result : unknown(recorder.unknown);
}

function guarded(work: () => unknown): Known<unknown> {
  try {
    return known(work());
  } catch (error) {
    if (error instanceof EvaluationError && error.code === "no_such_key")
      return unknown(briefly(`it reads something that is not there: ${error.summary}`));
    const why = error instanceof EvaluationError ? error.summary : error instanceof Error ? error.message : String(error);
    return unknown(briefly(`it can't be evaluated: ${asWritten(why)}`));
  }
}

type Program = (context: Record<string, unknown>) => unknown;
const programs = new Map<string, Program>();
/** Far more than there may be expectations. */
const mostPrograms = 2000;

function programOf(kind: Expression["scope"] | "each", text: string): Program {
  const key = `${kind} ${text}`;
  const parsed = programs.get(key) ?? parse(expressionKinds[kind].environment, text);
  if (programs.size >= mostPrograms) programs.clear();
  programs.set(key, parsed);
  return parsed;
}

const parse = (environment: Environment, text: string): Program =>
  quickEnvironment(environment).parse(withQuickPatterns(text, environment.parse(text).ast));

/** A value of CEL as JSON; undefined where it is more than that. */
function plainOf(value: unknown, depth = 0): unknown {
  if (depth > 20) return undefined;
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
  if (Array.isArray(value)) {
    const list = value.map((each) => plainOf(each, depth + 1));
    return list.includes(undefined) ? undefined : list;
  }
  const entries =
    value instanceof Map ? [...value] : Object.getPrototypeOf(value) === Object.prototype ? Object.entries(value as object) : null;
  if (entries === null) return undefined;
  const plain = entries.map(([name, each]): [string, unknown] => [String(name), plainOf(each, depth + 1)]);
  return plain.some(([, each]) => each === undefined) ? undefined : Object.fromEntries(plain);
}
