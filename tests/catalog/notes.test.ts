import { describe, expect, it } from "vitest";
import type { Value } from "../../src/catalog/catalog.ts";
import { dataRoom, noteOf } from "../../src/catalog/notes.ts";

const json = "the same JSON, written differently; the file is rewritten all the same, and what it notifies restarts";
const yaml = json.replace("JSON", "YAML");

const cases: Array<[what: string, before: string, after: string, expected: string | null]> = [
  ["case 30: JSON in another order, told by what it is", '{"a": 1, "b": [1, 2]}', '{\n  "b": [1,2],\n  "a": 1\n}\n', json],
  ["case 30: JSON with a list in another order", '{"b": [1, 2]}', '{"b": [2, 1]}', null],
  ["case 30: JSON where a number became a text", '{"a": 1}', '{"a": "1"}', null],
  ["case 30: what only begins like JSON", "[main]\na = 1\n", "[main]\na  = 1\n", null],
  ["case 31: YAML with a comment and in another order", "# one\na: 1\nb:\n  - x\n", "b: [x]\na: 1 # two\n", yaml],
  ["case 31: YAML that says something else", "a: 1\nb: x\n", "a: 1\nb: y\n", null],
  ["case 31: YAML with a tag of its own is shown", "a: !ruby/sym x\nb: 1\n", "b: 1\na: !ruby/sym x\n", null],
  ["case 31: YAML with an anchor is shown", "a: &x 1\nb: *x\n", "b: *x\na: &x 1\n", null],
  ["case 31: a text that is no data", "Hello: you\nand you\n\tand you\n", "and you\n\tand you\nHello: you\n", null],
  ["case 32: the newline at the end", "a\nb", "a\nb\n", "only the newline at the end differs"],
  ["case 33: CRLF", "a\nb\n", "a\r\nb\r\n", "only line ends differ (CRLF)"],
  ["case 34: trailing blanks", "a\nb\n", "a \nb\t\n", "only blanks at the ends of lines differ"],
  ["text that differs", "a\nb\n", "a\nc\n", null],
];

describe("what is said of two texts", () => {
  it.each(cases)("%s", (_, before, after, expected) => {
    expect(noteOf("File", "content", before, after, dataRoom())).toBe(expected);
  });
});

const attributes: Array<[what: string, attribute: string, before: Value, after: Value, expected: string | null]> = [
  ["case 57: a schedule", "schedule", null, "weekly", "from now on it is applied only at the times that this schedule says"],
  ["case 57: audit", "audit", null, ["mode"], "audited attributes are reported when they change, and never changed"],
  [
    "case 46: an address that is not of the tree",
    "source",
    "http://a/x",
    "http://a/y",
    "the new content is not known: it comes from outside the repository",
  ],
  ["any other attribute", "mode", "0644", "0600", null],
];

describe("what is said of an attribute", () => {
  it.each(attributes)("%s", (_, attribute, before, after, expected) => {
    expect(noteOf("File", attribute, before, after, dataRoom())).toBe(expected);
  });
});
