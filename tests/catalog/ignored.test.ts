import { describe, expect, it } from "vitest";
import { withConcerns } from "../../src/catalog/concerns.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { withoutIgnored } from "../../src/catalog/ignored.ts";
import { isLike } from "../../src/policy/leniency.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import { catalog, type Short } from "./build.ts";

/** An entry of `differences.ignore` as it is written, without its reason. */
type Entry = Record<string, string>;

function told(entries: readonly Entry[], before: readonly Short[], after: readonly Short[]): string[] {
  const ignore = entries.map((entry) => ({ ...entry, reason: "noise" }));
  const loaded = loadPolicy(JSON.stringify({ version: 1, differences: { ignore } }), "policy.yml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const [was, is] = [catalog(before), catalog(after)];
  const changes = withConcerns(diffCatalogs(was, is), was, is);
  const { changes: kept, ignored } = withoutIgnored(changes, is, loaded.policy.ignore);
  expect(kept.length + ignored.length).toBe(changes.length);
  return kept.map(({ type, title, attribute }) => `${type}[${title}] ${attribute ?? "whole"}`);
}

const motd = (content: string, more: Short[1] = {}): Short => ["File[/etc/motd]", { content, ...more }];
const content: Entry = { type: "File", attribute: "content" };
const text = "# made 10:00\nhello\nport 80\n";

describe("case 63: differences that a policy leaves out", () => {
  const isMotd = "File[/etc/motd] content";
  it.each<[string, Entry, string, boolean]>([
    ["whatever lines differ", content, "anything\n", true],
    ["by its title", { ...content, title: "/etc/*" }, "anything\n", true],
    ["another title", { ...content, title: "/etc" }, "anything\n", false],
    ["titles to the letter", { ...content, title: "/ETC/*" }, "anything\n", false],
    ["another type", { ...content, type: "Fil" }, "anything\n", false],
    ["another attribute", { type: "File", attribute: "mode" }, "anything\n", false],
    ["every changed line is like it", { ...content, every_line: "# made *" }, text.replace("10:00", "11:00"), true],
    [
      "one of two changed lines is like it",
      { ...content, every_line: "# made *" },
      text.replace("10:00", "11:00").replace("80", "81"),
      false,
    ],
    ["any changed line is like it", { ...content, any_line: "# made *" }, text.replace("10:00", "11:00").replace("80", "81"), true],
    ["no changed line is like it", { ...content, any_line: "# made *" }, text.replace("80", "81"), false],
    ["both, and both hold", { ...content, any_line: "port *", every_line: "*8*" }, text.replace("80", "81"), true],
    ["a line that is there once more", { ...content, every_line: "hello" }, `${text}hello\n`, true],
  ])("%s", (_, entry, after, isIgnored) => {
    expect(told([entry], [motd(text)], [motd(after)])).toEqual(isIgnored ? [] : [isMotd]);
  });

  it("takes one entry or another, and items of an array for lines", () => {
    const user = (groups: string[]): Short => ["Notify[x]", { message: groups }];
    expect(
      told([content, { type: "Notify", attribute: "*", every_line: "b" }], [motd("a"), user(["a", "b"])], [motd("b"), user(["a"])]),
    ).toEqual([]);
  });

  const any: Entry = { type: "*", attribute: "*" };
  const nginx: Short = ["Service[nginx]", { ensure: "running" }];
  it.each<[string, readonly Short[], readonly Short[], string[]]>([
    ["a resource that comes", [], [motd("a")], ["File[/etc/motd] whole"]],
    ["a resource that goes", [motd("a")], [], ["File[/etc/motd] whole"]],
    ["a relation", [motd("a", { before: "Notify[x]" }), ["Notify[x]"]], [motd("a"), ["Notify[x]"]], ["File[/etc/motd] before"]],
    [
      "what deserves a second look",
      [["File[/etc/sudoers]", { content: "a" }]],
      [["File[/etc/sudoers]", { content: "b" }]],
      ["File[/etc/sudoers] content"],
    ],
    ["what is disarmed", [motd("a")], [motd("a", { noop: true })], ["File[/etc/motd] noop"]],
    [
      "what a service restarts for, and not what it does not",
      [motd("a", { notify: "Service[nginx]" }), ["File[/etc/issue]", { content: "a" }], nginx],
      [motd("b", { notify: "Service[nginx]" }), ["File[/etc/issue]", { content: "b" }], nginx],
      ["File[/etc/motd] content"],
    ],
  ])("never leaves out %s", (_, before, after, kept) => {
    expect(told([any], before, after)).toEqual(kept);
  });
});

describe("isLike", () => {
  it.each<[string, string, boolean]>([
    ["abc", "abc", true],
    ["abc", "ab", false],
    ["abc", "*", true],
    ["", "*", true],
    ["", "", true],
    ["abc", "a*c", true],
    ["a", "a*a", false],
    ["aa", "a*a", true],
    ["a/b/c", "a*c", true],
    ["abcabc", "*bc*bc", true],
    ["abc", "*bc*bc", false],
    ["a.c", "a?c", false],
  ])("%s like %s: %s", (value, like, expected) => {
    expect(isLike(value, like)).toBe(expected);
  });

  it("takes no longer for a pattern that would be endless as an expression", () => {
    expect(isLike(`${"a".repeat(100_000)}b`, `${"*a".repeat(200)}*c`)).toBe(false);
  });
});
