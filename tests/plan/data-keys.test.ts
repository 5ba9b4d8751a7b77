import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedKeys } from "../../src/plan/data-keys.ts";

describe("the keys of YAML data that differ", () => {
  const row = (what: string, before: string | null, after: string | null, expected: string[] | null) => ({ what, before, after, expected });
  it.each([
    row("nothing", "a: 1\n", "a: 1\n", []),
    row("a value", "a: 1\nb: 2\n", "a: 1\nb: 3\n", ["b"]),
    row("a key that comes, and one that goes", "a: 1\nb: 2\n", "a: 1\nc: 2\n", ["b", "c"]),
    row("the end of lines", "a: 1\nb:\n  - 2\n", "a: 1\r\nb:\r\n  - 2\r\n", []),
    row("the start of a document", "a: 1\n", "# words\n---\n\na: 1\n", []),
    row("comments and empty lines between keys", "a: 1\n\n# x\nb: 2\n", "a: 1\n# y\n\n\nb: 2\n# z\n", []),
    row("a comment behind a value", "a: 1 # x\nb: 2\n", "a: 1 # y\nb: 2\n", ["a"]),
    row("a list at the depth of its key", "a:\n- 1\n- x: 2\nb: 2\n", "a:\n- 1\n- x: 3\nb: 2\n", ["a"]),
    row("a quoted key", "'a b': 1\n\"c\": 2\n", "'a b': 2\n\"c\": 2\n", ["a b"]),
    row("the same key with quotes", "a::b: 1\n", "'a::b': 1\n", ["a::b"]),
    row("a file that comes", null, "a: 1\nb: 2\n", ["a", "b"]),
    row("a file that goes", "a: 1\n", null, ["a"]),
    row("an empty file that comes", null, "---\n", []),
    row("an empty hash that comes", null, "--- {}\n", []),
    row("text over several lines", "a: 'x\n  y'\nb: 1\n", "a: 'x\n  z'\nb: 1\n", ["a"]),
    row("a flow collection over several lines", "a: [1,\n  2]\nb: 1\n", "a: [1,\n  2]\nb: 2\n", ["b"]),
    row("a text with what looks like a key in its next line", "a: 'x\nb: y'\nc: 1\n", "a: 'x\nb: z'\nc: 1\n", null),
    row("such a text deeper down", 'a:\n  k: "x\nb: y"\n', 'a:\n  k: "x\nb: z"\n', null),
    row("a flow collection with what looks like a key in its next line", "a: {x: 1,\nb: 2}\n", "a: {x: 1,\nb: 3}\n", null),
    row("a block of text with quotes", "a: |\n  it's \"x\n  - [\nb: 1\n", "a: |\n  it's \"x\n  - [\nb: 2\n", ["b"]),
    row("what follows a block of text", "a: |\n  x\n\n\nb: 1\n", "a: |\n  x\nb: 1\n", []),
    row("what follows a block of text that keeps it", "a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\nb: 1\n", ["a"]),
    row("spaces at the end of a block of text", "a: |\n  x\n    \nb: 1\n", "a: |\n  x\n     \nb: 1\n", ["a"]),
    row("the end of a file that ends in a block of text", "b: 1\na: |\n  x", "b: 1\na: |\n  x\n", ["a"]),
    row("the end of a file that ends in a word", "b: 1\na: x", "b: 1\na: x\n", []),
    row("an anchor and its alias", "a: &x 1\nb: *x\n", "a: &x 2\nb: *x\n", null),
    row("an anchor in another key than the one that changes", "a: &x 1\nb: *x\nc: 1\n", "a: &x 1\nb: *x\nc: 2\n", null),
    row("a tag", "a: !x 1\n", "a: !x 2\n", null),
    row("a merged hash", "a: 1\n<<: {b: 1}\n", "a: 1\n<<: {b: 2}\n", null),
    row("a key that is there twice", "a: 1\na: 2\n", "a: 2\na: 1\n", null),
    row("a key that is a symbol to Ruby", ":a: 1\n", ":a: 2\n", null),
    row("a quoted one", "':a': 1\n", "':a': 2\n", null),
    row("a key that is no text", "yes: 1\n", "yes: 2\n", null),
    row("a key that is a number", "1: 1\n", "1: 2\n", null),
    row("several documents", "a: 1\n---\na: 2\n", "a: 1\n---\na: 3\n", null),
    row("a list", "- 1\n", "- 2\n", null),
    row("no YAML at the end", "a: 1\n", "a: 1: 2\n", null),
    row("no YAML deeper down", "a:\n  b: 1\n", "a:\n  b: 1\n c: 2\n", null),
    row("a tab for space", "a:\n  b: 1\n", "a:\n\tb: 1\n", null),
    row("a line that ends for Ruby alone", "a: 1\nb: 'x'\n", "a: 1\nb: 'x\u2028c: d'\n", null),
    row("a directive", "%YAML 1.1\n---\na: 1\n", "%YAML 1.1\n---\na: 2\n", null),
  ])("$what", ({ before, after, expected }) => {
    const keys = changedKeys("x.yaml", before, after);
    expect(keys === null ? null : [...keys]).toEqual(expected);
  });
});

describe("the keys of JSON data that differ", () => {
  const row = (what: string, before: string | null, after: string | null, expected: string[] | null) => ({ what, before, after, expected });
  it.each([
    row("white space", '{"a":1}', '{ "a" :\n1 }', []),
    row("a text with brackets", '{"a":"}{[,\\"","b":1}', '{"a":"}{[,\\"","b":2}', ["b"]),
    row("a deep value", '{"a":{"b":[1,{"c":2}]},"d":[]}', '{"a":{"b":[1,{"c":3}]},"d":[]}', ["a"]),
    row("the order of keys on top", '{"a":1,"b":2}', '{"b":2,"a":1}', []),
    row("the order of keys below", '{"a":{"1":1,"0":2}}', '{"a":{"0":2,"1":1}}', ["a"]),
    row("digits", '{"a":10000000000000001}', '{"a":10000000000000002}', ["a"]),
    row("a key by its escapes", '{"\\u0061":1}', '{"a":1}', []),
    row("a key that is there twice", '{"a":1,"a":2}', '{"a":2,"a":1}', null),
    row("a list", "[1]", "[2]", null),
    row("no JSON", '{"a":1}', '{"a":1,}', null),
    row("an empty object", "{}", '{"a":{}}', ["a"]),
    row("a file that goes", '{"a":[]}', null, ["a"]),
    row("what Ruby would not read", '{"a":1}', `{"a":${"[".repeat(100)}${"]".repeat(100)}}`, null),
  ])("$what", ({ before, after, expected }) => {
    const keys = changedKeys("x.json", before, after);
    expect(keys === null ? null : [...keys]).toEqual(expected);
  });
});

/** Pieces of which lines are made that people and generators write, and some that nobody should. */
const piece = fc.constantFrom(
  "a: ",
  "b: ",
  "c::d: ",
  "'e': ",
  "- ",
  "-",
  "  ",
  "    ",
  " ",
  "x",
  "1",
  "it's",
  '"',
  "'",
  "[",
  "]",
  "{",
  "}",
  ", ",
  ": ",
  ":",
  "|",
  ">",
  "|-",
  "|+",
  "# x",
  " #",
  "&p ",
  "*p",
  "!t ",
  "---",
  "...",
  "\t",
  "? ",
  "<<: ",
  "%",
  "@",
  "\\",
  '"q"',
  "'q'",
  "[1, 2]",
  "{k: v}",
  "~",
  "yes",
  "",
  "\r",
  ",",
  "->",
  "(",
  "=",
  "`",
);
const key = fc.constantFrom("a", "b", "c::d", "e", "f", "g");
const value = fc.constantFrom(
  " 1",
  " x y",
  " it's",
  ' "x"',
  " 'x: y'",
  " [1, {a: b}]",
  " {a: [b]}",
  "\n  - 1\n  - k: v\n    l: w",
  "\n- 1\n- 2",
  "\n  k: v\n  l:\n    - m",
  " # x\n  k: v",
  " |\n  t\n\n  'u",
  " >-\n  [t\n   u",
  " |+\n  t\n\n",
  " 'x\n  y'",
  ' "x\n  y"',
  " [1,\n  2]",
  " x\n  y",
  "",
  " ~",
  " 'x\ny'",
  ' "x\ny"',
  " [1,\n2]",
  " {a: 1,\nb: 2}",
  " |2\n    t",
  " -1",
);
const line = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(key, value).map(([name, text]) => `${name}:${text}`) },
  { weight: 1, arbitrary: fc.constantFrom("", "# c", "  # c", "    ", "  - 1", "  k: v", "- 1", "  y'", '  y"', "  2]") },
  { weight: 1, arbitrary: fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join("")) },
);
const file = fc.array(line, { maxLength: 5 });
const pair = fc.tuple(file, fc.nat(9), line, fc.nat(2), fc.boolean()).map(([items, at, other, kind, ends]) => {
  // A line within an item, or a whole item: taken away, put in, or put in the place of another.
  const lines = kind === 0 ? items : items.join("\n").split("\n");
  const edited = lines.toSpliced(at % (lines.length + 1), kind === 1 ? 0 : 1, ...(at === 7 ? [] : [other]));
  return [`${items.join("\n")}\n`, edited.join("\n") + (ends ? "\n" : "")] as const;
});

/** Of two parsed files, the keys with other values; null where one is no hash. */
function really(before: unknown, after: unknown): string[] | null {
  const isHash = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isHash(before) || !isHash(after)) return null;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
}

const lacks = (keys: ReadonlySet<string> | null, real: string[] | null): boolean =>
  keys !== null && (real === null || real.some((key) => !keys.has(key)));

describe("no key is missed", () => {
  it("by what Ruby makes of them", () => {
    const pairs = fc.sample(pair, Number(process.env["PLAN_PAIRS"] ?? 4000));
    const script = `require "json"; require "psych"
      read = ->(text) { begin; value = Psych.safe_load(text, permitted_classes: [Symbol], aliases: true); value.nil? || value == false ? {} : value; rescue StandardError, Psych::Exception; nil; end }
      show = ->(value) { value.is_a?(Hash) ? value.to_h { |key, item| [key.is_a?(Symbol) ? key.to_s : key, item.inspect] }.select { |key, _| key.is_a?(String) } : value.nil? ? nil : [] }
      puts JSON.generate(JSON.parse($stdin.read).map { |pair| pair.map { |text| show.(read.(text)) } })`;
    const answers = JSON.parse(
      execFileSync("ruby", ["-e", script], { input: JSON.stringify(pairs), maxBuffer: 1e9, encoding: "utf8" }),
    ) as unknown[][];
    const told = pairs.filter(([before, after]) => changedKeys("x.yaml", before, after) !== null);
    const missed = pairs.filter(([before, after], at) => {
      const [old, now] = answers[at] ?? [];
      return old !== null && lacks(changedKeys("x.yaml", before, after), really(old, now));
    });
    expect(missed.toSorted((a, b) => a.join().length - b.join().length).slice(0, 3)).toEqual([]);
    expect(told.length).toBeGreaterThan(pairs.length / 5);
  });
});

/** Texts that were made to take long. A test that hangs is one that fails. */
describe("a text of a megabyte", () => {
  const long = 2 ** 20;
  it.each([
    ["keys below one", `a:\n${Array.from({ length: long / 16 }, (_, at) => `  key${at}: 1\n`).join("")}`],
    ["escapes that are none", `a: "${String.raw`\x`.repeat(long / 2)}"\n`],
    ["lists in lists", `a: ${"[".repeat(long)}\n`],
    ["dashes", `a: ${"- ".repeat(long / 2)}!\n`],
    ["quotes", `a: '${"''".repeat(long / 2)}!\n`],
    ["colons", `a: ${"x:".repeat(long / 2)}!\n`],
    ["spaces", `a${" ".repeat(long)}!\n`],
    ["marks of blocks", `a: |${"-+".repeat(long / 2)}\n`],
  ])("of %s is not asked about", (_, text) => {
    expect(changedKeys("data/a.yaml", null, `${text}b: 1\n`)).toBeNull();
  });

  it("is asked about where it is long as a file and not as a pair", () => {
    const text = Array.from({ length: long / 16 }, (_, at) => `key${at}: 1\n`).join("");
    expect(changedKeys("data/a.yaml", text, `${text}b:\n  c: 1\n`)).toEqual(new Set(["b"]));
  });

  it.each([
    ["[", "["],
    ['{"a":', "{"],
    ['"a\\', '"'],
  ])("as JSON of %s has no keys", (part) => {
    expect(changedKeys("data/a.json", null, part.repeat(long / part.length))).toBeNull();
  });
});

it("takes the same key twice below another for what it is: it ends nothing", () => {
  expect(changedKeys("data/a.yaml", "a:\n  b: [1,\n   2]\n  b: 2\n", "a:\n  b: [1,\n   3]\n  b: 2\n")).toEqual(new Set(["a"]));
});
