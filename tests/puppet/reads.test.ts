import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { factsDigest } from "../../src/plan/facts-digest.ts";
import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import type { FactPath } from "../../src/plan/trace.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import { compileAll, makeFolder, node, openFolder } from "./fixtures.ts";

/** One node a case: its code, and the facts that it must be said to have read. */
const cases: ReadonlyArray<readonly [string, string, string[]]> = [
  ["a fact by its path", 'notice($facts["os"]["family"])', ["os.family"]],
  ["the same from a class, which the top scope stands above", "include readers::path", ["os.family"]],
  ["the same with its leading colons", 'notice($::facts["os"]["release"]["major"])', ["os.release.major"]],
  ["all below a path that is taken as a whole", '$x = $facts["os"] notice($x)', ["os"]],
  ["no more than the whole where a part of it is read later", '$x = $facts["os"] notice($x["family"])', ["os"]],
  ["a fact that is not there", 'if $facts["none"] { notice("x") }', ["none"]],
  ["below a fact that is not there", 'notice($facts.dig("none", "more"))', ["none"]],
  ["two at once", 'notice($facts["role", "uptime_days"])', ["role", "uptime_days"]],
  ["a variable key", '$k = "family" notice($facts["os"][$k])', ["os.family"]],
  ["a fact as a key to a fact", 'notice($facts["os"][$facts["role"]])', ["os.web", "role"]],
  ["a legacy fact", "notice($::role)", ["role"]],
  ["a structured fact as a variable of its own", 'notice($os["family"])', ["os.family"]],
  ["in a string", "notice(\"x ${facts['os']['family']} ${role}\")", ["os.family", "role"]],
  ["dig and get", 'notice(dig($facts, "os", "family"), $facts.get("os.release.major"))', ["os.family", "os.release.major"]],
  ["getvar", 'notice(getvar("facts.os.family"), getvar("::role"))', ["os.family", "role"]],
  ["whether one is there", "if defined('$role') { notice('x') }", ["role"]],
  ["fqdn_rand, for the name alone", "notice(fqdn_rand(10))", ["networking.fqdn"]],
  ["all of them, where all may be read", "notice($facts)", ["*"]],
  ["all of them, where a function is given the map", 'notice($facts.filter |$k, $v| { $k == "role" })', ["*"]],
  ["all of them, where Ruby takes the map into its hands", "notice(readers::ruby())", ["*"]],
  ["all of them, where Ruby asks the node", "notice(readers::node())", ["*"]],
  ["one, where Ruby asks for it by name", "notice(readers::named())", ["role"]],
  ["a local variable is no fact", "$own = 1 notice($own)", []],
  ["all of them, where a template takes all variables", "notice(inline_template('<%= scope.to_hash[%q(role)] %>'))", ["*"]],
  ["after a template, all of them where Ruby takes all variables", "notice(template('readers/some.erb'), readers::variables())", ["*"]],
  ["trusted and server facts are none", 'notice($trusted["certname"], $server_facts["servername"], $serverversion)', []],
  ["in hiera's paths and data", 'notice(lookup("greeting"))', ["os.family", "role"]],
  ["in an ERB template", "notice(template('readers/some.erb'))", ["os.family", "role"]],
  ["in an ERB template that can reach anything", "notice(inline_template('<%= instance_variable_get(%q(@ro) + %q(le)) %>'))", ["*"]],
  ["in an EPP template", 'notice(inline_epp(\'<%= $facts["os"]["family"] %>\'))', ["os.family"]],
  ["nothing", "notice(1)", []],
];

const files = {
  "hiera.yaml": "version: 5\nhierarchy:\n  - {name: os, path: 'os/%{facts.os.family}.yaml'}\n  - {name: common, path: common.yaml}\n",
  "data/common.yaml": "greeting: 'hello %{::role}'\n",
  "site/readers/manifests/path.pp": 'class readers::path { notice($facts["os"]["family"]) }\n',
  "site/readers/templates/some.erb": "<%= @facts['os']['family'] %> <%= @role %>\n",
  "site/readers/lib/puppet/functions/readers/ruby.rb":
    "Puppet::Functions.create_function(:'readers::ruby') { def ruby = closure_scope['facts']['role'] }\n",
  "site/readers/lib/puppet/functions/readers/node.rb":
    "Puppet::Functions.create_function(:'readers::node') { def node = closure_scope.compiler.node.facts.values['role'] }\n",
  "site/readers/lib/puppet/functions/readers/named.rb":
    "Puppet::Functions.create_function(:'readers::named') { def named = closure_scope.lookupvar('::role') }\n",
  "site/readers/lib/puppet/functions/readers/variables.rb":
    "Puppet::Functions.create_function(:'readers::variables') { def variables = closure_scope.to_hash['role'] }\n",
  "manifests/site.pp": cases.map(([, code], at) => `node 'n${at}.example' {\n${code}\n}\n`).join(""),
};

const values = (uptime: number): Record<string, unknown> => ({
  os: { family: "Debian", release: { major: "12", full: "12.1" }, web: "x" },
  networking: { fqdn: "a.example", ip: "10.0.0.1" },
  role: "web",
  uptime_days: uptime,
});
const nodes = (uptime: number): NodeFacts[] => cases.map((_, at) => node(`n${at}.example`, values(uptime)));

let tree: OpenTree;
let remove: () => Promise<void>;
let before: Map<string, CompileOutcome>;
let after: Map<string, CompileOutcome>;

beforeAll(async () => {
  const made = await makeFolder(files);
  remove = made.remove;
  tree = await openFolder(made.folder);
  before = await compileAll(tree, nodes(1));
  after = await compileAll(tree, nodes(2));
});
afterAll(async () => {
  await tree.close();
  await remove();
});

function factsRead(outcome: CompileOutcome | undefined): readonly FactPath[] {
  if (!outcome?.ok || outcome.reads === undefined) throw new Error(`no reads: ${JSON.stringify(outcome)}`);
  return outcome.reads.facts;
}
const text = (paths: readonly FactPath[]): string[] => paths.map((path) => (path.length === 0 ? "*" : path.join("."))).sort();

describe("the facts that a compile read", () => {
  test.each(cases.map(([name, , expected], at) => [name, at, expected] as const))("%s", (_, at, expected) => {
    expect(text(factsRead(before.get(`n${at}.example`)))).toEqual(expected);
  });

  test("are the same whatever the facts say that nobody read, and so is their digest: an uptime invalidates no catalog", () => {
    for (const [at, [, , expected]] of cases.entries()) {
      const [old, now] = [factsRead(before.get(`n${at}.example`)), factsRead(after.get(`n${at}.example`))];
      expect(now).toEqual(old);
      const isSame = factsDigest(old, values(1)) === factsDigest(now, values(2));
      expect([at, isSame]).toEqual([at, !expected.includes("*") && !expected.includes("uptime_days")]);
    }
  });
});
