import { describe, expect, it } from "vitest";
import { type Codeowners, ownerName, ownersOf, parseCodeowners } from "../../src/policy/codeowners.ts";

function parsed(text: string): Codeowners {
  const result = parseCodeowners(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.codeowners;
}
const owners = (text: string, path: string): string => ownersOf(parsed(text), path).map(ownerName).join(" ");

describe("ownersOf", () => {
  it.each<[string, string, string, string]>([
    // GitHub's own example file, line by line.
    ["everything", "* @global-owner1 @global-owner2", "a/b/c.pp", "@global-owner1 @global-owner2"],
    ["an ending", "*.js @js-owner #This is an inline comment.", "deep/in/a.js", "@js-owner"],
    ["an address", "*.go docs@example.com", "main.go", "docs@example.com"],
    ["a team", "*.txt @octo-org/octocats", "a.txt", "@octo-org/octocats"],
    ["a folder at the root", "/build/logs/ @doctocat", "build/logs/x/y.log", "@doctocat"],
    ["a folder at the root, elsewhere", "/build/logs/ @doctocat", "a/build/logs/y.log", ""],
    ["one level", "docs/* docs@example.com", "docs/getting-started.md", "docs@example.com"],
    ["one level, and not further in", "docs/* docs@example.com", "docs/build-app/troubleshooting.md", ""],
    ["a folder anywhere", "apps/ @octocat", "some/apps/x.rb", "@octocat"],
    ["a folder, not a file of its name", "apps/ @octocat", "apps", ""],
    ["a rooted folder", "/docs/ @doctocat", "docs/a/b.md", "@doctocat"],
    ["a rooted folder, elsewhere", "/docs/ @doctocat", "x/docs/a.md", ""],
    ["folders of a name anywhere", "**/logs @octocat", "deeply/nested/logs/a", "@octocat"],
    ["a folder whose subfolder has nobody", "/apps/ @octocat\n/apps/github", "apps/github/x", ""],
    ["beside it", "/apps/ @octocat\n/apps/github", "apps/gitlab/x", "@octocat"],
    // The rest of what decides.
    ["the last match, not the narrowest", "/a/b.pp @ann\n/a/ @bob", "a/b.pp", "@bob"],
    ["the case of letters", "/Data/ @ann", "data/x", ""],
    ["the case of letters, equal", "/Data/ @ann", "Data/x", "@ann"],
    ["a hidden file", "* @ann", ".github/workflows/ci.yml", "@ann"],
    ["a hidden file, one level", "/.github/* @ann", ".github/.hidden", "@ann"],
    ["the root alone", "/* @ann", "Puppetfile", "@ann"],
    ["the root alone, not below", "/* @ann", "data/common.yaml", ""],
    ["one level below folders anywhere", "**/facts/* @ann", "a/facts/b.yaml", "@ann"],
    ["one level below folders anywhere, not further in", "**/facts/* @ann", "a/facts/b/c.yaml", ""],
    ["all below", "/data/** @ann", "data/a/b/c.yaml", "@ann"],
    ["stars between", "/site/**/lib/ @ann", "site/a/b/lib/x.rb", "@ann"],
    ["one character", "/data/?.yaml @ann", "data/ab.yaml", ""],
    ["an escaped space", "/my\\ files/ @ann", "my files/x", "@ann"],
    ["parentheses as letters", "/a/@(b|c)/* @ann", "a/b/x", ""],
    ["a bang at the beginning of a name, one level", "a/!b/* @ann", "a/!b/x", "@ann"],
    ["a backslash before a letter, one level", "/a\\ b/* @ann", "a b/x", "@ann"],
    ["braces as letters", "/a/{b,c}/* @ann", "a/b/x", ""],
    ["a bang within", "/a!b @ann", "a!b", "@ann"],
    ["a gitlink, which is a file", "/modules/ntp @ann", "modules/ntp", "@ann"],
    ["no line", "# nothing\n\n", "a", ""],
    ["Windows' line ends and a byte order mark", "\uFEFF* @ann\r\n/b @bob\r\n", "b", "@bob"],
    ["tabs", "*\t@ann\t@bob", "x", "@ann @bob"],
    ["a login of an enterprise", "* @ann_acme", "x", "@ann_acme"],
  ])("%s", (_, text, path, expected) => {
    expect(owners(text, path)).toBe(expected);
  });
});

describe("a CODEOWNERS file that can't be followed", () => {
  it.each<[string, string, string[]]>([
    ["a negation", "* @ann\n!/docs @bob", ["2: `!/docs` begins with `!`, which CODEOWNERS has not."]],
    ["a range", "/[ab] @ann", ["1: `/[ab]` has a bracket, and CODEOWNERS has no character ranges."]],
    ["a section as another forge has it", "[Docs] @ann", ["1: `[Docs]` has a bracket, and CODEOWNERS has no character ranges."]],
    ["an escaped hash", "\\#x @ann", ["1: `\\#x` begins with `\\#`, which CODEOWNERS has not."]],
    ["a hash within", "a#b @ann", ["1: `a#b` has a `#` in it, which may begin a comment."]],
    ["an address with two @", "* x@@b.org", ["1: `x@@b.org` is no owner."]],
    ["an address with another before it", "* a@b@c.org", ["1: `a@b@c.org` is no owner."]],
    ["a user with more before it", "* x@ann", ["1: `x@ann` is no owner."]],
    ["a team with more before it", "* x@acme/web", ["1: `x@acme/web` is no owner."]],
    ["an address with an @ behind it", "* a@b.org@c", ["1: `a@b.org@c` is no owner."]],
    ["a user with more behind it", "* @ann!", ["1: `@ann!` is no owner."]],
    ["a team with more behind it", "* @acme/web/x", ["1: `@acme/web/x` is no owner."]],
    ["a long word", `* ${"a".repeat(60)}`, [`1: \`${"a".repeat(60)}\` is no owner.`]],
    ["a longer word", `* ${"a".repeat(61)}`, [`1: \`${"a".repeat(60)}…\` is no owner.`]],
    ["an owner without @", "* ann", ["1: `ann` is no owner."]],
    ["a team without organisation", "* @/web", ["1: `@/web` is no owner."]],
    ["a path with a space", "/my files/ @ann", ["1: `files/` is no owner."]],
    ["the root", "/ @ann", ["1: `/` names no file."]],
    ["three stars", "/a/*** @ann", ["1: `/a/***` has three stars in a row."]],
    [
      "a path that no file system has",
      `/${"a".repeat(4096)} @ann`,
      [`1: \`/${"a".repeat(59)}…\` has more than 4096 characters, and no path has.`],
    ],
    ["stars that would take years", "*a*a*a*a*b @ann", ["1: `*a*a*a*a*b` has more than 3 stars in one name."]],
    ["a backslash at the end", "/a\\", ["1: `/a\\` ends with `\\`."]],
    ["two slashes", "/a//b @ann", ["1: `/a//b` has an empty folder name."]],
    [
      "several lines",
      "!a\n# fine\n* @ann\n[x]",
      ["1: `!a` begins with `!`, which CODEOWNERS has not.", "4: `[x]` has a bracket, and CODEOWNERS has no character ranges."],
    ],
    ["3 MB", `#${"x".repeat(2_999_999)}`, ["1: The file has 3000000 bytes, and GitHub loads none of 3 MB or more."]],
  ])("%s", (_, text, expected) => {
    const result = parseCodeowners(text);
    expect(result.ok ? [] : result.problems.map((problem) => `${problem.line}: ${problem.text}`)).toEqual(expected);
    expect(result.ok ? [] : result.problems.filter(({ hint }) => hint === "")).toEqual([]);
  });

  it("is one that a byte less makes good", () => {
    expect(parseCodeowners(`#${"x".repeat(2_999_998)}`).ok).toBe(true);
  });
});
