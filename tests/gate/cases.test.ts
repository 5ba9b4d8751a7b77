import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import type { Case } from "./cases/case.ts";
import { checks } from "./cases/checks.ts";
import { content } from "./cases/content.ts";
import { elsewhere } from "./cases/elsewhere.ts";
import { identity } from "./cases/identity.ts";
import { merge } from "./cases/merge.ts";
import { plumbing } from "./cases/plumbing.ts";
import { reviews } from "./cases/reviews.ts";
import { expects, expectsWords, numbersCase, titledTests, type Titled } from "./titles.ts";
import { facts, memory } from "./world.ts";

/** The catalogue of what a correct self-merge gate must get right: eighty cases, each with the verdict and the words that people read. */
const families: Record<string, readonly Case[]> = { identity, reviews, content, checks, merge, plumbing };
const here = Object.values(families).flat();

describe.each(Object.entries(families))("%s", (_name, cases) => {
  it.each(cases)("case $case: $title", ({ given = {}, remembered = {}, verdict, rule, outcome, says, answers = [], lands }) => {
    const decision = decide(facts(given), memory(remembered));
    expect(decision.verdict.reasons.find((reason) => reason.rule === rule)).toMatchObject({ rule, outcome, text: says });
    expect(decision.verdict.outcome).toBe(verdict);
    expect(decision.answers.map(({ text }) => text)).toEqual(answers);
    expect(decision.land !== null).toBe(lands === true);
  });
});

describe("the catalogue", () => {
  const numbers = Array.from({ length: 80 }, (_, at) => at + 1);
  const root = join(import.meta.dirname, "..", "..");
  const testsOf = (file: string, number: number): Titled[] => {
    const path = join(root, file);
    return existsSync(path) ? titledTests(readFileSync(path, "utf8")).filter(({ title }) => numbersCase(title, number)) : [];
  };

  it("has an entry for every case", () => {
    const entries = new Set([...here, ...elsewhere].map((entry) => entry.case));
    expect(numbers.filter((number) => !entries.has(number))).toEqual([]);
    expect([...entries].filter((number) => !numbers.includes(number))).toEqual([]);
  });

  it.each(elsewhere)("case $case: $title, in $files", ({ case: number, files }) => {
    expect(files.filter((file) => !testsOf(file, number).some(expects))).toEqual([]);
    expect(files.flatMap((file) => testsOf(file, number)).some(expectsWords)).toBe(true);
  });

  it.each([
    ["a comment", '// case 7: said here\n/** case 7: and here */\nit("else", () => {\n  expect(1).toBe(1);\n});\n', []],
    ["a title", 'it("case 7: x", () => {\n  expect(said).toContain("words");\n});\n', [[true, true]]],
    ["a title for several", 'it("case 6 and 7: x", () => {\n  expect(said).toContain("words");\n});\n', [[true, true]]],
    ["another case", 'it("case 77: x", () => {\n  expect(said).toContain("words");\n});\n', []],
    [
      "a test of nothing",
      'it("case 7: x", () => {\n  act();\n});\nit("y", () => {\n  expect(said).toBe("words");\n});\n',
      [[false, false]],
    ],
    ["a test without words", 'it("case 7: x", () => {\n  expect(count).toBe(1);\n});\n', [[true, false]]],
    ["a row", 'it.each([\n  ["case 7: x", 1, "words"],\n])("%s", (_, n, words) => {\n  expect(say(n)).toBe(words);\n});\n', [[true, true]]],
    ["a row that nothing is done with", 'const table = [\n  ["case 7: x", 1, "words"],\n];\n', [[false, false]]],
  ])("knows %s in a test file", (_, source, found) => {
    const tests = titledTests(source).filter(({ title }) => numbersCase(title, 7));
    expect(tests.map((test) => [expects(test), expectsWords(test)])).toEqual(found);
  });
});
