import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { judge } from "../../src/gate/evaluate.ts";
import { known } from "../../src/gate/facts.ts";
import { parseCodeowners, ownersOf } from "../../src/policy/codeowners.ts";
import { checkCondition } from "../../src/policy/cel.ts";
import { matchKind, whenKind } from "../../src/policy/conditions.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import type { Requirement } from "../../src/policy/requirement.ts";
import { evaluateWhen } from "../../src/policy/when.ts";
import { doneWith, facts } from "../gate/world.ts";
import { countInputs, fuzz } from "./harness.ts";
import { trickyName, trickyText } from "./hostile.ts";

/** Policy files: each is a policy, or problems that say where and what; and none that was not meant to lets a change in that nobody looked at. */
countInputs("policies");

const root = join(import.meta.dirname, "..", "..", "policies");
const folders = readdirSync(root).filter((name) => name !== "expectations");
const shipped = folders.map((name) => readFileSync(join(root, name, "puppet-gate.yml"), "utf8"));

const odd = fc.constantFrom(
  "~",
  ".inf",
  "-.nan",
  "0x1F",
  "0o17",
  "1_000",
  "-0",
  "1e999",
  "yes",
  "{}",
  "[]",
  "''",
  '"\\0"',
  "!!binary aGk=",
  "!!set {a}",
  "!!js/function 'x'",
  "&a [*a]",
  "*nobody",
  "{<<: *nobody}",
  "2026-13-45",
  "12:30:45",
  "|\n  x",
  ">-\n  x",
  "? x",
  "- -",
  "@x",
  "`x`",
  "%x",
  "null",
  "[1, 'a', {b: c}]",
  "{__proto__: {x: 1}}",
  "{constructor: {prototype: {x: 1}}}",
  '"true"',
  "'radius.nodes > -1'",
  "'true || radius.nodes > 1'",
  "99999999999999999999",
);

interface Cut {
  at: number;
  how: "drop" | "twice" | "swap" | "value" | "key" | "indent" | "char" | "insert";
  text: string;
}
const cuts = fc.array(
  fc.record({
    at: fc.nat(100_000),
    how: fc.constantFrom<Cut["how"]>("drop", "twice", "swap", "value", "value", "value", "key", "indent", "char", "insert"),
    text: fc.oneof({ weight: 5, arbitrary: odd }, { weight: 2, arbitrary: trickyName }, trickyText),
  }),
  { minLength: 1, maxLength: 4 },
);

function cut(text: string, { at, how, text: put }: Cut): string {
  const lines = text.split("\n");
  const place = at % lines.length;
  const line = lines[place] ?? "";
  const whole = (more: readonly string[]): string => lines.toSpliced(place, 1, ...more).join("\n");
  if (how === "drop") return whole([]);
  if (how === "twice") return whole([line, line]);
  if (how === "swap") return whole([lines[place + 1] ?? "", line]);
  if (how === "value") return whole([line.includes(":") ? line.replace(/:.*$/u, () => `: ${put}`) : put]);
  if (how === "key") return whole([line.replace(/[\w-]+:/u, () => `${put}:`)]);
  if (how === "indent") return whole([` ${line}`]);
  if (how === "insert") return whole([line, `${/^ */u.exec(line)?.[0] ?? ""}${put}`]);
  return whole([`${line.slice(0, at % (line.length + 1))}${put.slice(0, 3)}${line.slice(at % (line.length + 1))}`]);
}
const mutated = fc.tuple(fc.constantFrom(...shipped), cuts).map(([text, all]) => all.reduce(cut, text));

/** What grows when it is read, or goes deep. */
const bombs = fc
  .tuple(
    fc.constantFrom("aliases", "flow", "maps", "lists", "questions", "keys", "documents", "comments", "quotes", "merges"),
    fc.nat(2_500),
  )
  .map(([kind, size]) => {
    const times = (part: string): string => part.repeat(size);
    if (kind === "aliases")
      return `a0: &a0 [x, x]\n${Array.from({ length: Math.min(size, 60) }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]\n`).join("")}version: 1\n`;
    if (kind === "merges")
      return `a0: &a0 {x: 1}\n${Array.from({ length: Math.min(size, 60) }, (_, at) => `a${at + 1}: &a${at + 1} {<<: [*a${at}, *a${at}]}\n`).join("")}version: 1\n`;
    if (kind === "flow") return `version: ${times("[")}${times("]")}`;
    if (kind === "maps")
      return Array.from({ length: size }, (_, at) => `${" ".repeat(at)}a:`)
        .join("\n")
        .slice(0, 500_000);
    if (kind === "lists") return `rules:\n${times("- ")}x`;
    if (kind === "questions") return times("? ");
    if (kind === "keys") return `version: 1\n${Array.from({ length: size }, (_, at) => `k${at}: 1`).join("\n")}`;
    if (kind === "documents") return times("---\nversion: 1\n");
    if (kind === "comments") return times("# x\n  #\n");
    return `version: "${times('\\"')}`;
  });

const policyText = fc.oneof({ weight: 12, arbitrary: mutated }, { weight: 1, arbitrary: bombs }, { weight: 1, arbitrary: trickyText });

fuzz("a file is a policy, or problems with their places", policyText, 8_000, (text) => {
  const loaded = loadPolicy(text, "policy.yml");
  if (!loaded.ok) {
    if (loaded.problems.length === 0) throw new Error("refused without a word");
    for (const { line, column, text: words, hint } of loaded.problems)
      if (!(line >= 1 && column >= 1) || words === "" || hint === "") throw new Error(`a problem without place or words: ${words}`);
    return;
  }
  const { policy } = loaded;
  // What nobody has looked at passes only where the file asks nobody, or for something else that is there.
  const outcome = judge(facts({ reviews: known([]), check: doneWith(policy) })).outcome;
  if (
    outcome === "pass" &&
    policy.mode === "enforce" &&
    policy.rules.some((rule) => rule.mode === "enforce" && rule.when === "true" && asksPeople(rule.require))
  )
    throw new Error("it passes what it asks people to approve");
});

/** Whether nobody's approval leaves it unmet, whatever else is so. */
function asksPeople(require: Requirement): boolean {
  if ("all" in require) return require.all.some(asksPeople);
  if ("any" in require) return require.any.every(asksPeople);
  return "approvals" in require && require.approvals.count > 0;
}

it("the shipped ones ask somebody, so that the property above says something", () => {
  const asking = shipped.filter((text) => {
    const loaded = loadPolicy(text, "policy.yml");
    return loaded.ok && loaded.policy.rules.some(({ when, require }) => when === "true" && asksPeople(require));
  });
  expect(asking.length).toBeGreaterThan(2);
});

const variable = fc.oneof({ weight: 6, arbitrary: fc.constantFrom("change", "radius", "groups", "findings", "g", "f", "p") }, trickyName);
const field = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "author",
      "labels",
      "paths",
      "base",
      "fork",
      "nodes",
      "share",
      "services",
      "restarts",
      "type",
      "title",
      "size",
      "code",
      "concerns",
    ),
  },
  trickyName,
);
const literal = fc.constantFrom(
  "1",
  "-1",
  "1.5",
  "1e400",
  "9223372036854775808",
  "'x'",
  '"\\u0000"',
  "true",
  "null",
  "[]",
  "{}",
  "[1, 'a']",
  "{'__proto__': 1}",
  "b'x'",
  "r'\\d'",
  "1u",
  "duration('1s')",
  "timestamp('x')",
  "type(1)",
);
const expression: fc.Arbitrary<string> = fc.letrec<{ any: string; leaf: string }>((tie) => {
  const two = fc.tuple(tie("any"), tie("any"));
  return {
    leaf: fc.oneof(
      literal,
      variable,
      fc.tuple(variable, field).map(([of, name]) => `${of}.${name}`),
      trickyText.map((text) => text.slice(0, 60)),
    ),
    any: fc.oneof(
      { maxDepth: 4 },
      tie("leaf"),
      fc
        .tuple(two, fc.constantFrom("&&", "||", "==", "!=", "<", ">=", "+", "-", "*", "/", "%", "in", "?", ","))
        .map(([[a, b], op]) => `${a} ${op} ${b}`),
      fc.tuple(tie("any"), field).map(([a, name]) => `${a}.${name}`),
      two.map(([a, b]) => `${a}[${b}]`),
      fc
        .tuple(tie("any"), variable, tie("any"), fc.constantFrom("exists", "all", "map", "filter", "exists_one"))
        .map(([list, name, body, macro]) => `${list}.${macro}(${name}, ${body})`),
      fc
        .tuple(tie("any"), fc.constantFrom("size", "matches", "startsWith", "contains", "glob", "toString", "constructor"), tie("any"))
        .map(([a, name, b]) => `${a}.${name}(${b})`),
      tie("any").map((a) => `has(${a})`),
      tie("any").map((a) => `!(${a})`),
      two.map(([a, b]) => `(${a}) ? (${b}) : (${a})`),
      fc.tuple(fc.constantFrom("(", "[", "!", "-", "{'a':", "a.", "a["), fc.nat(3000)).map(([part, times]) => part.repeat(times)),
    ),
  };
}).any;

const input = {
  change: {
    author: known("alice"),
    labels: known(["urgent", "__proto__"]),
    paths: known(["data/a.yaml", "a".repeat(40), "constructor"]),
    base: known("main"),
    fork: known(false),
    policy: known("same"),
    links: known([]),
  },
  radius: known({
    nodes: 2,
    share: 0.1,
    services: ["web"],
    datacentres: ["lon"],
    restarts: [{ type: "Service", title: "web", nodes: 1, cause: "x" }],
    size: "small",
  }),
  groups: known([
    { type: "File", title: "/etc/motd", attribute: "content", change: "changed", kind: "system", nodes: ["web01"], source: null },
  ]),
  findings: known([{ check: "lint", severity: "error", path: null, code: "tabs", message: "a tab", onChangedLine: true }]),
} as unknown as Parameters<typeof evaluateWhen>[1];

fuzz("a condition is refused with its place, or is true, false or unknown", expression, 14_000, (text) => {
  for (const kind of [whenKind, matchKind]) {
    const error = checkCondition(text, kind);
    if (error !== null && (error.text === "" || !(error.at >= 0))) throw new Error("refused without place or words");
    if (error === null && kind === whenKind) {
      const value = evaluateWhen(text, input);
      if (value.known && typeof value.value !== "boolean") throw new Error(`it gives ${typeof value.value}`);
    }
  }
});

const ownerLine = fc
  .tuple(
    fc.oneof(trickyText, fc.constantFrom("*", "/a/", "a/**/b", "*a*a*a*a*a*b", "**/**/**/x", "a/*", "\\ x", "[a]", "!x", "a#b")),
    fc.constantFrom(" @ann", " @acme/web", " x@y.z", " ann", "", " # x", " @"),
  )
  .map((parts) => parts.join(""));
fuzz(
  "a CODEOWNERS file names owners, or problems with their lines",
  fc.array(ownerLine, { maxLength: 8 }).map((lines) => lines.join("\n")),
  2_000,
  (text) => {
    const parsed = parseCodeowners(text);
    if (parsed.ok) for (const path of ["a", `${"a".repeat(60)}/b`, "a/b/c/x", "__proto__", "docs/ x"]) ownersOf(parsed.codeowners, path);
    else if (parsed.problems.length === 0) throw new Error("refused without a word");
  },
);
