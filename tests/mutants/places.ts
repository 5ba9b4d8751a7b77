import { alternatives, type Alternative, type Place } from "./mutators.ts";
import { below, parse, part, type Syntax } from "./syntax.ts";
import { onlyWords, wordFiles } from "./words.ts";

/** One slip in one place of a source. */
export interface Mutant {
  /** Counted from 1 over all files. */
  id: number;
  /** Below `src/`. */
  file: string;
  line: number;
  kind: string;
  start: number;
  end: number;
  /** What stands there, and what would. */
  before: string;
  after: string;
}

/** All mutants of one source, without ids yet. */
export function mutantsOf(file: string, text: string): Array<Omit<Mutant, "id">> {
  if (wordFiles.includes(file)) return [];
  const found: Array<Omit<Mutant, "id">> = [];
  const textOf = ({ start, end }: Syntax): string => text.slice(start, end);
  const lineOf = (at: number): number => text.slice(0, at).split("\n").length;
  const add = (node: Syntax, made: readonly Alternative[]): void => {
    const { start, end } = node;
    for (const { kind, text: after } of made) found.push({ file, line: lineOf(start), kind, start, end, before: textOf(node), after });
  };
  const visit = (node: Syntax, above: readonly Syntax[]): void => {
    if (skipped(node)) return;
    if (isExpression(node) && !isHeld(node, above)) add(node, alternatives({ node, text: textOf, ...positionOf(node, above) }));
    for (const one of below(node)) visit(one, [node, ...above]);
  };
  visit(parse(file, text), []);
  return unique(found);
}

/** Types, imports and words are not changed. */
function skipped(node: Syntax): boolean {
  if (node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration") return true;
  // An `as`, a `satisfies` or a `!` is of an expression; all else of TypeScript's is a type.
  if (node.type.startsWith("TS") && !["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"].includes(node.type)) return true;
  if (node.type === "ThrowStatement" || node.type === "NewExpression") return isError(part(node, "argument") ?? node);
  return onlyWords(node);
}

/** What an error says is for people; whether it is thrown is the question of the test before it. */
const isError = (node: Syntax): boolean =>
  node.type === "NewExpression" && /Error$|^Problem$/u.test(String(part(node, "callee")?.["name"]));

const isExpression = ({ type }: Syntax): boolean =>
  /Expression$|^Literal$|^Identifier$/u.test(type) && !type.startsWith("TS") && !/Function|Class|Super|Meta/u.test(type);

/** Where a name, a key, a pattern or a link of a chain stands, nothing else can. */
function isHeld(node: Syntax, above: readonly Syntax[]): boolean {
  const [parent, ...others] = above;
  if (parent === undefined) return true;
  if (parent.type === "Property" && part(parent, "key") === node) return true;
  if (parent.type === "AssignmentExpression" && part(parent, "left") === node) return true;
  if (parent.type === "UpdateExpression" || parent.type === "SwitchCase" || parent.type === "TaggedTemplateExpression") return true;
  if (parent.type === "UnaryExpression" && parent["operator"] === "-" && node.type === "Literal") return true;
  if (parent.type === "ChainExpression") return !isPositioned(parent, others);
  const isLink = parent.type === "MemberExpression" ? part(parent, "object") === node : part(parent, "callee") === node;
  if (isLink && parent.type !== "NewExpression") return node.type === "MemberExpression" || isHeldChain(above);
  return /Pattern|Import|Export|Specifier/u.test(parent.type) && parent.type !== "AssignmentPattern";
}

/** `a?.b` ends the whole chain where `a` is missing: nothing may stand between its links. */
function isHeldChain(above: readonly Syntax[]): boolean {
  for (const one of above) {
    if (one.type === "ChainExpression") return true;
    if (one.type !== "MemberExpression" && one.type !== "CallExpression") return false;
  }
  return false;
}

const isPositioned = (node: Syntax, above: readonly Syntax[]): boolean => {
  const { isTest, isStatement } = positionOf(node, above);
  return isTest || isStatement;
};

function positionOf(node: Syntax, above: readonly Syntax[]): Omit<Place, "node" | "text"> {
  const [parent] = above;
  const isTest = parent !== undefined && part(parent, "test") === node && parent.type !== "SwitchCase";
  const isLoop = isTest && /^(?:While|DoWhile|For)Statement$/u.test(parent.type);
  return { isTest, isSide: isSide(node, above), isLoop, isStatement: parent?.type === "ExpressionStatement" };
}

function isSide(node: Syntax, [parent, ...others]: readonly Syntax[]): boolean {
  if (
    parent === undefined ||
    (parent.type === "LogicalExpression" ? parent["operator"] === "??" : parent.type !== "ParenthesizedExpression")
  )
    return false;
  return (others[0] !== undefined && part(others[0], "test") === parent) || isSide(parent, others);
}

/** Two slips that come to the same text are one. */
function unique(found: ReadonlyArray<Omit<Mutant, "id">>): Array<Omit<Mutant, "id">> {
  const known = new Set<string>();
  return found.filter(({ start, end, before, after }) => {
    const key = JSON.stringify([start, end, after]);
    if (known.has(key) || before === after) return false;
    known.add(key);
    return true;
  });
}
