import { describe, expect, it } from "vitest";

import { readPuppetfile } from "../../src/puppet/puppetfile.ts";

interface Case {
  name: string;
  text: string;
  /** `line folder/name`. */
  modules?: string[];
  /** `line text`. */
  notUnderstood?: string[];
}

const cases: Case[] = [
  { name: "nothing", text: "" },
  { name: "a forge", text: "forge 'https://forge.example.com'\nforge \"x\"\n" },
  {
    name: "both ways to write a name",
    text: "mod 'puppetlabs/stdlib', '9.0.0'\nmod \"puppetlabs-ntp\"\nmod 'own', :latest\n",
    modules: ["1 modules/stdlib", "2 modules/ntp", "3 modules/own"],
  },
  {
    name: "options over several lines, in both forms",
    text: "mod 'apache',\n  :git => 'https://git.example.com/apache.git', # why\n  :ref => 'v1'\n\nmod 'mysql',\n  git: 'x',\n  tag:\n    '1'\n",
    modules: ["1 modules/apache", "5 modules/mysql"],
  },
  {
    name: "parentheses",
    text: "mod('a/b', '1')\nmod(\n  'c/d'\n)\nmod 'e/f'; mod 'g/h'\n",
    modules: ["1 modules/b", "2 modules/d", "5 modules/f", "5 modules/h"],
  },
  {
    name: "where modules go",
    text: "mod 'a/a'\nmoduledir 'thirdparty/'\nmod 'b/b'\nmod 'c', git: 'x', install_path: 'other'\nmod 'd', :local => true\n",
    modules: ["1 modules/a", "3 thirdparty/b", "4 other/c", "5 thirdparty/d"],
  },
  { name: "comments", text: "# mod 'a/a'\n=begin\nmod 'b/b'\n=end\nmod 'c/c' # mod 'd/d'\n__END__\nmod 'e/e'\n", modules: ["5 modules/c"] },
  { name: "text that looks like code", text: "mod 'a', git: 'https://x/#y', ref: \"a # b\"\n", modules: ["1 modules/a"] },
  {
    name: "code in a string",
    text: 'mod "a-#{name}"\nmod \'b/b\', "#{`touch x`}"\n',
    notUnderstood: ['1 mod "a-#{name}"', "2 mod 'b/b', \"#{`touch x`}\""],
  },
  {
    name: "Ruby",
    text: "branch = ENV['BRANCH'] || 'main'\nmod 'a', git: 'x', branch: branch\nmods.each { |m| mod m }\nrequire './lib/evil'\nmod 'b/b'\n",
    modules: ["5 modules/b"],
    notUnderstood: [
      "1 branch = ENV['BRANCH'] || 'main'",
      "2 mod 'a', git: 'x', branch: branch",
      "3 mods.each { |m| mod m }",
      "4 require './lib/evil'",
    ],
  },
  { name: "a condition", text: "if true\n  mod 'a/a'\nend\n", modules: ["2 modules/a"], notUnderstood: ["1 if true", "3 end"] },
  {
    name: "names that are none",
    text: "mod '../../etc'\nmod 'a/b/c'\nmod\n",
    notUnderstood: ["1 mod '../../etc'", "2 mod 'a/b/c'", "3 mod"],
  },
  { name: "what does not end", text: "mod 'a/a'\nmod 'b/b\nmod(", modules: ["1 modules/a"], notUnderstood: ["2 mod 'b/b", "3 mod("] },
];

describe("readPuppetfile", () => {
  it.each(cases)("$name", ({ text, modules = [], notUnderstood = [] }) => {
    const puppetfile = readPuppetfile(text);
    expect(puppetfile.modules.map(({ line, folder, name }) => `${line} ${folder}/${name}`)).toEqual(modules);
    expect(puppetfile.notUnderstood.map(({ line, text: words }) => `${line} ${words}`)).toEqual(notUnderstood);
  });

  it.each(["\\'", "=begin\n", "a(", '"', "'#{", "a"])("is not held up by a quarter of a million of %j", (part) => {
    expect(readPuppetfile(part.repeat(250_000 / part.length)).modules).toEqual([]);
  });

  it("does not read one that is too large", () => {
    expect(readPuppetfile("mod 'a/a'\n".repeat(30_000))).toEqual({
      forge: null,
      modules: [],
      notUnderstood: [{ line: 1, text: "more than 256 KiB" }],
    });
  });
});

describe("where a module comes from", () => {
  const sources: Array<[text: string, expected: object]> = [
    ["mod 'puppetlabs/stdlib', '9.0.0'", { kind: "forge", slug: "puppetlabs-stdlib", version: "9.0.0" }],
    ["mod 'puppetlabs-stdlib', :latest", { kind: "forge", slug: "puppetlabs-stdlib", version: null }],
    ["mod 'puppetlabs/stdlib'", { kind: "forge", slug: "puppetlabs-stdlib", version: null }],
    ["mod 'puppetlabs/stdlib', '>= 9'", { kind: "unknown", why: '">= 9" is no version, nor `latest`' }],
    ["mod 'x', git: 'https://h/x'", { kind: "git", url: "https://h/x", point: null }],
    ["mod 'x', git: 'https://h/x', tag: 'v1'", { kind: "git", url: "https://h/x", point: { kind: "tag", name: "v1" } }],
    ["mod 'x', git: 'https://h/x', branch: 'main'", { kind: "git", url: "https://h/x", point: { kind: "branch", name: "main" } }],
    ["mod 'x', git: 'https://h/x', commit: 'abc'", { kind: "unknown", why: '"abc" is no full commit id' }],
    ["mod 'x', git: 'https://h/x', branch: :control_branch", { kind: "unknown", why: expect.stringContaining("control_branch") }],
    ["mod 'x', git: 'https://h/x', tag: '1', ref: '2'", { kind: "unknown", why: "it has both `tag` and `ref`" }],
    ["mod 'x', svn: 'https://h/x'", { kind: "unknown", why: "it has the option `svn`" }],
    ["mod 'x', :local => true", { kind: "tree" }],
    ["mod 'x'", { kind: "unknown", why: expect.stringContaining("neither") }],
  ];
  it.each(sources)("%s", (text, expected) => {
    expect(readPuppetfile(text).modules.map(({ source }) => source)).toEqual([expected]);
  });
});
