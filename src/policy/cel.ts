import { type Environment, EvaluationError, type ASTNode, type ParseResult } from "@marcbachmann/cel-js";
import { type Known, known, unknown } from "./known.ts";
import { Meter, meterAll } from "./meter.ts";
import { nearest } from "./nearest.ts";
import { globFault, regexFault } from "./patterns.ts";

/** A condition that does not parse or does not type-check. `at` counts characters of its text from zero. */
export interface ConditionError {
  at: number;
  text: string;
}

/** What conditions of one kind may read and must give. */
export interface ConditionKind {
  environment: Environment;
  /** `any`: whatever it gives. */
  result: "bool" | "string" | "any";
  /** Fields of variables, and of what lists hold, by name. Asked for because `has(radius.shar)` passes the library's type check. */
  fields: Readonly<Record<string, readonly string[]>>;
}

/** Inputs by what a condition calls them: `certname`, or `trusted.extensions` for a part that is known or unknown by itself. */
export type Inputs = ReadonlyMap<string, Known<unknown>>;

/** Null when a condition is good to be evaluated. */
export function checkCondition(text: string, kind: ConditionKind): ConditionError | null {
  const { valid, type = "nothing", error } = kind.environment.check(text);
  if (!valid) return { at: error?.range?.start ?? 0, text: wordsOf(text, error, kind) };
  if (kind.result !== "any" && type !== kind.result && type !== "dyn")
    return { at: 0, text: `it gives ${type} and must give ${kind.result}` };
  const { ast } = kind.environment.parse(text);
  const costly = costlyIn(ast);
  if (costly !== null) return costly;
  for (const { path, at } of reads(ast)) {
    const [variable = "", field] = path;
    // A macro's own variable may be called `constructor`.
    const fields = Object.hasOwn(kind.fields, variable) ? kind.fields[variable] : undefined;
    if (fields !== undefined && field !== undefined && !fields.includes(field)) {
      const variables = kind.environment.getDefinitions().variables.map(({ name }) => name);
      return { at, text: notKnownOf(variable, field, { variables, fields: kind.fields }) };
    }
  }
  return null;
}

/** The first pattern that is not to be used. One that is put together at run time could be anything. */
function costlyIn(node: unknown): ConditionError | null {
  if (Array.isArray(node)) {
    for (const each of node) {
      const found = costlyIn(each);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isNode(node)) return null;
  if (node.op === "rcall" && Array.isArray(node.args)) {
    const [name, , given]: unknown[] = node.args;
    const faultOf = name === "matches" ? regexFault : name === "glob" ? globFault : null;
    const pattern: unknown = Array.isArray(given) ? given[0] : undefined;
    if (faultOf !== null && isNode(pattern)) {
      const fault = pattern.op === "value" && typeof pattern.args === "string" ? faultOf(pattern.args) : "is not written out as a text";
      if (fault !== null) return { at: pattern.pos, text: `the pattern of \`${String(name)}\` ${fault}` };
    }
  }
  return costlyIn(node.args);
}

function wordsOf(text: string, error: { code?: string; summary?: string } | undefined, { environment, fields }: ConditionKind): string {
  const { code, summary } = error ?? {};
  // The library itself fails over some of what it does not understand.
  if (summary === undefined) return "it is no CEL expression that can be understood";
  if (code === "unexpected_token" && summary.endsWith("EOF")) return "it ends too early";
  const name = summary.slice(summary.indexOf(": ") + 2);
  const variables = environment.getDefinitions().variables.map((variable) => variable.name);
  if (code === "unknown_variable") return notKnown(name, variables);
  if (code === "no_such_key") {
    const [of] = reads(environment.parse(text).ast).find(({ path: [, field] }) => field === name)?.path ?? [];
    return of === undefined ? notKnown(name, Object.values(fields).flat()) : notKnownOf(of, name, { variables, fields });
  }
  return summary.charAt(0).toLowerCase() + summary.slice(1);
}

function notKnown(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  return meant === null ? `\`${name}\` is not known` : `\`${name}\` is not known; did you mean \`${meant}\`?`;
}

/** Of a variable's field: one that another variable has under nearly this name is as likely meant as one of its own. */
function notKnownOf(
  of: string,
  name: string,
  { variables, fields }: { variables: readonly string[]; fields: ConditionKind["fields"] },
): string {
  // A macro's own variable may be called `constructor`.
  const own = Object.hasOwn(fields, of) ? fields[of] : undefined;
  if (own === undefined || !variables.includes(of)) return notKnown(name, Object.values(fields).flat());
  if (nearest(name, own) !== null) return notKnown(name, own);
  const others = variables.flatMap((variable) => (fields[variable] ?? []).map((field) => [field, `${variable}.${field}`] as const));
  const meant = nearest(
    name,
    others.map(([field]) => field),
  );
  const is = `\`${name}\` is not known in \`${of}\``;
  if (meant !== null) return `${is}; did you mean \`${others.find(([field]) => field === meant)?.[1] ?? meant}\`?`;
  return `${is}, which has ${own.map((field) => `\`${field}\``).join(", ")}`;
}

/**
 * Evaluates a condition that `checkCondition` found good. An input that is unknown is never given to it: a condition that names one, anywhere, is unknown
 * with that input's reason, even where the rest would decide (`null != "fleet"` is true in CEL, and so would be what a hole let through).
 * A key that is not there ends as `missing`, which each kind of condition has its own answer to; any other failure is unknown, and so is what takes more
 * steps than `meter` has.
 */
export function evaluateCondition(text: string, kind: ConditionKind, inputs: Inputs, meter = new Meter()): Known<unknown> | "missing" {
  const program = programOf(text, kind);
  const hole = unknownRead(program.ast, inputs);
  if (hole !== null) return hole;
  const result = evaluated(program, { text, kind, inputs, meter });
  // Whatever came out: what was cut short may have been part of it.
  return meter.isOver
    ? unknown(`the condition \`${text}\` takes more than ${meter.most} steps here`, "an owner of the policy: write the condition cheaper")
    : result;
}

interface Evaluation {
  text: string;
  kind: ConditionKind;
  inputs: Inputs;
  meter: Meter;
}

function evaluated(program: ParseResult, { text, kind, inputs, meter }: Evaluation): Known<unknown> | "missing" {
  current = meter;
  try {
    const value: unknown = program(contextOf(inputs));
    const type = typeof value === "boolean" ? "bool" : typeof value;
    return kind.result === "any" || type === kind.result
      ? known(value)
      : unknown(`the condition \`${text}\` gives ${type}, and must give ${kind.result}`);
  } catch (error) {
    if (error instanceof EvaluationError && error.code === "no_such_key") return "missing";
    const why = error instanceof EvaluationError ? error.summary : error instanceof Error ? error.message : String(error);
    return unknown(`the condition \`${text}\` can't be evaluated: ${why}`);
  }
}

/** Of the condition that is being evaluated: one at a time, from its beginning to its end. */
let current = new Meter();

function meteredProgram(text: string, { environment }: ConditionKind): ParseResult {
  const program = environment.parse(text);
  meterAll(program.ast, () => current);
  return program;
}

/** Parsed conditions, by kind: a policy has a few, and each is evaluated for every node. */
const programs = new WeakMap<ConditionKind, Map<string, ParseResult>>();
/** Far more than one policy has; a server that has seen many begins anew. */
const mostPrograms = 1000;

function programOf(text: string, kind: ConditionKind): ParseResult {
  const parsed = programs.get(kind) ?? new Map<string, ParseResult>();
  programs.set(kind, parsed);
  const program = parsed.get(text) ?? meteredProgram(text, kind);
  if (parsed.size >= mostPrograms) parsed.clear();
  parsed.set(text, program);
  return program;
}

/** The first unknown input that a condition names: as a whole, a part of it, or something it is a part of. */
function unknownRead(ast: ASTNode, inputs: Inputs): { known: false; reason: string } | null {
  const read = reads(ast).map(({ path }) => path.join("."));
  for (const [name, input] of inputs) {
    if (input.known) continue;
    if (read.some((path) => path === name || path.startsWith(`${name}.`) || name.startsWith(`${path}.`))) return input;
  }
  return null;
}

/** The inputs that a condition which `checkCondition` found good reads, as it says them (`radius.share`), in its order, each once. */
export function readsOf(text: string, kind: ConditionKind): string[] {
  const variables = new Set(kind.environment.getDefinitions().variables.map(({ name }) => name));
  const read = reads(programOf(text, kind).ast).filter(({ path: [variable = ""] }) => variables.has(variable));
  return [...new Set(read.map(({ path }) => path.slice(0, 2).join(".")))];
}

/** Known inputs as the objects that expressions see; unknown ones are not in them. */
function contextOf(inputs: Inputs): Record<string, unknown> {
  const context: Record<string, Record<string, unknown>> = {};
  const whole: Record<string, unknown> = {};
  for (const [name, input] of inputs) {
    if (!input.known) continue;
    const [variable = "", field] = name.split(".");
    if (field === undefined) whole[variable] = input.value;
    else (context[variable] ??= {})[field] = input.value;
  }
  return { ...context, ...whole };
}

interface Read {
  /** `trusted.extensions["pp_role"]` is `[trusted, extensions, pp_role]`. A computed key, or a number, ends the path: `groups[0].title` is `[groups]`. */
  path: string[];
  /** Whether it goes on where nobody can say. */
  isCut: boolean;
  /** Where its last part is. */
  at: number;
}

/**
 * Every path that an expression reads, each as long as it is said. A macro's own variable counts as a read, too: one that has the
 * name of an input is taken for the input.
 */
function reads(ast: ASTNode): Read[] {
  const found: Read[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const each of node) walk(each);
    } else if (isNode(node)) {
      const path = pathOf(node);
      if (path === null) return walk(node.args);
      found.push(path);
      // What indexes a path is an expression of its own.
      for (let at: unknown = node; isNode(at) && Array.isArray(at.args); at = at.args[0]) if (at.op === "[]") walk(at.args[1]);
    }
  };
  walk(ast);
  return found;
}

interface Node {
  op: string;
  args: unknown;
  pos: number;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "op" in value && "args" in value;

function pathOf({ op, args, pos }: Node): Read | null {
  if (op === "id") return typeof args === "string" ? { path: [args], at: pos, isCut: false } : null;
  if ((op !== "." && op !== "[]") || !Array.isArray(args)) return null;
  const [object, key]: unknown[] = args;
  const inner = isNode(object) ? pathOf(object) : null;
  if (inner === null || inner.isCut) return inner;
  const name: unknown = op === "." ? key : isNode(key) && key.op === "value" ? key.args : null;
  return typeof name === "string" ? { path: [...inner.path, name], at: pos, isCut: false } : { ...inner, isCut: true };
}
