import { describe, expect, it } from "vitest";
import { block, byteLength, code, cut, field, fitted, plain, prose } from "../../src/github/escape.ts";

/** What GitHub would make something of, and that nothing is left for it to see. */
const hostile: [name: string, text: string][] = [
  ["a mention", "@acme/everybody look"],
  ["a mention in the middle", "mail me@octocat please"],
  ["a reference", "fixes #1 and acme/control#2 and GH-3"],
  ["a link", "[click](https://evil.example)"],
  ["a bare link", "see https://evil.example/x and www.evil.example and mailto:a@b.example"],
  ["an image", "![x](https://evil.example/pixel.png)"],
  ["HTML", "<img src=x onerror=alert(1)><script>x</script>"],
  ["a comment that hides", "<!-- puppet-gate: the one comment of this pull request -->"],
  ["an entity", "&lt;b&gt; &#64;octocat"],
  ["emphasis", "**bold** _it_ ~~gone~~ `code`"],
  ["a table", "| a | b |"],
  ["a formula", "$x^2$ and $`y`$"],
  ["an escape", "\\*not\\*"],
  ["a picture", ":tada: :+1:"],
  ["a closed details", "</details></summary>"],
];

describe("prose", () => {
  it.each(hostile)("takes the life out of %s", (_name, text) => {
    const safe = prose(text);
    expect(safe).not.toMatch(/[<>`*_~[\]\\|$]/u);
    expect(safe).not.toMatch(/@(?!&#8203;)|(?<!&)#(?!&#8203;|\d+;)/u);
    expect(safe).not.toMatch(/(?:https?|mailto):|www\.|GH-\d|:[a-z+0-9]+:/iu);
    expect(safe.replaceAll("&#8203;", "").replaceAll(/&#(?<code>\d+);/gu, (_, point: string) => String.fromCharCode(Number(point)))).toBe(
      text,
    );
  });

  it.each([
    ["- a list", "&#8203;-&#8203; a list"],
    ["1. a list", "1&#8203;.&#8203; a list"],
    ["=== a heading", "&#8203;=&#8203;== a heading"],
  ])("begins no block: %s", (text, safe) => expect(prose(text)).toBe(safe));
});

describe("plain", () => {
  it.each([
    ["a\nb\r\nc\u2028d", "a ⏎ b ⏎ c ⏎ d"],
    ["\u001b[31mred\u001b[0m", "‹U+001B›[31mred‹U+001B›[0m"],
    ["abc\u202ecod.exe", "abc‹U+202E›cod.exe"],
    ["zero\u200bwidth\u2066", "zero‹U+200B›width‹U+2066›"],
    ["tag\u{e0041}", "tag‹U+E0041›"],
    ["half \ud800 pair", "half ‹U+D800› pair"],
    ["nul\u0000bell\u0007", "nul‹U+0000›bell‹U+0007›"],
    ["blank\u3164filler", "blank‹U+3164›filler"],
  ])("shows what hides: %j", (text, shown) => expect(plain(text)).toBe(shown));

  it("cuts between characters", () => {
    expect(cut("a😀b", 3)).toBe("a…");
    expect(cut("a😀b", 4)).toBe("a😀b");
  });
});

describe("field", () => {
  it.each([
    ["a plain one", "a plain one"],
    ["Blocked: \u05d0\u05d1\u05d2 (12)", "\u2066Blocked: \u05d0\u05d1\u05d2 (12)\u2069"],
    ["\u0634\u0631\n\u2069x", "\u2066\u0634\u0631 ⏎ ‹U+2069›x\u2069"],
  ])("keeps to the order of its own line: %j", (text, shown) => expect(field(text, 200)).toBe(shown));

  it("is as long as it may be, with the marks", () => {
    expect(field("\u05d0".repeat(300), 200)).toHaveLength(200);
  });
});

describe("code", () => {
  it.each([
    ["/etc/motd", "`/etc/motd`"],
    ["a`b", "``a`b``"],
    ["```", "```` ``` ````"],
    ["`x", "`` `x ``"],
    ["a\n\n# b", "`a ⏎  ⏎ # b`"],
    ["@acme/everybody <b>", "`@acme/everybody <b>`"],
    ["", "`␣`"],
  ])("%j", (text, span) => expect(code(text)).toBe(span));
});

describe("block", () => {
  it("has a fence that its text can't close, and so many lines", () => {
    expect(block("```\n</details>\n````\n# x", "diff", 3, 80)).toBe("`````diff\n```\n</details>\n````\n… 1 more lines\n`````");
  });
});

describe("fitted", () => {
  const leftOut = (count: number): string => `(${count} more)`;

  it("keeps whole sections within the bytes and counts the rest", () => {
    const sections = ["é".repeat(20), "b".repeat(400), "c".repeat(40)];
    expect(fitted(sections, 1_000, leftOut)).toBe(sections.join("\n\n"));
    const short = fitted(sections, 100, leftOut);
    expect(short).toBe(`${sections[0]}\n\n${sections[2]}\n\n(1 more)`);
    expect(byteLength(short)).toBeLessThanOrEqual(100);
  });
});
