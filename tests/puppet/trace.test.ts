import { beforeAll, describe, expect, test } from "vitest";

import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import type { Trace } from "../../src/plan/trace.ts";
import { makeFolder, node, openFolder } from "./fixtures.ts";

const root = "/etc/puppetlabs/code/environments/production";

/** What an alias of an alias is made of. */
const port = ["types typed::port", "types typed::number", "manifests typed::port", "manifests typed::number"];
/** What is read for a key: it itself and the options of keys. */
const asked = (key: string): string[] => [
  ...[key, "lookup_options"].flatMap((each) => [
    `keys ${each}`,
    ...["extra/one.yaml", "zones/b.yaml", "secret.eyaml", "common.yaml"].map((file) => `data data/${file}: ${each}`),
  ]),
  "data data/whole.txt: *",
  "functions funcs::whole",
  "absent data/roles/none.yaml",
  "absent data/zones/a.yaml",
  "folders data/extra",
];
const ruby = (name: string, code: string): Record<string, string> => ({
  [`site/funcs/lib/puppet/functions/funcs/${name}.rb`]: `Puppet::Functions.create_function(:'funcs::${name}') { def ${name} = ${code}\n }\n`,
});
const oldRuby = (name: string, code: string): string =>
  `module Puppet::Parser::Functions\n newfunction(:${name}, type: :rvalue) { |_| ${code} }\nend\n`;

/**
 * One node a case: its code, and what it is to be said to have read besides what every node reads (`nothing`). Names as `kind name`, paths
 * without the tree's root; data as `data path: key`.
 */
const cases: ReadonlyArray<readonly [string, string, string[]]> = [
  ["nothing", "", []],
  ["a class", "include plain", ["manifests plain"]],
  ["a class of a file that it shares", "include plain::inner", ["manifests plain::inner"]],
  ["a class that is not there", "if defined('plain::none') { notice(1) }", ["manifests plain::none"]],
  ["a class with its parent", "include plain::child", ["manifests plain::child", "manifests plain::parent"]],
  ["the same parent again", "include plain::sister", ["manifests plain::sister", "manifests plain::parent"]],
  ["a define", "plain::thing { 'x': }", ["manifests plain::thing"]],
  ["the same by create_resources", "create_resources(plain::thing, { 'x' => {} })", ["manifests plain::thing"]],
  ["a parameter's type, an alias of an alias", "include typed", ["manifests typed", ...port, ...asked("typed::port")]],
  ["the same type in a function", "notice(typed::next(80))", ["functions typed::next", ...port]],
  ["a function of Puppet's language that calls one", "notice(funcs::outer())", ["functions funcs::outer", "functions funcs::inner"]],
  ["a Ruby function", "notice(funcs::ruby())", ["functions funcs::ruby"]],
  ["a Ruby function of the old kind", "notice(funcs_old())", ["functions funcs_old"]],
  ["one that is called as a method", "notice(funcs::method())", ["functions funcs::method", "functions funcs_old"]],
  ["ERB", "notice(template('texts/some.erb'))", ["files site/texts/templates/some.erb"]],
  [
    "ERB that calls functions",
    "notice(template('texts/calls.erb'))",
    ["functions funcs_old", "functions funcs::ruby", "files site/texts/templates/calls.erb"],
  ],
  ["EPP", "notice(epp('texts/some.epp'))", ["files site/texts/templates/some.epp"]],
  ["a file's content", "notice(file('texts/some.txt'))", ["files site/texts/files/some.txt"]],
  [
    "the first of two files, the other in vain",
    "notice(file('texts/none.txt', 'texts/some.txt'))",
    ["files site/texts/files/some.txt", "files site/texts/files/none.txt"],
  ],
  [
    "a file of a module that is not there",
    "notice(find_file('none/some.txt'))",
    ["files site/none/files/some.txt", "files modules/none/files/some.txt"],
  ],
  ["a folder", "notice(find_file('texts/.'))", ["folders site/texts/files"]],
  ["a value", "notice(lookup('greeting'))", [...asked("greeting")]],
  ["a key that no file has", "notice(lookup('none', { 'default_value' => 1 }))", [...asked("none")]],
  ["a part of a value", "notice(lookup('map.inner'))", [...asked("map")]],
  ["a value that names another", "notice(lookup('indirect'))", [...asked("indirect"), ...asked("greeting")]],
  ["what options say of a key", "notice(lookup('merged'))", [...asked("merged")]],
  [
    "a module's data",
    "include moduled",
    [
      ...asked("moduled::word"),
      "manifests moduled",
      "data site/moduled/data/common.yaml: moduled::word",
      "data site/moduled/data/common.yaml: lookup_options",
      "absent site/moduled/data/os/none.yaml",
    ],
  ],
  ["a Timestamp that is given", "notice(Timestamp('2020-01-01'))", []],
  ["a Timestamp of now", "notice(Timestamp())", ["impure a Timestamp of now is made"]],
  ["the clock in ERB", "notice(inline_template('<%= Time.now.year %>'))", ["impure the template in manifests/site.pp uses Time"]],
  ["a word in ERB's text", "notice(inline_template('Time: <%= %q(rand) %><%# Time.now %>'))", []],
  ["chance in a Ruby function", "notice(funcs::chance())", ["functions funcs::chance", "impure the function funcs::chance uses rand"]],
  ["the same in an old one", "notice(old_chance())", ["functions old_chance", "impure the function old_chance uses SecureRandom"]],
  ["chance from a seed, and words in comments", "notice(funcs::seeded())", ["functions funcs::seeded"]],
  ["a command", "notice(generate('/bin/echo', 'x'))", ["impure a command is run"]],
  ["exported resources", "@@plain::thing { 'e': } Plain::Thing <<| |>>", ["manifests plain::thing", "outside"]],
  ["a collector of virtual ones", "@plain::thing { 'v': } Plain::Thing <| |>", ["manifests plain::thing"]],
];

const files = {
  "hiera.yaml": `version: 5
hierarchy:
  - {name: role, path: "roles/%{facts.role}.yaml"}
  - {name: extra, glob: "extra/*.yaml"}
  - {name: zones, mapped_paths: [facts.zones, zone, "zones/%{zone}.yaml"]}
  - {name: secret, path: secret.eyaml, lookup_key: eyaml_lookup_key, options: {pkcs7_private_key: /none, pkcs7_public_key: /none}}
  - {name: whole, path: whole.txt, data_hash: funcs::whole}
  - {name: common, path: common.yaml}
`,
  "data/common.yaml": `typed::port: 80
greeting: hello
indirect: "%{lookup('greeting')} there"
map: {inner: 1}
merged: {a: 1}
lookup_options: {merged: {merge: hash}}
`,
  "data/extra/one.yaml": "extra: 1\n",
  "data/zones/b.yaml": "zone: b\n",
  "data/secret.eyaml": "secret: ENC[PKCS7,MIIBiQYJKoZIhvcNAQcDoIIBejCCAXYCAQAxggEhMIIBHQIBADAFMAACAQEwDQYJKoZIhvcNAQEBBQAE]\n",
  "data/whole.txt": "anything",
  "site/plain/manifests/init.pp": "class plain {}\nclass plain::inner {}\n",
  "site/plain/manifests/thing.pp": "define plain::thing {}\n",
  "site/plain/manifests/parent.pp": "class plain::parent {}\n",
  "site/plain/manifests/child.pp": "class plain::child inherits plain::parent {}\n",
  "site/plain/manifests/sister.pp": "class plain::sister inherits plain::parent {}\n",
  "site/typed/manifests/init.pp": "class typed(Typed::Port $port) {}\n",
  "site/typed/types/port.pp": "type Typed::Port = Typed::Number\n",
  "site/typed/types/number.pp": "type Typed::Number = Integer[1, 65535]\n",
  "site/typed/functions/next.pp": "function typed::next(Typed::Port $port) >> Integer { $port + 1 }\n",
  "site/funcs/functions/outer.pp": "function funcs::outer() { funcs::inner() }\n",
  "site/funcs/functions/inner.pp": "function funcs::inner() { 1 }\n",
  "site/funcs/functions/whole.pp": "function funcs::whole(Hash $options, Puppet::LookupContext $context) { { 'whole' => 1 } }\n",
  ...ruby("ruby", "1"),
  ...ruby("method", "closure_scope.function_funcs_old([])"),
  ...ruby("chance", "rand"),
  ...ruby("seeded", "[1.is_a?(Time), Random.new(1).rand, 'SecureRandom'].size # Time.now"),
  "site/funcs/lib/puppet/parser/functions/funcs_old.rb": oldRuby("funcs_old", "1"),
  "site/funcs/lib/puppet/parser/functions/old_chance.rb": oldRuby("old_chance", "SecureRandom.hex"),
  "site/texts/templates/some.erb": "Time <%= 1 %>\n",
  "site/texts/templates/calls.erb": "<%= scope.function_funcs_old([]) %> <%= scope.call_function('funcs::ruby', []) %>\n",
  "site/texts/templates/some.epp": "<%= 1 %>\n",
  "site/texts/files/some.txt": "some\n",
  "site/moduled/hiera.yaml":
    "version: 5\nhierarchy:\n  - {name: os, path: 'os/%{facts.role}.yaml'}\n  - {name: common, path: common.yaml}\n",
  "site/moduled/data/common.yaml": "moduled::word: x\n",
  "site/moduled/manifests/init.pp": "class moduled(String $word) {}\n",
  "manifests/site.pp": cases.map(([, code], at) => `node 'n${at}.example' {\n${code}\n}\n`).join(""),
};

const nodes = cases.map((_, at) => node(`n${at}.example`, { role: "none", zones: ["a", "b"] }));
const forth = new Map<string, Trace>();
const back = new Map<string, Trace>();

/** Compiles by one worker, in the order given. */
async function traced(order: typeof nodes, into: Map<string, Trace>): Promise<void> {
  const { folder, remove } = await makeFolder(files);
  const tree = await openFolder(folder);
  try {
    await tree.compile(order, (outcome) => into.set(outcome.certname, traceOf(outcome)), { workers: 1, trace: true });
  } finally {
    await tree.close();
    await remove();
  }
}

function traceOf(outcome: CompileOutcome): Trace {
  if (outcome.ok && outcome.reads?.trace !== undefined) return outcome.reads.trace;
  throw new Error(`no trace: ${JSON.stringify(outcome, (_, value: unknown) => (value instanceof Map ? "" : value)).slice(0, 2000)}`);
}

beforeAll(async () => {
  await Promise.all([traced(nodes, forth), traced(nodes.toReversed(), back)]);
});

/** All of a trace but its node statement, one text each. */
function texts({ manifests, functions, types, files: read, folders, data, absent, keys, outside, impure }: Trace): string[] {
  const bare = (path: string): string => path.replace(`${root}/`, "");
  const kinds = { manifests, functions, types, files: read, folders, absent, keys, impure };
  return [
    ...Object.entries(kinds).flatMap(([kind, names]) => names.map((name) => `${kind} ${bare(name)}`)),
    ...data.flatMap(({ path, keys: asked }) => (asked ?? ["*"]).map((key) => `data ${bare(path)}: ${key}`)),
    ...(outside ? ["outside"] : []),
  ].sort();
}

function given(traces: ReadonlyMap<string, Trace>, certname: string): Trace {
  const trace = traces.get(certname);
  if (trace) return trace;
  throw new Error(`${certname} was not compiled`);
}

describe("what a compile read", () => {
  test.each(cases.map(([name, , expected], at) => [name, at, expected] as const))("%s", (_, at, expected) => {
    const always = new Set(texts(given(forth, "n0.example")));
    const trace = given(forth, `n${at}.example`);
    expect(trace.node).toBe(`n${at}.example`);
    expect(texts(trace).filter((text) => !always.has(text))).toEqual([...new Set(expected)].sort());
  });

  test("is the same whichever nodes the process compiled before", () => {
    for (const { certname } of nodes) expect(texts(given(back, certname))).toEqual(texts(given(forth, certname)));
  });

  test("is whole where its tree's nodes were compiled without it before", async () => {
    const { folder, remove } = await makeFolder(files);
    const tree = await openFolder(folder);
    const told: CompileOutcome[] = [];
    const [first] = nodes.slice(cases.findIndex(([, code]) => code === "include typed"));
    if (first === undefined) throw new Error("no such node");
    try {
      await tree.compile([first], (outcome) => told.push(outcome), { workers: 1 });
      await tree.compile([first], (outcome) => told.push(outcome), { workers: 1, trace: true });
    } finally {
      await tree.close();
      await remove();
    }
    const [without, within] = told;
    expect(without?.ok && without.reads).not.toHaveProperty("trace");
    expect(within && texts(traceOf(within))).toEqual(texts(given(forth, first.certname)));
  });
});
