import { setFlagsFromString } from "node:v8";
import { expect, it } from "vitest";
import { matchesGlob } from "../../src/policy/glob.ts";
import { globFault, regexFault } from "../../src/policy/patterns.ts";

// As the command does it (`src/cli.ts`).
setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");

it.each([
  ["data/**", null],
  ["**/*.{yaml,yml}", null],
  ["web*.*.example.*", null],
  ["*a*a*a/*b*b*b", null],
  ["data/*a*a*a*b", "has more than 3 stars in one name"],
  ["*a*a*a*b", "has more than 3 stars in one name"],
  ["{a,b}".repeat(8), null],
  ["{a,b}".repeat(9), "stands for more than 256 patterns by its braces"],
  [`{${"{a,b},".repeat(300)}c}`, "stands for more than 256 patterns by its braces"],
  ["+(a|aa|+(a|aa))b", "has a parenthesis behind a mark, as extended patterns have, which mean nothing here: write braces"],
  ["@(data|site)/**", "has a parenthesis behind a mark, as extended patterns have, which mean nothing here: write braces"],
  ["docs/a(1).md", null],
  [`}${"{a,b}".repeat(9)}`, "stands for more than 256 patterns by its braces"],
  [`}{${"a,".repeat(300)}}`, "stands for more than 256 patterns by its braces"],
  [`{${"a,".repeat(300)}`, "stands for more than 256 patterns by its braces"],
  [`{a,b}{${"a,".repeat(200)}`, "stands for more than 256 patterns by its braces"],
  ["a,b,c}".repeat(100), null],
  ["{1..100000}", "stands for more than 256 patterns by its braces"],
])("a pattern of paths: %s", (pattern, fault) => {
  expect(globFault(pattern)).toBe(fault);
});

it("has no more ways to write a pattern than are told", () => {
  expect(matchesGlob("aab", "+(a|aa|+(a|aa))b")).toBe(false);
});

it.each([
  ["^(a+)+$", null],
  ["^(a|aa)+$", null],
  [".*a.*a.*a.*a.*a.*b", null],
  ["^[0-9a-f]{40}$", null],
  ["^(?:a{2}){8}$", null],
  ["[(?=]{40}", null],
  ["^(?:a{0,50}){20}$", "repeats by counts that stand for more than 16 copies, among other repetitions"],
  ["a{0,50}a{0,50}a{0,50}b", "repeats by counts that stand for more than 16 copies, among other repetitions"],
  ["a{17}c", null],
  ["a{17}b+", null],
  ["a{17}b+c+", "repeats by counts that stand for more than 16 copies, among other repetitions"],
  ["a{16}b+c+", null],
  ["a{0}b{16}c+d+", null],
  ["a{0}b{17}c+d+", "repeats by counts that stand for more than 16 copies, among other repetitions"],
  ["a{3,}b{6}c+", "repeats by counts that stand for more than 16 copies, among other repetitions"],
  ["a{17,}c", null],
  ["(?:ab){17}", "repeats by counts that stand for more than 16 copies, among other repetitions"],
  ["a{17}\\+\\*", null],
  ["(?<!x)a", "looks ahead or behind, which RE2 has not"],
  ["(a)\\1", "refers back to a group, which RE2 has not"],
])("a regular expression: %s", (pattern, fault) => {
  expect(regexFault(pattern)).toBe(fault);
  // What is let through ends, whatever it meets: a test that hangs is one that fails.
  const isTried = fault === null && new RegExp(pattern).test(`${"a".repeat(4000)}!`);
  expect(isTried).toBe(false);
});
