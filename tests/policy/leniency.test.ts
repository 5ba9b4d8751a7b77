import { expect, it } from "vitest";
import { isLike } from "../../src/policy/leniency.ts";

it.each<[string, string, boolean]>([
  ["abc", "abc", true],
  ["abc", "ab", false],
  ["", "", true],
  ["", "*", true],
  ["a\nb", "a*b", true],
  ["abc", "*", true],
  ["abc", "a*", true],
  ["abc", "*c", true],
  ["abc", "b*", false],
  ["abc", "*b", false],
  // A text is not taken twice, by the beginning and by the end.
  ["aba", "ab*ba", false],
  ["abba", "ab*ba", true],
  ["ab", "a*b*b", false],
  ["abb", "a*b*b", true],
  ["xab", "*x*b", true],
  ["xab", "*xa*ab", false],
  ["ab", "*a*b*", true],
  ["ba", "*a*b*", false],
  ["aab", "*ab*b", false],
  ["a.c", "a?c", false],
])("%j is like %j: %s", (text, like, expected) => {
  expect(isLike(text, like)).toBe(expected);
});
