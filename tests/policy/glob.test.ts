import { expect, it } from "vitest";
import { matchesGlob } from "../../src/policy/glob.ts";

it.each<[string, string, boolean]>([
  ["data/common.yaml", "data/*", true],
  ["data/a/b.yaml", "data/*", false],
  ["data/a/b.yaml", "data/**", true],
  ["data/a.yaml", "data/?.yaml", true],
  ["data/ab.yaml", "data/?.yaml", false],
  ["Data/a", "data/*", false],
  [".github/.hidden/x", "**", true],
  [".hidden", "*", true],
  ["a.rb", "*.{rb,erb}", true],
  ["b", "[ab]", true],
  // Marks that mean something to others are letters here.
  ["#a", "#a", true],
  ["a", "!b", false],
  ["!b", "!b", true],
  ["aa", "+(a)", false],
  ["+(a)", "+(a)", true],
  ["a\\b", "a\\\\b", true],
])("%s is like %s: %s", (path, pattern, expected) => {
  expect(matchesGlob(path, pattern)).toBe(expected);
});

it("answers alike when it is asked again, and after more patterns than it keeps", () => {
  const patterns = Array.from({ length: 1001 }, (_, at) => `a${at}*`);
  const asked = (): boolean[] => patterns.map((pattern, at) => matchesGlob(`a${at}`, pattern) && !matchesGlob(`b${at}`, pattern));
  expect([...asked(), ...asked()].every(Boolean)).toBe(true);
});
