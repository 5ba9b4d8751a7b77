import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import { findCycles } from "../../src/catalog/cycles.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import { catalogOf, compileAll, makeFolder, node, openFolder } from "../puppet/fixtures.ts";
import { line } from "./build.ts";

/** Cases that only Puppet itself can make: each is a node of its own, compiled on both sides in the worker's sandbox. */
interface Case {
  n: number;
  what: string;
  before: string;
  after: string;
  expected: readonly string[];
}

const cases: Case[] = [
  {
    n: 3,
    what: "users, groups, services and a type of the tree's own that are called otherwise are renamed",
    before: `user { 'ann': uid => 1 } group { 'ops': gid => 5 } service { 'ssh': enable => true } share { '/srv/': }`,
    after: `user { 'Ann Doe': name => 'ann', uid => 1 } group { 'operators': name => 'ops', gid => 5 }
      service { 'shell': name => 'ssh', enable => true } share { '/srv': }`,
    expected: [
      'type-only renamed Group[operators] "ops" -> "operators"',
      'type-only renamed Service[shell] "ssh" -> "shell"',
      'type-only renamed Share[/srv] "/srv/" -> "/srv"',
      'type-only renamed User[Ann Doe] "ann" -> "Ann Doe"',
    ],
  },
  {
    n: 4,
    what: "a path with slashes too many, and what requires it",
    before: `file { '/etc/x/': ensure => directory } file { '/y': path => '/etc//y/', require => File['/etc/x/'] }`,
    after: `file { '/etc/x': ensure => directory } file { '/y': path => '/etc/y', require => File['/etc/x'] }`,
    expected: [],
  },
  {
    n: 5,
    what: "tags on a file whose title is not its path",
    before: `file { 'motd': path => '/etc/motd', tag => 'a' }`,
    after: `file { 'motd': path => '/etc/motd', tag => ['b', 'c'] }`,
    expected: [],
  },
  {
    n: 14,
    what: "arrows and metaparameters say the same",
    before: `file { '/a': } -> file { '/b': } ~> service { 'x': }`,
    after: `file { '/a': before => File['/b'] } file { '/b': } service { 'x': subscribe => File['/b'] }`,
    expected: [],
  },
  {
    n: 24,
    what: "numbers and booleans for their texts are quiet",
    before: `user { 'ann': uid => 1001 } service { 'x': enable => true }`,
    after: `user { 'ann': uid => '1001' } service { 'x': enable => 'true' }`,
    expected: ['type-only changed Service[x] enable true -> "true"', 'type-only changed User[ann] uid 1001 -> "1001"'],
  },
  {
    n: 25,
    what: "1 and 1.0, which are two texts",
    before: `notify { 'x': message => 1 } notify { 'y': message => [9007199254740993] }`,
    after: `notify { 'x': message => 1.0 } notify { 'y': message => [9007199254740992] }`,
    expected: [
      'system changed Notify[x] message 1 -> "1.0"',
      'system changed Notify[y] message ["9007199254740993"] -> [9007199254740992]',
    ],
  },
  {
    n: 27,
    what: "a mode with and without zero, and in letters",
    before: `file { '/a': mode => '0644' } file { '/b': mode => '0644' } file { '/c': mode => '0644' }`,
    after: `file { '/a': mode => '644' } file { '/b': mode => 'u=rw,go=r' } file { '/c': mode => '0640' }`,
    expected: ['type-only changed File[/b] mode "0644" -> "u=rw,go=r"', 'system changed File[/c] mode "0644" -> "0640"'],
  },
  {
    n: 28,
    what: "words that a type takes for one another, and those that it does not",
    before: `package { 'x': ensure => installed } service { 'y': ensure => true } file { '/z': ensure => present }`,
    after: `package { 'x': ensure => present } service { 'y': ensure => running } file { '/z': ensure => file }`,
    expected: ['system changed File[/z] ensure "present" -> "file"'],
  },
  {
    n: 28,
    what: "a type of the tree's own: what it munges, what raises, and what would ask the host",
    before: `gadget { 'g': colour => 'Red', broken => 'a', host => 'a', kernel => 'a', slow => 'A' }`,
    after: `gadget { 'g': colour => 'RED', broken => 'b', host => 'b', kernel => 'b', slow => 'a' }`,
    expected: [
      'system changed Gadget[g] broken "a" -> "b"',
      'system changed Gadget[g] host "a" -> "b"',
      'system changed Gadget[g] kernel "a" -> "b"',
      'system changed Gadget[g] slow "A" -> "a"',
    ],
  },
  {
    n: 52,
    what: "an override by a collector",
    before: `file { '/a': mode => '0644', tag => 'x' }`,
    after: `file { '/a': mode => '0644', tag => 'x' } File <| tag == 'x' |> { mode => '0600' }`,
    expected: ['system changed File[/a] mode "0644" -> "0600"'],
  },
  {
    n: 53,
    what: "data of hiera, in the resources that it comes to",
    before: `class { 'own': }`,
    after: `class { 'own': }`,
    expected: [
      'class-parameter changed Class[Own] greeting "hello" -> "welcome"',
      'system changed Notify[greeting] message "hello" -> "welcome"',
    ],
  },
  { n: 54, what: "what is virtual and never realised", before: ``, after: `@user { 'ann': }`, expected: [] },
  {
    n: 59,
    what: "fqdn_rand is the same at every compile",
    before: `notify { 'x': message => fqdn_rand(60) } notify { 'y': message => '1' }`,
    after: `notify { 'x': message => fqdn_rand(60) } notify { 'y': message => '2' }`,
    expected: ['system changed Notify[y] message "1" -> "2"'],
  },
  {
    n: 60,
    what: "where the tree lies is the same on both sides",
    before: `notify { 'x': message => module_directory('own') }`,
    after: `notify { 'x': message => module_directory('own') } notify { 'y': }`,
    expected: ["system added Notify[y] null -> {}"],
  },
  {
    n: 64,
    what: "a parameter called type, of a define and of a type",
    before: `own::typed { 'x': type => 'a' } gadget { 'g': type => 'a' }`,
    after: `own::typed { 'x': type => 'b' } gadget { 'g': type => 'b' }`,
    expected: [
      'system changed Gadget[g] type "a" -> "b"',
      'system changed Notify[typed x] message "a" -> "b"',
      'class-parameter changed Own::Typed[x] type "a" -> "b"',
    ],
  },
];

const autorequired = `file { '/srv': ensure => directory, require => Exec['make'] } file { '/srv/x': } exec { '/bin/true':
  alias => 'make', require => File['/srv/x'] }`;

const gadget = `Puppet::Type.newtype(:gadget) do
  newparam(:name, namevar: true)
  newparam(:type)
  newproperty(:colour) { munge { |value| value.downcase } }
  newproperty(:broken) { munge { |value| raise 'no' } }
  newproperty(:host) { munge { |value| Puppet::Util::Execution.execute(['/bin/echo', 'same']).strip } }
  newproperty(:kernel) { munge { |value| Facter.value(:kernel) } }
  newproperty(:slow) { munge { |value| provider.name; value.downcase } }
end
`;

const share = `Puppet::Type.newtype(:share) do
  newparam(:name, namevar: true) { munge { |value| value.chomp('/') } }
end
`;

const nameOf = (number: number): string => `c${number}.example`;

describe("with Puppet's own types", () => {
  const removes: Array<() => Promise<void>> = [];
  const trees: OpenTree[] = [];
  const sides: Record<"before" | "after", Map<string, Catalog>> = { before: new Map(), after: new Map() };

  async function compile(side: "before" | "after"): Promise<void> {
    const nodes = [...cases.map((each) => each[side]), side === "after" ? autorequired : ""].map(
      (manifest, at) => `node '${nameOf(at)}' {\n${manifest}\n}\n`,
    );
    const { folder, remove } = await makeFolder({
      "manifests/site.pp": nodes.join(""),
      "hiera.yaml": "version: 5\nhierarchy: [{name: common, path: common.yaml}]\n",
      "data/common.yaml": `own::greeting: ${side === "before" ? "hello" : "welcome"}\n`,
      "modules/own/manifests/init.pp": "class own($greeting) { notify { 'greeting': message => $greeting } }\n",
      "modules/own/manifests/typed.pp": 'define own::typed($type) { notify { "typed ${name}": message => $type } }\n',
      "modules/own/lib/puppet/type/gadget.rb": gadget,
      "modules/own/lib/puppet/type/share.rb": share,
    });
    removes.push(remove);
    const tree = await openFolder(folder);
    trees.push(tree);
    const outcomes = await compileAll(
      tree,
      nodes.map((_, at) => node(nameOf(at))),
    );
    for (const [certname, outcome] of outcomes) sides[side].set(certname, catalogOf(outcome));
  }

  const found = (side: "before" | "after", at: number): Catalog => {
    const catalog = sides[side].get(nameOf(at));
    if (catalog === undefined) throw new Error(`no catalog of ${nameOf(at)} ${side}`);
    return catalog;
  };

  beforeAll(() => Promise.all([compile("before"), compile("after")]));
  afterAll(() => Promise.all([...trees.map((tree) => tree.close()), ...removes.map((remove) => remove())]));

  it.each(cases.map((each, at) => ({ ...each, at })))("case $n: $what", ({ at, expected }) => {
    expect(diffCatalogs(found("before", at), found("after", at)).map(line)).toEqual(expected);
  });

  it("case 28: says which values a type would not take without the node", () => {
    const at = cases.findIndex(({ what }) => what.startsWith("a type of the tree's own"));
    const asWritten = diffCatalogs(found("before", at), found("after", at)).filter((change) => change.asWritten === true);
    expect(asWritten.map(({ attribute }) => attribute)).toEqual(["broken", "host", "kernel", "slow"]);
  });

  it("case 15: finds a cycle through an autorequire", () => {
    const at = cases.length;
    expect(findCycles(found("before", at), found("after", at))).toEqual([
      {
        path: "File[/srv] => File[/srv/x] => Exec[/bin/true] => File[/srv]",
        source: { path: "manifests/site.pp", line: expect.any(Number) as number },
        old: false,
      },
    ]);
  });
});
