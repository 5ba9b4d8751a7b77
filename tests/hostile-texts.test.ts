import { describe, expect, it } from "vitest";
import { dataRoom, noteOf } from "../src/catalog/notes.ts";
import { parseCommands } from "../src/gate/command.ts";
import { editsOf, sentence } from "../src/gate/explain.ts";
import { rubyFunctionsIn } from "../src/plan/declared.ts";
import { readPuppetfile } from "../src/puppet/puppetfile.ts";
import { withoutNames } from "../src/web/site/names.ts";

/**
 * Texts that whoever opens a change, comments on one, or writes a module has the gate read, where it does all its other work. Each was made for a
 * pattern or a parser that took the square of its length: a test that hangs is one that fails.
 */
const long = 2 ** 20;
const run = (unit: string, length = long): string => unit.repeat(Math.floor(length / unit.length));
const group = { type: "File", title: "/a", attribute: "content", change: "changed", kind: "system", nodes: ["a"], source: null } as const;
const edits = (before: string, after: string): unknown =>
  editsOf({ groups: [{ ...group, before, after }] } as unknown as Parameters<typeof editsOf>[0]);

describe("a text that was made to take long", () => {
  it.each<[string, () => unknown]>([
    ["Ruby of empty lines", () => rubyFunctionsIn(`${run("\n")}x`)],
    ["Ruby of blanks", () => rubyFunctionsIn(`${run(" ")}x`)],
    ["a Puppetfile of digits that are no number", () => readPuppetfile(`mod ${run("0")}x`)],
    ["a Puppetfile of letters behind a colon", () => readPuppetfile(`mod :${run("a")}!`)],
    ["a Puppetfile of quotes", () => readPuppetfile(run(`"#{'`))],
    ["a line of a file with blanks in it", () => edits(`a${run(" ")}b\n`, `a${run(" ")}c\n`)],
    ["a reason with blanks in it", () => sentence(`a${run("\t")}b`)],
    ["a reason of stops", () => sentence(`a${run(".")}b`)],
    ["a comment of fences that do not end", () => parseCommands(`${run("`", 65_000)}\u2028`)],
    ["a name of hyphens", () => withoutNames({ certname: "web1", text: `a${run("-")}/` }, ["web1"])],
  ])("does not: %s", (_, read) => {
    expect(read()).toBeDefined();
  });

  it.each([
    ["line ends of old", `- x: "${run("\r", 20_000)}x`],
    ["keys", Array.from({ length: 2_000 }, (_, at) => `k${at}: 1\n`).join("")],
    ["escapes that are none", `- "${run(String.raw`\x`, 20_000)}"`],
  ])("does not where it may be data, nor do many of them: %s", (_, text) => {
    const room = dataRoom();
    const notes = Array.from({ length: 1_000 }, (__, at) => noteOf("File", "content", text, `${text}# ${at}\n`, room));
    expect(room.left).toBeLessThan(2 * text.length + 20);
    expect(notes.at(-1)).toBeNull();
  });
});

it("tells the same data from what only looks so", () => {
  const note = (before: string, after: string): string | null => noteOf("File", "content", before, after, dataRoom());
  expect(note("a: 1\nb: 2\n", "b: 2\na: 1\n")).toContain("the same YAML");
  expect(note("a: 1\nb: {c: 1, d: 2}\n", "a: 1\nb:\n  c: 1\n  d: 2\n")).toContain("the same YAML");
  expect(note("a: 1\nb: 2\n", "a: 0\nb: 2\na: 1\n")).toBeNull();
  expect(note("a:\n  b: 1\n", "a:\n  b: 0\n  b: 1\n")).toBeNull();
});
