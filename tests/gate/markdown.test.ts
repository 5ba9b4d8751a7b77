import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseCommands } from "../../src/gate/command.ts";
import { spokenLines } from "../../src/gate/markdown.ts";

/** A paragraph's lines but for those that a span reaches into, by CommonMark's words taken literally: slow where there is much of it. */
function byTheBook(lines: readonly string[]): string[] {
  const text = lines.join("\n");
  const spans = [...text.matchAll(/(?<!`)(?<ticks>`+)(?!`)[\s\S]*?(?<!`)\k<ticks>(?!`)|<!--[\s\S]*?(?:-->|$)/gu)];
  let at = 0;
  return lines.filter((line) => {
    const [from, to] = [at, at + line.length];
    at = to + 1;
    return !spans.some((span) => span.index < to && span.index + span[0].length > from);
  });
}

it("leaves out the lines that spans reach into, as the slow way does", () => {
  // Every line begins with a letter: each text is one paragraph.
  const piece = fc.constantFrom("`", "``", "```", "<!--", "-->", "a", " ", "--", ">", "/merge");
  const line = fc.array(piece, { maxLength: 5 }).map((pieces) => `x${pieces.join("")}`);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      expect(spokenLines(lines.join("\n"))).toEqual(byTheBook(lines));
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ["a span on every line", "`a`\n".repeat(16_000)],
  ["runs that nothing closes", Array.from({ length: 350 }, (_, n) => "`".repeat(n + 1)).join(" ")],
  ["runs of two lengths", "``` `` `\n".repeat(7_000)],
  ["openings of HTML comments", "x <!--\n".repeat(8_000)],
  ["blank lines", "\n".repeat(64_000)],
])("a comment of %s takes no longer than its length", (_name, text) => {
  const before = performance.now();
  expect(parseCommands(`${text}\n\n/why`)).toHaveLength(1);
  expect(performance.now() - before).toBeLessThan(5_000);
});

it.each<readonly [string, readonly string[], readonly string[]]>([
  ["a block between two paragraphs", ["x `", "```", "code", "```", "/merge `"], ["x `", "/merge `"]],
  ["blanks inside a line", ["a    b"], ["a    b"]],
  ["an indented line", ["    /merge"], []],
  ["an indented line by a tab", ["  \t/merge"], []],
  ["a fence of tildes with backticks behind it", ["~~~ `x`", "/merge"], []],
  ["backticks with backticks behind them", ["``` `x`", "", "/merge"], ["/merge"]],
  ["a fence that words don't close", ["```", "``` x", "/merge", "``` x ```", "/why"], []],
  ["a fence that fewer marks don't close", ["````", "```", "/merge"], []],
  ["a fence that other marks don't close", ["~~~", "```", "/merge"], []],
  ["a fence that more marks close", ["```", "x", "`````", "/merge"], ["/merge"]],
  ["a fence that indented marks close", ["```", "x", "  ```  ", "/merge"], ["/merge"]],
  ["HTML in capitals, to its end in capitals", ["<PRE>", "/merge", "", "/merge", "</PRE>", "/why"], ["/why"]],
  ["HTML that ends in other letters", ["<pre>", "", "/merge", "x</PRE>", "/why"], ["/why"]],
  ["HTML that ends where it begins", ["<pre>x</PRE>", "/merge", "/merge", "", "/why"], ["/why"]],
  ["a comment that ends where it begins", ["<!-- x -->", "/merge", "  ", "/why"], ["/why"]],
  ["a comment over blank lines", ["<!-- x", "", "/merge", "-->", "/why"], ["/why"]],
  ["other HTML, to a blank line", ["<B>x", "/merge", "  ", "/why"], ["/why"]],
  ["a line that is less than something", ["<3 you", "/why"], ["<3 you", "/why"]],
  ["a quote and what goes on in it", ["> x", "/merge", "", "/why"], ["/why"]],
  ["an item of a list", ["- x", "1. /why"], ["- x", "1. /why"]],
  ["an item of a list that is a quote", ["- > /merge"], []],
])("of %s the spoken lines are left", (_name, lines, spoken) => {
  expect(spokenLines(lines.join("\n")).filter((line) => line !== "")).toEqual(spoken);
});
