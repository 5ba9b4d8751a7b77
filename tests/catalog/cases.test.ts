import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expects, numbersCase, titledTests } from "../gate/titles.ts";
import { catalogCases } from "./cases.ts";

const root = join(import.meta.dirname, "..", "..");

/** Rows of tables whose titles are made of a number and words, as far as something is expected of each row. */
const rows = [
  { form: /\bn: (\d+),\s+what: "/gu, table: /\)\("case \$n: \$what", [\s\S]*?expect\(/u },
  { form: /\bsame\(\s*(\d+),\s+"/gu, table: /\)\("case \$n: \$what", [\s\S]*?expect\(/u },
  { form: /\bwhat: "case ([\d, and]+): /gu, table: /\)\("\$what[^"]*", [\s\S]*?expect\(/u },
];

/** The numbers of the cases that a file's tests name and expect something of. */
function numbersIn(source: string): Set<number> {
  const named = rows.flatMap(({ form, table }) =>
    table.test(source) ? [...source.matchAll(form)].flatMap(([, numbers = ""]) => numbers.match(/\d+/gu) ?? []) : [],
  );
  const titled = titledTests(source).filter(expects);
  const all = catalogCases.map((each) => each.case);
  return new Set([...named.map(Number), ...all.filter((number) => titled.some(({ title }) => numbersCase(title, number)))]);
}

const known = new Map<string, Set<number>>();
const inFile = (file: string): Set<number> => {
  const path = join(root, file);
  const found = known.get(file) ?? (existsSync(path) ? numbersIn(readFileSync(path, "utf8")) : new Set<number>());
  known.set(file, found);
  return found;
};

describe("the cases of catalogs", () => {
  it("are 68, each once", () => {
    expect(catalogCases.map((each) => each.case)).toEqual(Array.from({ length: 68 }, (_, at) => at + 1));
  });

  it.each(catalogCases)("case $case: $title, in $files", ({ case: number, files }) => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !inFile(file).has(number))).toEqual([]);
  });

  it.each([
    [
      "a row of a table",
      'const t = [{ n: 7, what: "x", expected: [] }];\nit.each(t)("case $n: $what", () => {\n  expect(1).toBe(1);\n});\n',
      [7],
    ],
    ["a row that nobody tests", 'const t = [{ n: 7, what: "x", expected: [] }];\n', []],
    [
      "a row that says that nothing differs",
      'same(7, "x", [], []);\nit.each(t)("case $n: $what", () => {\n  expect(1).toBe(1);\n});\n',
      [7],
    ],
    ["a title for two", 'it("case 6 and 7: x", () => {\n  expect(1).toBe(1);\n});\n', [6, 7]],
    ["a test of nothing", 'it("case 7: x", () => {\n  act();\n});\n', []],
    ["a comment", '// case 7: x\nit("else", () => {\n  expect(1).toBe(1);\n});\n', []],
  ])("knows %s", (_, source, numbers) => {
    expect([...numbersIn(source)]).toEqual(numbers);
  });
});
