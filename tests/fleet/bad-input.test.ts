import { describe, expect, it } from "vitest";

import { inventory } from "../../src/fleet/inventory.ts";

/** Files that are not facts: one node is lost, with one sentence that names file and line; every other node is kept. */
const good = { path: "facts/good.json", content: Buffer.from('{"kernel": "Linux"}') };
const deepList = `${"[".repeat(100)}${"]".repeat(100)}`;
const bomb = `a: &a ["x","x","x","x","x","x","x","x","x"]\n${"bcdefghi"
  .split("")
  .map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefgh"[index]}`).join(",")}]`)
  .join("\n")}`;

const cases: Array<{ name: string; path?: string; content: string | Buffer; certname?: string; code: string; says: RegExp }> = [
  { name: "no YAML", content: "os:\n  family: [Debian\n", code: "facts-not-yaml", says: /^facts\/bad\.yaml, line \d: not YAML: / },
  {
    name: "a tab",
    content: "os:\n\tfamily: Debian\n",
    code: "facts-not-yaml",
    says: /line 2: not YAML: tabs are not allowed as indentation/,
  },
  {
    name: "two documents",
    content: "kernel: Linux\n---\nkernel: Linux\n",
    code: "facts-not-yaml",
    says: /line 2: not YAML: a second document begins/,
  },
  {
    name: "an infinity",
    content: "kernel: Linux\nload: .inf\n",
    code: "facts-not-yaml",
    says: /line 2: not YAML: \.inf is not a number that a fact can have/,
  },
  {
    name: "a key twice, in YAML",
    content: "os:\n  family: Debian\n  name: x\n  family: RedHat\n",
    code: "facts-duplicate-key",
    says: /line 4: the key "family" appears twice/,
  },
  {
    name: "a key twice, in JSON",
    path: "bad.json",
    content: '{"kernel": "Linux",\n "os": {"a": "\\"}", "b": [{"a": 1}], "a": 2}}',
    code: "facts-duplicate-key",
    says: /^bad\.json, line 2: the key "a" appears twice/,
  },
  {
    name: "no JSON",
    path: "bad.json",
    content: '{"kernel": "Linux",\n\n oops}',
    code: "facts-not-json",
    says: /^bad\.json, line 3: not JSON: /,
  },
  {
    name: "JSON where V8 does not say the place",
    path: "bad.json",
    content: '{"a": [1, 2],\n"b": [1,]}',
    code: "facts-not-json",
    says: /line 2: not JSON: unexpected token '\]'/,
  },
  {
    name: "JSON that ends too early",
    path: "bad.json",
    content: '{"kernel":\n"Linux"\n',
    code: "facts-not-json",
    says: /line 2: not JSON: /,
  },
  { name: "an empty file", content: "\n\n", code: "not-facts", says: /line 1: expected node facts, found an empty file/ },
  { name: "a text", content: "# a note\nhello\n", code: "not-facts", says: /line 2: expected node facts, found a string/ },
  {
    name: "hiera data",
    content: "profile::ntp::servers:\n  - ntp1\nlookup_options: {}\n",
    code: "not-facts",
    says: /found a map of "profile::ntp::servers", "lookup_options"/,
  },
  { name: "an empty list", path: "bad.json", content: "[]", code: "not-facts", says: /found an empty list/ },
  {
    name: "a factset without its facts",
    path: "bad.json",
    content: '{"certname": "db01", "facts": {"href": "/x"}}',
    certname: "db01",
    code: "not-facts",
    says: /found a factset whose facts were left out.*for db01/,
  },
  {
    name: "a fact twice in PuppetDB's rows",
    path: "bad.json",
    content: '[{"certname":"db01","name":"a","value":1},{"certname":"db01","name":"a","value":2}]',
    certname: "db01",
    code: "not-facts",
    says: /found the fact "a" twice, for db01/,
  },
  {
    name: "a node without a certname",
    path: "facts/Web 01.json",
    content: '{"kernel": "Linux"}',
    certname: "Web 01",
    code: "bad-certname",
    says: /^facts\/Web 01\.json: "Web 01" is no certname: that is lower-case/,
  },
  {
    name: "a certname that would be a path",
    content: "name: ../../etc/passwd\nvalues: {kernel: Linux}\n",
    certname: "../../etc/passwd",
    code: "bad-certname",
    says: /"\.\.\/\.\.\/etc\/passwd" is no certname/,
  },
  {
    name: "a file name that is not UTF-8",
    path: '"facts/caf\\351.json"',
    content: '{"kernel": "Linux"}',
    certname: 'caf\\351.json"',
    code: "bad-certname",
    says: /is no certname/,
  },
  {
    name: "trusted facts of another node",
    content: "name: db01\nvalues: {kernel: Linux, trusted: {certname: db02}}\n",
    certname: "db01",
    code: "bad-trusted-facts",
    says: /the trusted facts of db01 can't be used: they are those of "db02"/,
  },
  {
    name: "trusted facts in another shape",
    content: "name: db01\nvalues: {kernel: Linux, trusted: {certname: db01, extensions: [a]}}\n",
    certname: "db01",
    code: "bad-trusted-facts",
    says: /extensions: /,
  },
  { name: "bytes that are not UTF-8", content: Buffer.from([0x6b, 0x3a, 0x20, 0xff]), code: "facts-not-utf8", says: /is not UTF-8 text/ },
  {
    name: "YAML of a megabyte and more",
    content: "x".repeat(2 ** 20 + 1),
    code: "facts-too-large",
    says: /has 1\.0 MiB: more than the 1\.0 MiB/,
  },
  { name: "JSON nested without end", path: "bad.json", content: deepList, code: "facts-too-deep", says: /nested more than 60 deep/ },
  { name: "YAML nested without end", content: `kernel: ${deepList}`, code: "facts-too-deep", says: /nested more than 60 deep/ },
  { name: "YAML nested until a stack ends", content: "[".repeat(30_000), code: "facts-too-deep", says: /nested more than 60 deep/ },
  { name: "aliases that multiply", content: bomb, code: "facts-not-yaml", says: /excessive alias count/ },
  { name: "an alias to what it is in", content: "os: &a [*a]\n", code: "facts-too-deep", says: /nested more than 60 deep/ },
];

describe("files that are not facts", () => {
  it.each(cases)("$name", ({ path = "facts/bad.yaml", content, certname, code, says }) => {
    const snapshot = inventory.readFiles([{ path, content: Buffer.from(content) }, good]);
    expect(snapshot.nodes.map((node) => node.certname)).toEqual(["good"]);
    expect(snapshot.unreadable).toHaveLength(1);
    const [unreadable] = snapshot.unreadable;
    expect(unreadable?.path).toBe(path);
    expect(unreadable?.certname).toBe(certname ?? "bad");
    expect(unreadable?.problem.code).toBe(code);
    expect(unreadable?.problem.text).toMatch(says);
    expect(unreadable?.problem.hint).not.toBe("");
  });

  it("keeps the other nodes of the same file", () => {
    const content = Buffer.from('[{"certname": "a", "facts": {"kernel": "Linux"}}, {"certname": "b", "facts": 3}]');
    const snapshot = inventory.readFiles([{ path: "fleet.json", content }]);
    expect(snapshot.nodes.map(({ certname }) => certname)).toEqual(["a"]);
    expect(snapshot.unreadable.map((node) => node.certname)).toEqual(["b"]);
  });

  it("grants the YAML of one tree only so much time", () => {
    const content = Buffer.from(`kernel: !x Linux\n${"# filler\n".repeat(100_000)}`);
    const files = Array.from({ length: 6 }, (_, index) => ({ path: `n${index}.yaml`, content }));
    const snapshot = inventory.readFiles([...files, good]);
    expect(snapshot.nodes.map(({ certname }) => certname)).toEqual(["good", "n0", "n1", "n2", "n3"]);
    expect(snapshot.unreadable.map(({ problem }) => problem.text)).toEqual([
      expect.stringContaining("n4.yaml was not read"),
      expect.stringContaining("n5.yaml was not read"),
    ]);
  });
});

describe("two accounts of one node", () => {
  const facts = (kernel: string) => Buffer.from(`{"name": "db01", "values": {"kernel": "${kernel}"}}`);

  it("are none: both files are named", () => {
    const snapshot = inventory.readFiles([{ path: "b.json", content: facts("BSD") }, { path: "a.json", content: facts("Linux") }, good]);
    expect(snapshot.nodes.map(({ certname }) => certname)).toEqual(["good"]);
    expect(snapshot.unreadable).toMatchObject([
      { certname: "db01", path: "a.json", problem: { code: "facts-clash", text: "Both a.json and b.json have facts for db01." } },
    ]);
  });

  it("are none where one of them can't be read either", () => {
    const snapshot = inventory.readFiles([
      { path: "db01.json", content: facts("Linux") },
      { path: "db01.yaml", content: Buffer.from("[") },
    ]);
    expect(snapshot.nodes).toEqual([]);
    expect(snapshot.unreadable).toMatchObject([{ problem: { code: "facts-clash" } }]);
  });

  it("are told where they are in one file", () => {
    const content = Buffer.from('[{"certname": "db01", "facts": {"a": 1}}, {"certname": "db01", "facts": {"a": 2}}]');
    expect(inventory.readFiles([{ path: "x.json", content }]).unreadable).toMatchObject([
      { problem: { text: "x.json has facts for db01 more than once." } },
    ]);
  });
});
