import { bare, methodCall, part, parts, type Syntax } from "./syntax.ts";

/** What may stand in a node's place, with the kind of slip that it is. */
export interface Alternative {
  kind: string;
  text: string;
}

export interface Place {
  node: Syntax;
  text: (node: Syntax) => string;
  /** The node decides which way is taken: the test of an `if`, of a loop, of `?:`. */
  isTest: boolean;
  /** It is a side of `&&` or `||` in such a test. */
  isSide: boolean;
  /** The test of a loop: always true would never end. */
  isLoop: boolean;
  /** A statement of its own, for its effect. */
  isStatement: boolean;
}

type Mutator = (place: Place) => Alternative[];

/** All the slips that are tried at a node. */
export const alternatives = (place: Place): Alternative[] =>
  [...(byType[place.node.type] ?? []), tests, effects].flatMap((mutator) => mutator(place));

const none: Alternative[] = [];

/**
 * A test always holds, or never. Whoever sees one side of `&&` left out would see it always true, and of `||` always false, so that these two say
 * nothing more.
 */
const tests: Mutator = ({ node, isTest, isLoop }) => {
  if (!isTest || (node.type === "Literal" && typeof node["value"] === "boolean")) return none;
  const held = isLoop || node["operator"] === "&&" ? [] : ["true"];
  return [...held, ...(node["operator"] === "||" ? [] : ["false"])].map((text) => ({ kind: "test", text }));
};

/** What is done for its effect is not done. */
const effects: Mutator = ({ node, isStatement }) =>
  isStatement && node.type !== "Literal" ? [{ kind: "effect", text: "undefined" }] : none;

const swapped: Readonly<Record<string, { kind: string; others: readonly string[] }>> = {
  "<": { kind: "boundary", others: ["<=", ">="] },
  "<=": { kind: "boundary", others: ["<", ">"] },
  ">": { kind: "boundary", others: [">=", "<="] },
  ">=": { kind: "boundary", others: [">", "<"] },
  "===": { kind: "equality", others: ["!=="] },
  "!==": { kind: "equality", others: ["==="] },
  "-": { kind: "arithmetic", others: ["+"] },
  "*": { kind: "arithmetic", others: ["/"] },
  "/": { kind: "arithmetic", others: ["*"] },
  "%": { kind: "arithmetic", others: ["*"] },
};

const isNumber = (node: Syntax): boolean => {
  const inner = bare(node);
  if (inner.type === "Literal") return typeof inner["value"] === "number";
  return inner.type === "MemberExpression" && ["length", "size"].includes(String(part(inner, "property")?.["name"]));
};

const binary: Mutator = ({ node, text, isTest, isSide }) => {
  const [left, right, operator] = [part(node, "left"), part(node, "right"), String(node["operator"])];
  if (left === null || right === null) return none;
  if (operator === "+" && !isNumber(left) && !isNumber(right)) return none;
  const found = operator === "+" ? { kind: "arithmetic", others: ["-"] } : swapped[operator];
  if (found === undefined) return none;
  // Whatever sees a test that never holds, or one that always does, sees its opposite.
  const others =
    (isTest || isSide) && found.kind !== "arithmetic" ? found.others.slice(0, found.kind === "boundary" ? 1 : 0) : found.others;
  return others.map((other) => ({ kind: found.kind, text: `${text(left)} ${other} ${text(right)}` }));
};

/** One side of `&&`, `||` or `??` is left out. */
const logical: Mutator = ({ node, text }) => {
  const [left, right] = [part(node, "left"), part(node, "right")];
  if (left === null || right === null) return none;
  const kind = node["operator"] === "??" ? "default" : "condition";
  // Where the left side is of the same operator, its own sides are left out one by one.
  const isChain = left.type === "LogicalExpression" && left["operator"] === node["operator"];
  return [{ kind, text: text(left) }, ...(isChain ? none : [{ kind, text: text(right) }])];
};

const unary: Mutator = ({ node, text, isTest, isSide }) => {
  const inner = part(node, "argument");
  if (inner === null || !["!", "-"].includes(String(node["operator"])) || isTest || isSide) return none;
  return [{ kind: node["operator"] === "!" ? "negation" : "arithmetic", text: text(inner) }];
};

const literal: Mutator = ({ node, text, isTest }) => {
  const value = node["value"];
  if (typeof value === "boolean" && !isTest) return [{ kind: "boolean", text: String(!value) }];
  if (typeof value === "number") return [{ kind: "number", text: `${text(node)} + 1` }];
  if (node["regex"] === undefined) return none;
  const { pattern, flags } = node["regex"] as { pattern: string; flags: string };
  return [
    ...(pattern.startsWith("^") ? [{ kind: "anchor", text: `/${pattern.slice(1)}/${flags}` }] : none),
    ...(/(?<!\\)\$$/u.test(pattern) && pattern.length > 1 ? [{ kind: "anchor", text: `/${pattern.slice(0, -1)}/${flags}` }] : none),
    ...(flags.includes("i") ? [{ kind: "anchor", text: `/${pattern}/${flags.replace("i", "")}` }] : none),
  ].filter((made) => !made.text.startsWith("//"));
};

const array: Mutator = ({ node, text }) => {
  const elements = parts(node, "elements");
  if (elements.length === 0) return none;
  const isList = elements.length > 1 && elements.every(({ type, value }) => type === "Literal" && typeof value === "string");
  const without = (left: Syntax): string => `[${elements.flatMap((one) => (one === left ? [] : [text(one)])).join(", ")}]`;
  return [{ kind: "emptied", text: "[]" }, ...(isList ? elements.map((left) => ({ kind: "element", text: without(left) })) : none)];
};

/** A method that does the opposite, or nearly the same. */
const twins = new Map([
  ["some", "every"],
  ["every", "some"],
  ["startsWith", "endsWith"],
  ["endsWith", "startsWith"],
  ["find", "findLast"],
  ["findLast", "find"],
]);

const mathTwins = new Map([
  ["min", "max"],
  ["max", "min"],
  ["floor", "ceil"],
  ["ceil", "floor"],
]);

/** Methods without which a value is as it was. */
const passed = new Set(["filter", "slice", "sort", "toSorted", "reverse", "toReversed", "trim", "toLowerCase", "trimEnd", "trimStart"]);

/** What a schema demands, or adds. */
const demands = new Set(
  "min max int positive nonnegative nonempty length regex refine superRefine check strict optional nullable default trim".split(" "),
);

const answers = new Set(["includes", "has", "test", "startsWith", "endsWith", "some", "every", "equals"]);

const call: Mutator = ({ node, text, isTest, isSide }) => {
  const called = methodCall(node);
  if (called === null) return none;
  const { name, on, given } = called;
  const all = given.map(text).join(", ");
  const other = (on.type === "Identifier" && on["name"] === "Math" ? mathTwins : twins).get(name);
  const isSchema = demands.has(name) && text(on).startsWith("z.");
  return [
    ...(other === undefined ? none : [{ kind: "method", text: `${text(on)}.${other}(${all})` }]),
    ...(passed.has(name) || isSchema ? [{ kind: isSchema ? "schema" : "method", text: text(on) }] : none),
    ...(answers.has(name) && !isTest && !isSide ? ["true", "false"].map((answer) => ({ kind: "answer", text: answer })) : none),
  ];
};

const assignment: Mutator = ({ node, text }) => {
  const [left, right, operator] = [part(node, "left"), part(node, "right"), String(node["operator"])];
  if (left === null || right === null || !["+=", "-="].includes(operator) || (operator === "+=" && !isNumber(right))) return none;
  return [{ kind: "arithmetic", text: `${text(left)} ${operator === "+=" ? "-=" : "+="} ${text(right)}` }];
};

const byType: Readonly<Record<string, Mutator[]>> = {
  BinaryExpression: [binary],
  LogicalExpression: [logical],
  UnaryExpression: [unary],
  Literal: [literal],
  ArrayExpression: [array],
  CallExpression: [call],
  AssignmentExpression: [assignment],
};
