import { parseSync, visitorKeys } from "oxc-parser";

/** A node of a source's syntax tree (ESTree, with TypeScript's own nodes), as far as mutators look at it. */
export interface Syntax {
  type: string;
  /** Where it is in the text, in UTF-16 units. */
  start: number;
  end: number;
  [part: string]: unknown;
}

const isSyntax = (value: unknown): value is Syntax => typeof value === "object" && value !== null && "type" in value && "start" in value;

/** A part of a node that is a node; null where it has none of that name. */
export function part(node: Syntax, name: string): Syntax | null {
  const value = node[name];
  return isSyntax(value) ? value : null;
}

/** A part of a node that is a list of nodes. */
export function parts(node: Syntax, name: string): Syntax[] {
  const value = node[name];
  return Array.isArray(value) ? value.filter(isSyntax) : [];
}

/** All nodes right below one, in the order of the text. */
export const below = (node: Syntax): Syntax[] =>
  (visitorKeys[node.type] ?? []).flatMap((key) => {
    const value = node[key];
    return Array.isArray(value) ? value.filter(isSyntax) : isSyntax(value) ? [value] : [];
  });

export function parse(file: string, text: string): Syntax {
  const { program, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file} does not parse: ${error.message}`);
  return program as unknown as Syntax;
}

/** A call's method, the object that it is called on and what it is given; null for anything else. */
export function methodCall(node: Syntax): { name: string; on: Syntax; given: Syntax[] } | null {
  const callee = node.type === "CallExpression" ? part(node, "callee") : null;
  if (callee?.type !== "MemberExpression" || callee["computed"] === true || callee["optional"] === true) return null;
  const [on, property] = [part(callee, "object"), part(callee, "property")];
  if (on === null || property?.type !== "Identifier") return null;
  return { name: String(property["name"]), on, given: parts(node, "arguments") };
}

/** The node without the parentheses around it. */
export const bare = (node: Syntax): Syntax => {
  const inner = node.type === "ParenthesizedExpression" ? part(node, "expression") : null;
  return inner === null ? node : bare(inner);
};
