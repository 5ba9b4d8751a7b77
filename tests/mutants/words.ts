import { bare, below, part, parts, type Syntax } from "./syntax.ts";

/**
 * What only changes a text that people read is no mutant: which words stand there is no question of safety, and tests that pin each would
 * only hinder whoever betters them.
 */

/** Files that only put words together, below `src/`. */
export const wordFiles: readonly string[] = [
  "gate/brief.ts",
  "gate/explain.ts",
  "gate/module-words.ts",
  "gate/phrases.ts",
  // What might have been meant by a word that the policy does not know.
  "policy/nearest.ts",
];

/** Functions of `src/gate` that only make words of what they are given. */
const wordMakers = new Set(["clipped", "counted", "list", "short", "shownDay", "shownInstant"]);

/** Two words next to each other make a text that people read; a key, a path or a name has none. */
const isSentence = (text: string): boolean => /\p{L}{2,}[,:;]? \p{L}|\p{L} \p{L}{2,}/u.test(text);

const isText = ({ type, value }: Syntax): boolean => type === "TemplateLiteral" || (type === "Literal" && typeof value === "string");

/** The fixed pieces of a text. */
const piecesOf = (node: Syntax): string =>
  node.type === "TemplateLiteral"
    ? parts(node, "quasis")
        .map((quasi) => (quasi["value"] as { cooked?: string }).cooked ?? "")
        .join("x")
    : String(node["value"]);

const isWords = (node: Syntax): boolean => isText(node) && isSentence(piecesOf(node));

/** Whether nothing but words depends on what happens below this node. */
export function onlyWords(found: Syntax): boolean {
  const node = bare(found);
  if (isWords(node)) return true;
  if (node.type === "CallExpression") return wordMakers.has(String(part(node, "callee")?.["name"]));
  if (node.type === "ConditionalExpression") return endsOf(node).every(isText) && endsOf(node).some(isPlural);
  if (node.type === "ArrayExpression") return below(node).length > 0 && below(node).every(onlyWords);
  if (node.type === "LogicalExpression" && node["operator"] === "??") return endsOf(node).slice(1).every(isWords);
  return false;
}

function endsOf(node: Syntax): Syntax[] {
  const ends = [part(node, "consequent") ?? part(node, "left"), part(node, "alternate") ?? part(node, "right")];
  return ends.flatMap((end) => (end === null ? [] : [bare(end)]));
}

/** Empty, a plural's ending, or words. */
const isPlural = (node: Syntax): boolean => isWords(node) || ["", "s", "es", "is", "are", "it", "them"].includes(piecesOf(node));
