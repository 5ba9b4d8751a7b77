import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { SyntaxKind } from "../../src/catalog/syntax-kind.ts";
import { ruby } from "./tree.ts";

/**
 * Content that leaves a file behind where anything of it runs. The parser runs here without its sandbox, which would hide that:
 * these cases are about the script, and the sandbox is what stands behind it.
 */
interface Case {
  name: string;
  kind: SyntaxKind;
  content: (canary: string) => string;
  /** Codes of the findings. */
  expected: string[];
}

const cases: Case[] = [
  { name: "ERB", kind: "erb", content: (canary) => `<% File.write('${canary}', '') %>`, expected: [] },
  { name: "ERB that prints", kind: "erb", content: (canary) => `<%= \`touch ${canary}\` %>`, expected: [] },
  { name: "ERB with BEGIN", kind: "erb", content: (canary) => `<% BEGIN { File.write('${canary}', '') } %>`, expected: [] },
  { name: "ERB with END", kind: "erb", content: (canary) => `<% END { File.write('${canary}', '') } %>`, expected: [] },
  {
    name: "ERB with BEGIN in broken code",
    kind: "erb",
    content: (canary) => `<% BEGIN { File.write('${canary}', '') } %><% if %>`,
    expected: ["erb-syntax"],
  },
  {
    name: "ERB that interpolates",
    kind: "erb",
    content: (canary) => `<% x = "#{File.write('${canary}', '')}"; /#{File.write('${canary}', '')}/o %>`,
    expected: [],
  },
  { name: "ERB behind __END__", kind: "erb", content: (canary) => `<%\n__END__\n%><% File.write('${canary}', '') %>`, expected: [] },
  { name: "ERB that ends the parser", kind: "erb", content: () => "<% exit!(0) %>", expected: [] },
  {
    name: "a manifest that generates",
    kind: "manifest",
    content: (canary) => `$x = generate('/usr/bin/touch', '${canary}')\nnotify { $x: }`,
    expected: [],
  },
  {
    name: "a manifest with a template",
    kind: "manifest",
    content: (canary) => `notify { inline_template("<% File.write('${canary}', '') %>"): }`,
    expected: [],
  },
  {
    name: "a manifest with Ruby in a heredoc",
    kind: "manifest",
    content: (canary) => `$x = @(E:ruby)\n  BEGIN { File.write('${canary}', '') }\n  | E\n`,
    expected: [],
  },
  { name: "EPP", kind: "epp", content: (canary) => `<%= generate('/usr/bin/touch', '${canary}') %>`, expected: [] },
  {
    name: "YAML of a Ruby object",
    kind: "hiera",
    content: (canary) => `a: !ruby/object:File\n  path: ${canary}\n`,
    expected: ["yaml-class"],
  },
  { name: "YAML of a Ruby class", kind: "hiera", content: () => "a: !ruby/class Kernel\n", expected: ["yaml-class"] },
  {
    name: "YAML of an object that acts when made",
    kind: "hiera",
    content: () => "a: !ruby/object:Canary {x: 1}\n",
    expected: ["yaml-class"],
  },
  { name: "the same in YAML that is no data", kind: "yaml", content: () => "a: !ruby/object:Canary {x: 1}\n", expected: [] },
  { name: "JSON that names a class", kind: "json", content: (canary) => `{"json_class": "Canary", "a": ["${canary}"]}`, expected: [] },
];

describe("syntax.rb, without the sandbox around it", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "hostile-syntax-"));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it("runs nothing of what it parses", async () => {
    for (const [at, { content }] of cases.entries()) await writeFile(join(folder, `${at}.txt`), content(join(folder, `canary-${at}`)));
    const files = cases.map(({ kind }, id) => ({ id, kind, path: Buffer.from(join(folder, `${id}.txt`)).toString("base64") }));
    // A class that leaves a canary as soon as an object of it is made, by whatever library.
    const act = `def self.allocate; File.write('${join(folder, "canary-class")}', ''); super; end`;
    await writeFile(join(folder, "canary.rb"), `class Canary; ${act}; def self.json_create(*_); allocate; end; end\n`);
    const before = await readdir(folder);
    const request = JSON.stringify({ seconds: 10, most: 100, files });
    const stdout = await ruby(["-r", join(folder, "canary.rb"), join(import.meta.dirname, "../../src/puppet/syntax.rb")], request);
    const [ready, ...answers] = stdout.trimEnd().split("\n");
    expect(ready).toBe("ready");
    const codes = answers.map((answer) => (JSON.parse(answer) as { findings: string[][] }).findings.map((row) => row[3]));
    expect(codes.map((found, at) => [cases[at]?.name, [...new Set(found.filter((code) => code !== "yaml-not-a-hash"))]])).toEqual(
      cases.map(({ name, expected }) => [name, expected]),
    );
    expect(await readdir(folder)).toEqual(before);
  });

  it("would have left the canary had it been run", async () => {
    const canary = join(folder, "canary-run");
    await ruby(["-rerb", "-e", "ERB.new($stdin.read).result"], `<% BEGIN { File.write('${canary}', '') } %>`);
    expect(await readdir(folder)).toContain("canary-run");
  });
});
