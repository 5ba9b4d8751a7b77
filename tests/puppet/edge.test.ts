import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import { run } from "../../src/process/run.ts";
import { isAtLeast } from "../../src/puppet/versions.ts";
import { catalogOf, compileAll, makeFolder, node, openFolder, puppet, resource, startRaw } from "./fixtures.ts";

test("versions are those that will run", async () => {
  const { coreModules, worker, image, ...found } = await puppet.versions();
  expect(coreModules).toMatch(/\bpuppetlabs-mount_core \d+\.\d+/u);
  expect(worker).toMatch(/^[0-9a-f]{64}$/u);
  expect(JSON.parse(image)).toHaveLength(4);
  expect(Object.keys(found).sort()).toEqual(["bubblewrap", "puppet", "puppetLint", "ruby"]);
  for (const version of Object.values(found)) expect(version).toMatch(/^\d+\.\d+/);
});

test.each([
  ["7.23.0", "7", true],
  ["6.29.0", "7", false],
  ["0.8.0", "0.7", true],
  ["0.10.0", "0.7", true],
  ["0.4.1", "0.7", false],
  ["3.1.2", "2.7", true],
  ["2.5", "2.5", true],
  ["2.4.9", "2.5", false],
  ["8.0.0-rc1", "8", true],
])("%s is at least %s: %s", (found, wanted, expected) => {
  expect(isAtLeast(found, wanted)).toBe(expected);
});

test("one open tree answers for lint and syntax as well", async () => {
  const { folder, remove } = await makeFolder({
    "manifests/site.pp": "node 'a' { }\n",
    "site/x/manifests/init.pp": "class x {\n  file { 'unfinished'\n}\n",
    "site/y/manifests/init.pp": 'class y { notify { "plain": } }\n',
  });
  const tree = await openFolder(folder);
  const [syntax, lint] = await Promise.all([
    tree.syntax(["site/x/manifests/init.pp", "site/y/manifests/init.pp"]),
    tree.lint(["site/y/manifests/init.pp"], []),
  ]);
  expect(syntax).toEqual([expect.objectContaining({ check: "syntax", severity: "error", path: "site/x/manifests/init.pp" })]);
  expect(lint.map(({ code }) => code)).toContain("double_quoted_strings");
  await tree.close();
  await remove();
});

test("types that left Puppet for modules of its packages are there, behind those of the tree", async () => {
  const { folder, remove } = await makeFolder({
    "manifests/site.pp":
      "cron { 'sweep': command => '/bin/true', hour => 3 }\nmount { '/srv': ensure => mounted, device => 'LABEL=srv', fstype => 'ext4' }\nhost { 'own': size => 4 }\n",
    "modules/host_core/lib/puppet/type/host.rb":
      "Puppet::Type.newtype(:host) do\n  newparam(:name, namevar: true)\n  newparam(:size)\nend\n",
  });
  const tree = await openFolder(folder);
  const catalog = catalogOf((await compileAll(tree, [node("a.example")])).get("a.example"));
  const parameter = (type: string, title: string, name: string): unknown => resource(catalog, type, title).parameters.get(name);
  expect([parameter("Mount", "/srv", "fstype"), parameter("Cron", "sweep", "hour"), parameter("Host", "own", "size")]).toEqual([
    "ext4",
    3,
    4,
  ]);
  await tree.close();
  await remove();
});

const site = `
node default {
  include stdlib
  include role
  file { ['/srv/a/', '/srv/b']: ensure => directory, tag => ['one', 'two'] }
  package { ['curl', 'git']: ensure => installed } -> Service['cron']
  service { 'cron': ensure => running, enable => true, subscribe => File['/etc/motd'] }
  user { 'web': groups => ['b', 'a'] }
  @user { 'unwanted': }
  @user { 'wanted': }
  realize User['wanted']
  User <| title == 'web' |> { shell => '/bin/sh' }
  Exec { path => '/bin' }
  exec { 'true': refreshonly => true }
  role::part { 'p': number => 3 }
}
`;
const tree = {
  "hiera.yaml": "version: 5\nhierarchy:\n  - {name: common, path: common.yaml}\n",
  "data/common.yaml": "role::text: from hiera\nlookup_options: {role::many: {merge: unique}}\nrole::many: [a, b]\n",
  "manifests/site.pp": site,
  "modules/stdlib/manifests/init.pp": "class stdlib { stage { 'setup': before => Stage['main'] } }\n",
  "modules/role/manifests/init.pp":
    "class role(String $text, Array $many, $missing = undef) {\n  file { '/etc/motd': content => template('role/motd.erb'), mode => '0644' }\n  concat::fragment { 'f': }\n}\n",
  "modules/role/manifests/part.pp": "define role::part(Integer $number) { notify { \"part ${number}\": loglevel => 'debug' } }\n",
  "modules/role/templates/motd.erb": "<%= @text %> <%= @many.join %> on <%= @facts['kernel'] %> <%= scope['trusted']['certname'] %>\n",
  "modules/concat/manifests/fragment.pp": "define concat::fragment { my_thing { $name: size => 4 } }\n",
  "modules/concat/lib/puppet/type/my_thing.rb":
    "Puppet::Type.newtype(:my_thing) do\n  newparam(:name, namevar: true)\n  newparam(:size)\nend\n",
  "modules/concat/lib/puppet/provider/package/odd.rb": "Puppet::Type.type(:package).provide(:odd, parent: :gem) { }\n",
};

// Real Puppet's own command is the judge: 3 to 5 seconds. (Without Deferred, which the command turns into text, and a server does not.)
test("a warm worker's catalog is the one that `puppet catalog compile` makes", async () => {
  const main = await makeFolder(tree);
  const facts: NodeFacts = node("judge.example", { kernel: "Linux", clientcert: "judge.example" });
  const ours = await compileRaw(main.folder, facts);
  const theirs = await compileByCommand(main.folder, facts);
  expect(ours["resources"]).toEqual(theirs["resources"]);
  expect((ours["resources"] as unknown[]).length).toBeGreaterThan(15);
  expect(ours["edges"]).toEqual(theirs["edges"]);
  expect(ours["classes"]).toEqual(theirs["classes"]);
  await main.remove();
});

type Raw = Record<string, unknown>;
const withoutPath = (json: string, path: string): Raw => JSON.parse(json.replaceAll(path, "TREE")) as Raw;

/** The catalog as the worker writes it, before it is parsed. */
async function compileRaw(folder: string, facts: NodeFacts): Promise<Raw> {
  const worker = await startRaw(folder);
  const { catalog, error } = withoutPath(await worker.compile(facts), worker.root);
  await worker.end();
  if (error) throw new Error(JSON.stringify(error));
  return catalog as Raw;
}

async function compileByCommand(folder: string, { certname, values }: NodeFacts): Promise<Raw> {
  const top = await mkdtemp(join(tmpdir(), "puppet-gate-judge-"));
  await mkdir(join(top, "environments"));
  await symlink(folder, join(top, "environments/production"));
  await mkdir(join(top, "var/yaml/facts"), { recursive: true });
  const document = `--- !ruby/object:Puppet::Node::Facts\n${JSON.stringify({ name: certname, values })}`;
  await writeFile(join(top, `var/yaml/facts/${certname}.yaml`), document);
  const result = await run({
    file: "puppet",
    args: `catalog compile ${certname} --confdir ${top}/conf --vardir ${top}/var --environmentpath ${top}/environments
      --facts_terminus yaml --node_terminus plain --render-as json --log_level crit`.split(/\s+/),
    env: { PATH: "/opt/puppetlabs/puppet/bin:/usr/local/bin:/usr/bin:/bin", HOME: top, LANG: "C.UTF-8" },
    cwd: "/",
    seconds: 60,
    outputBytes: 10_000_000,
  });
  await rm(top, { recursive: true });
  const output = result.stdout.toString();
  if (!output.includes("{")) throw new Error(result.stderr || output);
  return withoutPath(output.slice(output.indexOf("{")), join(top, "environments/production"));
}
