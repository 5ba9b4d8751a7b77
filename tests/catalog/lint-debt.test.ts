import type { Unplaced } from "../../src/catalog/finding.ts";
import { describe, expect, it } from "vitest";

import { type ChangedLines, compareLint } from "../../src/catalog/lint-debt.ts";

const finding = (path: string, line: number | null, code = "140chars", severity: Unplaced["severity"] = "warning"): Unplaced => ({
  check: "lint",
  severity,
  path,
  line,
  column: 1,
  code,
  message: `${code} here`,
});

interface Case {
  name: string;
  /** Path to text, on either side. */
  base?: Record<string, string>;
  head: Record<string, string>;
  oldPath?: string;
  /** Numbers of the lines that the change adds to `a.pp`. */
  added: number[];
  baseFindings: Unplaced[];
  headFindings: Unplaced[];
  /** `line code`, with `!` where it is on a changed line. */
  introduced: string[];
  debt: number;
}

const cases: Case[] = [
  {
    name: "what base has too is debt, on another line as well",
    base: { "a.pp": "long\n" },
    head: { "a.pp": "new\n\nlong\n" },
    added: [1, 2],
    baseFindings: [finding("a.pp", 1)],
    headFindings: [finding("a.pp", 3)],
    introduced: [],
    debt: 1,
  },
  {
    name: "a line that was only indented anew is debt",
    base: { "a.pp": "long\n" },
    head: { "a.pp": "if $x {\n  long\n}\n" },
    added: [1, 2, 3],
    baseFindings: [finding("a.pp", 1)],
    headFindings: [finding("a.pp", 2)],
    introduced: [],
    debt: 1,
  },
  {
    name: "the same fault in another text is new",
    base: { "a.pp": "long\n" },
    head: { "a.pp": "longer\n" },
    added: [1],
    baseFindings: [finding("a.pp", 1)],
    headFindings: [finding("a.pp", 1)],
    introduced: ["1 140chars !"],
    debt: 0,
  },
  {
    name: "of two equal ones the one on the changed line is new",
    base: { "a.pp": "long\n" },
    head: { "a.pp": "long\nlong\n" },
    added: [1],
    baseFindings: [finding("a.pp", 1)],
    headFindings: [finding("a.pp", 1), finding("a.pp", 2)],
    introduced: ["1 140chars !"],
    debt: 1,
  },
  {
    name: "another code on the same line is new",
    base: { "a.pp": "long\n" },
    head: { "a.pp": "long\n" },
    added: [],
    baseFindings: [finding("a.pp", 1)],
    headFindings: [finding("a.pp", 1), finding("a.pp", 1, "hard_tabs")],
    introduced: ["1 hard_tabs"],
    debt: 1,
  },
  {
    name: "a warning that became an error is new",
    base: { "a.pp": "long\n" },
    head: { "a.pp": "long\n" },
    added: [],
    baseFindings: [finding("a.pp", 1)],
    headFindings: [finding("a.pp", 1, "140chars", "error")],
    introduced: ["1 140chars"],
    debt: 0,
  },
  {
    name: "a renamed file brings its debt along",
    base: { "old.pp": "long\n" },
    head: { "a.pp": "long\n" },
    oldPath: "old.pp",
    added: [],
    baseFindings: [finding("old.pp", 1)],
    headFindings: [finding("a.pp", 1)],
    introduced: [],
    debt: 1,
  },
  {
    name: "another file's debt is no excuse",
    base: { "b.pp": "long\n" },
    head: { "a.pp": "long\n" },
    added: [1],
    baseFindings: [finding("b.pp", 1)],
    headFindings: [finding("a.pp", 1)],
    introduced: ["1 140chars !"],
    debt: 0,
  },
  {
    name: "a finding about a whole file is compared without a line",
    head: {},
    added: [],
    baseFindings: [finding("a.pp", null, "SYNTAX_ERROR", "error")],
    headFindings: [finding("a.pp", null, "SYNTAX_ERROR", "error"), finding("a.pp", null, "ILLEGAL_BOM", "error")],
    introduced: ["null ILLEGAL_BOM"],
    debt: 1,
  },
  {
    name: "what could not be checked on either side is unknown, not old",
    head: {},
    added: [],
    baseFindings: [finding("a.pp", null, "unchecked-size", "error")],
    headFindings: [finding("a.pp", null, "unchecked-size", "error")],
    introduced: ["null unchecked-size"],
    debt: 0,
  },
  {
    name: "a line whose text is not at hand can't be excused",
    base: { "a.pp": "long\n" },
    head: {},
    added: [],
    baseFindings: [finding("a.pp", 1)],
    headFindings: [finding("a.pp", 1)],
    introduced: ["1 140chars"],
    debt: 0,
  },
  {
    name: "notices are no debt",
    base: { "a.pp": "long\n" },
    head: { "a.pp": "long\n" },
    added: [],
    baseFindings: [finding("a.pp", 1, "140chars", "notice")],
    headFindings: [finding("a.pp", 1, "140chars", "notice")],
    introduced: [],
    debt: 0,
  },
];

describe("compareLint", () => {
  it.each(cases)("$name", ({ base = {}, head, oldPath = null, added, baseFindings, headFindings, introduced, debt }) => {
    const changed: ChangedLines = { path: "a.pp", oldPath, status: oldPath === null ? "modified" : "renamed", added: new Set(added) };
    const texts = { base: new Map(Object.entries(base)), head: new Map(Object.entries(head)) };
    const result = compareLint(baseFindings, headFindings, [changed], texts);
    expect(result.introduced.map(({ line, code, onChangedLine }) => `${line} ${code}${onChangedLine ? " !" : ""}`)).toEqual(introduced);
    expect(result.debt).toBe(debt);
  });

  it("keeps the order of head's findings", () => {
    const texts = { base: new Map(), head: new Map([["a.pp", "one\ntwo\n"]]) };
    const changed: ChangedLines = { path: "a.pp", oldPath: null, status: "modified", added: new Set([1]) };
    const result = compareLint([], [finding("a.pp", 1), finding("a.pp", 2)], [changed], texts);
    expect(result.introduced.map(({ line }) => line)).toEqual([1, 2]);
  });
});
