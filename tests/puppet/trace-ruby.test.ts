import { beforeAll, describe, expect, test } from "vitest";

import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import type { Trace } from "../../src/plan/trace.ts";
import { makeFolder, node, openFolder } from "./fixtures.ts";

const root = "/etc/puppetlabs/code/environments/production";

/** Ruby of a function each, and what it reads besides what functions before it in its process did. */
const cases: ReadonlyArray<readonly [string, string, string[]]> = [
  ["nothing", "1", []],
  ["File.read", "File.read('ROOT/data/a.txt')", ["files data/a.txt"]],
  ["File.open", "File.open('ROOT/data/b.txt', &:read)", ["files data/b.txt"]],
  ["open", "open('ROOT/data/c.txt').read", ["files data/c.txt"]],
  ["Pathname", "Pathname.new('ROOT/data/d.txt').read", ["files data/d.txt"]],
  ["Ruby's own libraries", "YAML.load_file('ROOT/data/e.yaml').to_s", ["files data/e.yaml"]],
  ["Puppet's own libraries", "Puppet::Util::Yaml.safe_load_file('ROOT/data/f.yaml').to_s", ["files data/f.yaml"]],
  ["Puppet's file system", "Puppet::FileSystem.read('ROOT/data/g.txt')", ["files data/g.txt"]],
  ["a path with detours", "File.read('ROOT/site/../data/h.txt')", ["files data/h.txt"]],
  ["a file that is not there", "File.exist?('ROOT/data/none.txt')", ["files data/none.txt"]],
  ["by FileTest", "FileTest.file?('ROOT/data/none2.txt')", ["files data/none2.txt"]],
  ["a folder's entries", "Dir.children('ROOT/data').size", ["folders data"]],
  ["a pattern", "Dir.glob('ROOT/site/readers/{lib,files}/**/*.rb').size", ["folders site/readers"]],
  ["a pattern in brackets", "Dir['ROOT/manifests/*.pp'].size", ["folders manifests"]],
  ["Ruby's own folders", "File.exist?(RbConfig.ruby + '.none') || File.read(RbConfig::CONFIG['rubylibdir'] + '/set.rb').size", ["outside"]],
  ["where Ruby has its gems", "Gem.path.map { |folder| File.directory?(folder) }.to_s", []],
  ["what is installed", "File.exist?('/usr/bin/env')", []],
  ["that there is a folder for what is temporary", "require 'tmpdir'; Dir.tmpdir + File.directory?('/tmp').to_s", []],
  ["what is in it", "Dir.children('/tmp').size", ["impure /tmp, outside the tree, is read"]],
  ["the machine", "File.read('/etc/passwd')", ["impure /etc/passwd, outside the tree, is read"]],
];

const name = (at: number): string => `f${at}`;
const files: Record<string, string> = {
  "manifests/site.pp": cases.map((_, at) => `node 'n${at}.example' { notice(readers::${name(at)}()) }\n`).join(""),
  ...Object.fromEntries(
    cases.map(([, code], at) => [
      `site/readers/lib/puppet/functions/readers/${name(at)}.rb`,
      `Puppet::Functions.create_function(:'readers::${name(at)}') { def ${name(at)} = ${code.replaceAll("ROOT", root)}\n }\n`,
    ]),
  ),
  ...Object.fromEntries(
    ["a.txt", "b.txt", "c.txt", "d.txt", "e.yaml", "f.yaml", "g.txt", "h.txt"].map((file) => [`data/${file}`, "x: 1\n"]),
  ),
};

const traces: Trace[] = [];

function traceOf(outcome: CompileOutcome): Trace {
  if (outcome.ok && outcome.reads?.trace !== undefined) return outcome.reads.trace;
  throw new Error(`no trace of ${outcome.certname}: ${outcome.ok ? "" : outcome.error.message}`);
}

beforeAll(async () => {
  const { folder, remove } = await makeFolder(files);
  const tree = await openFolder(folder);
  try {
    const nodes = [...cases.map((_, at) => node(`n${at}.example`)), node("n0.example")];
    await tree.compile(nodes, (outcome) => traces.push(traceOf(outcome)), { workers: 1, trace: true });
  } finally {
    await tree.close();
    await remove();
  }
});

const texts = (trace: Trace | undefined): string[] =>
  trace === undefined
    ? []
    : [
        ...(["files", "folders", "impure"] as const).flatMap((kind) =>
          trace[kind].map((each) => `${kind} ${each.replace(`${root}/`, "")}`),
        ),
        ...(trace.outside ? ["outside"] : []),
      ].sort();

describe("what Ruby of the tree reads by itself", () => {
  test.each(cases.map(([what, , expected], at) => [what, at, expected] as const))("%s", (_, at, expected) => {
    const before = new Set(texts(traces[at - 1]));
    expect(traces[at]?.functions).toEqual([`readers::${name(at)}`]);
    expect(texts(traces[at]).filter((text) => !before.has(text))).toEqual(expected);
  });

  test("counts for every later node of the process", () => {
    expect(texts(traces.at(-1))).toEqual([...new Set(cases.flatMap(([, , expected]) => expected))].sort());
    expect(texts(traces[0])).toEqual([]);
  });
});
