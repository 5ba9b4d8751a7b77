import type { ASTNode, Environment } from "@marcbachmann/cel-js";
import { FleetNodeView } from "./node-view.ts";
import { briefly, type Item, itemKey, mostItems, type Recorder } from "./recorder.ts";
import { ChangeView, ResourceView } from "./view.ts";

/**
 * What made an expression false: of `a && b` what made a part false, of `list.all(x, …)` each item that is not so, of `!list.exists(x, …)`
 * and `list.filter(x, …).size() < n` each item that is, and of anything else what it read. Evaluates parts of the expression again, on what it
 * was evaluated on, so it costs no more than that did for each item that is told.
 */
export function evidenceOf(
  environment: Environment,
  text: string,
  context: Record<string, unknown>,
  recorder: Recorder,
): { items: readonly Item[]; total: number } {
  const keys = new Set<string>();
  const found: Item[] = [];
  const add = (item: Item): void => {
    const key = itemKey(item);
    if (keys.has(key)) return;
    keys.add(key);
    if (found.length < mostItems) found.push({ ...item, subject: briefly(item.subject) });
  };

  const walk = (node: ASTNode, wanted: boolean, scope: Bound): void => {
    const [first, second, third] = partsOf(node);
    if ((node.op === "&&" || node.op === "||") && first !== undefined && second !== undefined) {
      // Of what should be true and is false: of `&&` any part that is false, of `||` all of them; of what should be false, the other way round.
      for (const part of [first, second]) if (truth(part, scope) === !wanted) walk(part, wanted, scope);
      return;
    }
    if (node.op === "!_" && first !== undefined) return walk(first, !wanted, scope);
    if (node.op === "?:" && first !== undefined && second !== undefined && third !== undefined)
      return walk(truth(first, scope) === true ? second : third, wanted, scope);
    const before = keys.size;
    const quantifier = quantifierOf(node) ?? (wanted && fewer.has(node.op) ? filterIn(node) : null);
    if (quantifier !== null && (quantifier.name === "all" ? wanted : quantifier.name === "filter" || !wanted)) items(quantifier, scope);
    else if (quantifier === null) read(node, scope).forEach(add);
    // Nothing of the catalog is to blame where something should be in it: then the words are told that ask for it.
    if (keys.size === before) add(nothingBut(clipped(text.slice(node.start, node.end))));
  };

  /** Each item of a list that should not be as it is: a change or a node by itself, a resource with what was read of it. */
  const items = ({ name, list, variable, predicate }: Quantifier, scope: Bound): void => {
    const wanted = name === "all";
    const values: unknown = value(list, scope);
    if (!Array.isArray(values)) return;
    for (const each of values as unknown[]) {
      const inner = scope.with(variable, each);
      if (truth(predicate, inner) === wanted) continue;
      if (each instanceof ChangeView) add(each.item());
      else if (each instanceof FleetNodeView) add(nothingBut(each.certname));
      else if (each instanceof ResourceView) {
        const own = read(predicate, inner).filter(({ subject }) => subject === each.ref);
        add(together(each.item(), own));
      } else if (typeof each === "string") add(nothingBut(clipped(each)));
      else walk(predicate, wanted, inner);
    }
  };

  const value = (node: ASTNode, { environment: bound, values }: Bound): unknown => {
    try {
      return bound.parse(text.slice(node.start, node.end))(values);
    } catch {
      // A part that can't be evaluated by itself tells nothing; that the whole is false is known already.
      return null;
    }
  };
  const truth = (node: ASTNode, scope: Bound): boolean | null => {
    const is = value(node, scope);
    return typeof is === "boolean" ? is : null;
  };
  const read = (node: ASTNode, scope: Bound): Item[] => recorder.reading(() => value(node, scope)).items;

  const whole = environment.parse(text).ast;
  walk(whole, true, new Bound(environment, context));
  return { items: found, total: keys.size };
}

/** What was read of one resource, as one thing that is wrong with it. */
function together(item: Item, read: readonly Item[]): Item {
  const [first, ...others] = read;
  if (first === undefined || others.length === 0) return first ?? item;
  const attribute = read.map((each) => each.attribute ?? "").join(", ");
  return { ...first, attribute, value: read.map(({ value }) => value ?? "(not set)").join(", ") };
}

/** Comparisons that too much of something makes false. */
const fewer: ReadonlySet<string> = new Set(["<", "<=", "=="]);

const nothingBut = (subject: string): Item => ({ subject, attribute: null, value: null, path: null, line: null });

const longest = 160;
const clipped = (words: string): string => {
  const line = words.replaceAll(/\s+/gu, " ");
  return line.length <= longest ? line : `${line.slice(0, longest)}…`;
};

/** An environment with what macros bound, and the values. */
class Bound {
  readonly environment: Environment;
  readonly values: Record<string, unknown>;
  constructor(environment: Environment, values: Record<string, unknown>) {
    this.environment = environment;
    this.values = values;
  }
  with(variable: string, value: unknown): Bound {
    return new Bound(withVariable(this.environment, variable), { ...this.values, [variable]: value });
  }
}

const clones = new WeakMap<Environment, Map<string, Environment>>();

function withVariable(environment: Environment, variable: string): Environment {
  const known = clones.get(environment) ?? new Map<string, Environment>();
  clones.set(environment, known);
  const clone =
    known.get(variable) ?? (environment.hasVariable(variable) ? environment : environment.clone().registerVariable(variable, "dyn"));
  known.set(variable, clone);
  return clone;
}

interface Quantifier {
  name: string;
  list: ASTNode;
  variable: string;
  predicate: ASTNode;
}

/** `list.all(x, …)` and its like; null for anything else. */
function quantifierOf({ op, args }: ASTNode): Quantifier | null {
  if (op !== "rcall" || !Array.isArray(args)) return null;
  const [name, list, given]: unknown[] = args;
  if (typeof name !== "string" || !["all", "exists", "filter"].includes(name) || !isNode(list) || !Array.isArray(given)) return null;
  const [variable, predicate]: unknown[] = given;
  if (given.length !== 2 || !isNode(variable) || variable.op !== "id" || typeof variable.args !== "string" || !isNode(predicate))
    return null;
  return { name, list, variable: variable.args, predicate };
}

/** The first `filter` in a comparison: `list.filter(x, …).size() <= 1`. */
function filterIn(node: ASTNode): Quantifier | null {
  const quantifier = quantifierOf(node);
  if (quantifier?.name === "filter") return quantifier;
  if (quantifier !== null) return null;
  for (const part of nodesIn(node.args)) {
    const found = filterIn(part);
    if (found !== null) return found;
  }
  return null;
}

const partsOf = ({ args }: ASTNode): ASTNode[] => (Array.isArray(args) ? (args as unknown[]).filter(isNode) : isNode(args) ? [args] : []);

function nodesIn(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return (args as unknown[]).flatMap(nodesIn);
  return isNode(args) ? [args] : [];
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === "object" && value !== null && "op" in value && "args" in value && "start" in value;
