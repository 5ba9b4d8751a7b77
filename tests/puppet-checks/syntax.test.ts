import type { Unplaced } from "../../src/catalog/finding.ts";
import { beforeAll, describe, expect, it } from "vitest";

import { startParser } from "../../src/puppet/parser.ts";
import type { SandboxedRun } from "../../src/puppet/sandbox.ts";
import { runSyntax } from "../../src/puppet/syntax.ts";
import { type Content, line, withFiles } from "./tree.ts";

interface Case {
  name: string;
  path: string;
  content: Content;
  expected: string[];
}

const nested = "[".repeat(10_000);

const cases: Case[] = [
  // Puppet
  { name: "a manifest", path: "manifests/site.pp", content: "node default { include foo }\n", expected: [] },
  { name: "an empty manifest", path: "manifests/empty.pp", content: "", expected: [] },
  {
    name: "a brace too few",
    path: "a/manifests/few.pp",
    content: "class a::few {\n",
    expected: ["error -:- SYNTAX_ERROR Syntax error at end of input"],
  },
  {
    name: "a word out of place",
    path: "a/manifests/word.pp",
    content: "class a::word {\n  file { '/x' ensure => file }\n}\n",
    expected: ["error 2:15 SYNTAX_ERROR Syntax error at 'ensure'"],
  },
  {
    name: "several faults that only validation finds",
    path: "a/manifests/several.pp",
    content: "if true {\n  class b {}\n}\n$x = {a => 1, a => 2}\n",
    expected: [
      "error 2:3 NOT_TOP_LEVEL Classes, definitions, and nodes may only appear at toplevel or inside other classes",
      "warning 4:17 DUPLICATE_KEY The key 'a' is declared more than once",
    ],
  },
  {
    name: "exported resources, of which lanes have to know and which are no fault",
    path: "a/manifests/exported.pp",
    content: "@@file { '/x': }\nFile <<| |>>\n",
    expected: ["warning 1:1 crosses-lanes a resource is exported here", "warning 2:6 crosses-lanes exported resources are collected here"],
  },
  { name: "a class that is elsewhere by its name", path: "a/manifests/else.pp", content: "class where::ever { }\n", expected: [] },
  {
    name: "JSON in a heredoc",
    path: "a/manifests/heredoc.pp",
    content: '$x = @(E:json)\n  {"a"\n  | E\n',
    expected: [expect.stringMatching(/^error 2:1 ILLEGAL_JSON Invalid produced text having syntax: 'json'/)],
  },
  { name: "a function", path: "a/functions/f.pp", content: "function a::f(String $x) >> String { $x }\n", expected: [] },
  { name: "a plan", path: "a/plans/p.pp", content: "plan a::p(TargetSpec $nodes) { run_command('id', $nodes) }\n", expected: [] },
  {
    name: "a plan's words in a manifest",
    path: "a/manifests/p.pp",
    content: "plan a::p() { }\n",
    expected: ["error 1:6 SYNTAX_ERROR Expression is not valid as a resource, resource-default, or resource-override"],
  },
  {
    name: "a byte order mark",
    path: "a/manifests/bom.pp",
    content: "\uFEFFclass a::bom { }\n",
    expected: [expect.stringMatching(/^error -:- ILLEGAL_BOM /)],
  },
  {
    name: "bytes that are not UTF-8",
    path: "a/manifests/latin1.pp",
    content: Buffer.from("class a {\n  # caf\xe9\n}\n", "latin1"),
    expected: ["error 2:- not-utf8 this line is not UTF-8, and Puppet reads nothing else"],
  },
  {
    name: "escape sequences and hidden text in what a message quotes",
    path: "a/manifests/hidden.pp",
    content: "class a { 'x\u001B[2J\u202Eb' \u2066 }\n",
    expected: [expect.stringMatching(/^[^\p{Cc}\p{Cf}]+$/u)],
  },
  {
    name: "a very long word",
    path: "a/manifests/long.pp",
    content: `class a { fail ${"x".repeat(100_000)}: }\n`,
    expected: [expect.stringMatching(/^.{0,600}$/)],
  },

  // EPP
  { name: "EPP", path: "a/templates/ok.epp", content: "<%- | String $x | -%>\n<%= $x %>\n", expected: [] },
  {
    name: "EPP with an open tag",
    path: "a/templates/open.epp",
    content: "a\n<%= $x\n",
    expected: ["error 3:1 EPP_UNBALANCED_TAG Unbalanced epp tag, reached <eof> without closing tag."],
  },

  // ERB
  { name: "ERB", path: "a/templates/ok.erb", content: "<% @x.each do |y| -%>\n<%= y %>\n<% end -%>\n", expected: [] },
  {
    name: "ERB with a block that does not end",
    path: "a/templates/open.erb",
    content: "a\n<% if @x -%>\n",
    expected: ["error 3:- erb-syntax syntax error, unexpected end-of-input, expecting `end'"],
  },
  {
    name: "ERB with an end too many",
    path: "a/templates/end.erb",
    content: "a\n<% if @x -%>\nb\n<% end end %>\n",
    expected: ["error 4:- erb-syntax syntax error, unexpected `end', expecting end-of-input"],
  },
  {
    name: "ERB with a magic comment of no encoding",
    path: "a/templates/magic.erb",
    content: "<%# coding: nonsense %>\n",
    expected: ["error 1:- erb-syntax unknown encoding name - nonsense"],
  },
  { name: "a template of neither kind", path: "a/templates/motd", content: "<% if %>", expected: [] },

  // Hiera data
  {
    name: "hiera data",
    path: "data/common.yaml",
    content: "---\na: &x {b: 1}\nc:\n  <<: *x\nd: ENC[PKCS7,MIIB==]\n:sym: true\n",
    expected: [],
  },
  { name: "empty data", path: "data/empty.yaml", content: "---\n", expected: [] },
  {
    name: "YAML that is none",
    path: "data/broken.yaml",
    content: "a: 1\nb: [1,\nc: }\n",
    expected: ["error 3:4 yaml-syntax did not find expected node content while parsing a flow node"],
  },
  {
    name: "a tab",
    path: "data/tab.yaml",
    content: "a:\n\tb: 1\n",
    expected: [expect.stringMatching(/^error 2:1 yaml-syntax found character that cannot start any token/)],
  },
  {
    name: "a key twice, written in two ways",
    path: "data/twice.yaml",
    content: "a:\n  b: 1\n  'b': 2\nb: 3\n",
    expected: ["warning 3:3 yaml-duplicate-key the key b is already on line 2; the last one wins"],
  },
  {
    name: "dates and times, which Puppet refuses",
    path: "data/date.yaml",
    content: "a: 2020-01-01\nb: '2020-01-01'\nc: [2020-01-01 10:00:00]\n",
    expected: [
      "error 1:4 yaml-class hiera data can't hold a Date: Puppet refuses the whole file (a date or time needs quotes)",
      "error 3:5 yaml-class hiera data can't hold a Time: Puppet refuses the whole file (a date or time needs quotes)",
    ],
  },
  { name: "a date in YAML that is no data", path: "other.yaml", content: "a: 2020-01-01\n", expected: [] },
  {
    name: "data that is no hash",
    path: "data/list.yaml",
    content: "- a\n",
    expected: ["warning 1:1 yaml-not-a-hash hiera data must be a hash at the top: nothing of this file is found"],
  },
  {
    name: "two documents",
    path: "data/two.yaml",
    content: "a: 1\n---\nb: 2\n",
    expected: ["warning 2:1 yaml-documents hiera reads only the first document of a file"],
  },
  { name: "YAML in a module's files", path: "a/files/x.yaml", content: "{{ broken", expected: [] },
  {
    name: "many keys in one hash",
    path: "data/many.yaml",
    content: Array.from({ length: 50_000 }, (_, at) => `k${at}: 1\n`).join(""),
    expected: [],
  },
  {
    name: "YAML nested without end",
    path: "data/deep.yaml",
    content: nested,
    expected: [expect.stringMatching(/^error .* (?:yaml-syntax|unchecked-)/)],
  },

  // JSON
  { name: "metadata.json", path: "modules/a/metadata.json", content: '{"name": "acme-a", "dependencies": []}\n', expected: [] },
  {
    name: "a comma too many",
    path: "modules/b/metadata.json",
    content: '{\n  "name": "acme-b",\n}\n',
    expected: ["error 3:1 json-syntax this is not JSON from here on"],
  },
  {
    name: "JSON that ends too early",
    path: "data/early.json",
    content: '{"a": [1, {"b": null}',
    expected: ["error 1:22 json-syntax the JSON ends too early"],
  },
  {
    name: "JSON behind letters of several bytes",
    path: "data/letters.json",
    content: '["é", x]',
    expected: ["error 1:7 json-syntax this is not JSON from here on"],
  },
  { name: "no JSON at all", path: "data/none.json", content: "", expected: ["error 1:1 json-syntax the JSON ends too early"] },
  {
    name: "JSON nested without end",
    path: "data/deep.json",
    content: nested,
    expected: [expect.stringMatching(/^error -:- json-syntax nesting of 101 is too deep/)],
  },

  // Names
  {
    name: "a name that looks like an option",
    path: "--load=x.pp",
    content: "class {",
    expected: ["error -:- SYNTAX_ERROR Syntax error at end of input"],
  },
  {
    name: "a name with a line break",
    path: String.raw`"manifests/a\nb.pp"`,
    content: "class {",
    expected: ["error -:- SYNTAX_ERROR Syntax error at end of input"],
  },
  {
    name: "a name that is not UTF-8",
    path: String.raw`"manifests/caf\351.pp"`,
    content: "class {",
    expected: ["error -:- SYNTAX_ERROR Syntax error at end of input"],
  },

  // What is not opened
  {
    name: "a symlink to a file of the host",
    path: "data/passwd.yaml",
    content: { link: "/etc/passwd" },
    expected: ["error -:- unchecked-link not checked: it is a symlink, or behind one, and links of a change are not followed"],
  },
  {
    name: "a symlink to a file of the tree",
    path: "manifests/link.pp",
    content: { link: "site.pp" },
    expected: ["error -:- unchecked-link not checked: it is a symlink, or behind one, and links of a change are not followed"],
  },
];

describe("runSyntax", () => {
  let found: Unplaced[] = [];
  beforeAll(async () => {
    const files = Object.fromEntries(cases.map(({ path, content }) => [path, content]));
    found = await withFiles(files, async (tree) => runSyntax(tree, Object.keys(files)));
  });

  it.each(cases)("$name ($path)", ({ path, expected }) => {
    expect(found.filter((finding) => finding.path === path).map(line)).toEqual(expected);
  });

  it("keeps the order of the paths", () => {
    const places = found.map(({ path }) => cases.findIndex((one) => one.path === path));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});

describe("runSyntax, by a parser that was started before", () => {
  const started = { seconds: 1000 };

  it("finds the same, and starts no other", async () => {
    const files = Object.fromEntries(cases.map(({ path, content }) => [path, content]));
    await withFiles(files, async (tree) => {
      const run = (): never => {
        throw new Error("another was started");
      };
      const parser = startParser(tree.sandbox, started.seconds);
      const found = await runSyntax({ ...tree, sandbox: { ...tree.sandbox, run } }, Object.keys(files), { parser });
      expect(found.map(line)).toEqual((await runSyntax(tree, Object.keys(files))).map(line));
    });
  });

  it("is followed by another behind a file that ended it", async () => {
    const files = { "slow.yaml": "[".repeat(100_000), "b.pp": "class {" };
    const found = await withFiles(files, async (tree) =>
      runSyntax(tree, Object.keys(files), { parser: startParser(tree.sandbox, started.seconds), limits: { fileSeconds: 0.1 } }),
    );
    expect(found.map(({ path, code }) => `${path} ${code}`)).toEqual(["slow.yaml unchecked-time", "b.pp SYNTAX_ERROR"]);
  });

  it("is not used for more than it has time for", async () => {
    await withFiles({ "a.pp": "class {" }, async (tree) => {
      const parser = startParser(tree.sandbox, 1);
      expect((await runSyntax(tree, ["a.pp"], { parser })).map(({ code }) => code)).toEqual(["SYNTAX_ERROR"]);
      await parser.end();
    });
  });

  it("is replaced where it ended while it waited", async () => {
    await withFiles({ "a.pp": "class {" }, async (tree) => {
      const parser = startParser(tree.sandbox, started.seconds);
      await parser.end();
      expect((await runSyntax(tree, ["a.pp"], { parser })).map(({ code }) => code)).toEqual(["SYNTAX_ERROR"]);
    });
  });

  it("ends where nobody asks it anything, and where the check is given up", async () => {
    await withFiles({ "a.pp": "" }, async (tree) => {
      await startParser(tree.sandbox, started.seconds).end();
      const parser = startParser(tree.sandbox, started.seconds);
      const asked = runSyntax(tree, ["a.pp"], { parser, signal: AbortSignal.timeout(1) });
      await expect(asked).rejects.toThrow("aborted due to timeout");
    });
  });
});

describe("runSyntax, at its limits", () => {
  it("does not read a file of 50 MB", async () => {
    const files = { "data/huge.yaml": "a: 1\n".repeat(10 * 1024 * 1024), "data/broken.yaml": "a: [\n" };
    const found = await withFiles(files, async (tree) => runSyntax(tree, Object.keys(files)));
    expect(found.map(line)).toEqual([
      "error -:- unchecked-size not checked: it has 50.0 MiB, and files are looked at up to 10.0 MiB",
      expect.stringMatching(/^error 2:1 yaml-syntax/),
    ]);
  });

  it("names files that are not in the tree, or that are no files", async () => {
    const found = await withFiles({ "a.pp": "", "dir.pp/x": "", "out.pp": { link: "/etc" } }, async (tree) =>
      runSyntax(tree, ["a.pp", "b.pp", "dir.pp", "../x.pp", "/etc/x.pp", "out.pp/passwd.pp", String.raw`"\4.pp"`]),
    );
    expect(found.map(({ path, code }) => `${path} ${code}`)).toEqual([
      "b.pp unchecked-missing",
      "dir.pp unchecked-missing",
      "../x.pp unchecked-name",
      "/etc/x.pp unchecked-name",
      "out.pp/passwd.pp unchecked-link",
      String.raw`"\4.pp" unchecked-name`,
    ]);
  });

  it("ends a file that takes too long, and goes on", async () => {
    // Ruby can interrupt its own parsers, and the kernel those in C.
    const files = { "slow.pp": `$x = [${"1,".repeat(60_000)}]\n`, "slow.yaml": "[".repeat(100_000), "b.pp": "class {" };
    const found = await withFiles(files, async (tree) => runSyntax(tree, Object.keys(files), { limits: { fileSeconds: 0.1 } }));
    expect(found.map(({ path, code }) => `${path} ${code}`)).toEqual([
      "slow.pp unchecked-time",
      "slow.yaml unchecked-time",
      "b.pp SYNTAX_ERROR",
    ]);
  });

  it("says how many findings it leaves out", async () => {
    const files = { "data/a.yaml": `a: 1\n${"a: 2\n".repeat(30)}` };
    const found = await withFiles(files, async (tree) => runSyntax(tree, Object.keys(files), { limits: { findings: 10 } }));
    expect(found).toHaveLength(11);
    expect(found.slice(0, 1).map(line)).toEqual(["error -:- unchecked-output only the first 10 of 30 findings are shown"]);
  });

  it("says so when Ruby or Puppet don't start", async () => {
    const problem = await withFiles({ "a.pp": "" }, async (tree) => {
      const run = async (command: SandboxedRun) => tree.sandbox.run({ ...command, command: ["ruby", "-e", "abort 'no Puppet here'"] });
      return runSyntax({ ...tree, sandbox: { ...tree.sandbox, run } }, ["a.pp"]).catch((error: unknown) => error);
    });
    expect(problem).toMatchObject({ code: "no-puppet", text: "Ruby with Puppet did not start in the sandbox: no Puppet here." });
  });

  it("has nothing to do for files without a syntax, and starts nothing", async () => {
    expect(await withFiles({ "README.md": "" }, async (tree) => runSyntax(tree, ["README.md"]))).toEqual([]);
  });
});
