import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { Change } from "../../src/catalog/change.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { catalogOf, compileAll, makeFolder, node, openFolder } from "../puppet/fixtures.ts";

/** Side by side with octocatalog-diff as Debian has it, on generated and written trees: equal where it is right, and better where it is not. */
const certname = "n1.example";

/** Files, services and users whose attributes follow from a number, so that the two sides differ in many ways and none by chance. */
const generated = (side: 0 | 1): string =>
  Array.from({ length: 60 }, (_, at) => {
    const turned = side === 1 && at % 3 === 0 ? 1 : 0;
    if (side === 1 && at % 10 === 7) return "";
    if (side === 0 && at % 10 === 8) return "";
    if (at % 4 === 3) return `service { 's${at}': ensure => ${turned === 1 ? "stopped" : "running"}, enable => ${at % 2 === 1} }`;
    if (at % 4 === 2) return `user { 'u${at}': uid => ${at + turned}, shell => '/bin/${turned === 1 ? "sh" : "bash"}' }`;
    return `file { '/srv/${at}': ensure => file, mode => '06${4 - turned * 4}0', content => "line ${at}\\n${"more\\n".repeat(turned)}" }`;
  }).join("\n");

/** Where it is known to be wrong, each on a resource of its own. */
const better: ReadonlyArray<{
  case: number;
  what: string;
  before: string;
  after: string;
  its: readonly string[];
  ours: readonly string[];
}> = [
  {
    case: 3,
    what: "a service with another title is the same service",
    before: "service { 'ssh': enable => true }",
    after: "service { 'shell': name => 'ssh', enable => true }",
    its: ["+ Service[shell]", "- Service[ssh]"],
    ours: ["renamed type-only Service[shell]"],
  },
  {
    case: 11,
    what: "a require that is turned to another resource",
    before: "file { '/order': require => File['/o1'] } file { ['/o1', '/o2']: }",
    after: "file { '/order': require => File['/o2'] } file { ['/o1', '/o2']: }",
    its: [],
    ours: ["changed ordering File[/order] require"],
  },
  {
    case: 27,
    what: "a mode without its zero",
    before: "file { '/zero': mode => '0644' }",
    after: "file { '/zero': mode => '644' }",
    its: ["~ File[/zero] mode"],
    ours: [],
  },
  {
    case: 28,
    what: "a package that is installed or present",
    before: "package { 'words': ensure => installed }",
    after: "package { 'words': ensure => present }",
    its: ["~ Package[words] ensure"],
    ours: [],
  },
];

type Tree = Record<string, string>;
const hiera = "version: 5\ndefaults: {datadir: data, data_hash: yaml_data}\nhierarchy:\n  - {name: common, path: common.yaml}\n";
const including = `node '${certname}' {\n  include app\n}\n`;

/** Changes as control repos have them, where both have to say the same; each names how many differences there are to say. */
const corpus: ReadonlyArray<{ what: string; differences: number; both: Tree; before: Tree; after: Tree }> = [
  {
    what: "a key of the data",
    differences: 1,
    both: {
      "hiera.yaml": hiera,
      "manifests/site.pp": including,
      "modules/app/manifests/init.pp":
        "class app(String $port, String $name2) {\n  file { '/a': content => $port }\n  file { '/b': content => $name2 }\n}\n",
    },
    before: { "data/common.yaml": "app::port: '80'\napp::name2: x\n" },
    after: { "data/common.yaml": "app::port: '81'\napp::name2: x\n" },
  },
  {
    what: "a template",
    differences: 2,
    both: {
      "manifests/site.pp": including,
      "modules/app/manifests/init.pp":
        "class app {\n  file { '/a': content => epp('app/a.epp', { n => 1 }) }\n  file { '/b': content => epp('app/a.epp', { n => 2 }) }\n}\n",
    },
    before: { "modules/app/templates/a.epp": "<%- | Integer $n | -%>\nn = <%= $n %>\n" },
    after: { "modules/app/templates/a.epp": "<%- | Integer $n | -%>\nnumber = <%= $n %>\n" },
  },
  {
    what: "a class that is no longer included, and one that is",
    differences: 3,
    both: {
      "modules/app/manifests/init.pp": "class app {\n  file { ['/a', '/b']: ensure => directory }\n}\n",
      "modules/other/manifests/init.pp": "class other {\n  user { 'other': uid => 12 }\n}\n",
    },
    before: { "manifests/site.pp": including },
    after: { "manifests/site.pp": including.replace("app", "other") },
  },
  {
    what: "an instance of a define, with what it makes",
    differences: 3,
    both: {
      "manifests/site.pp": including,
      "modules/app/manifests/vhost.pp":
        'define app::vhost(String $port) {\n  file { "/v/${title}": content => $port }\n  service { "v-${title}": enable => $port == \'80\' }\n}\n',
    },
    before: { "modules/app/manifests/init.pp": "class app {\n  app::vhost { 'one': port => '80' }\n}\n" },
    after: { "modules/app/manifests/init.pp": "class app {\n  app::vhost { 'one': port => '81' }\n}\n" },
  },
  {
    what: "a resource default, and a collector's override",
    differences: 4,
    both: {},
    before: { "manifests/site.pp": "File { mode => '0644' }\nfile { ['/a', '/b', '/c']: }\nuser { 'u': uid => 5 }\n" },
    after: {
      "manifests/site.pp": "File { mode => '0600' }\nfile { ['/a', '/b', '/c']: }\nuser { 'u': uid => 5 }\nUser<| |> { uid => 6 }\n",
    },
  },
  {
    what: "a comment, another order and other names of variables",
    differences: 0,
    both: {},
    before: { "manifests/site.pp": "$x = 'one'\nfile { '/a': content => $x }\nfile { '/b': content => 'two' }\n" },
    after: { "manifests/site.pp": "# b comes first\n$y = 'one'\nfile { '/b': content => 'two' }\nfile { '/a': content => $y }\n" },
  },
];

const arrays = { before: "user { 'crash': groups => ['a'] }", after: "user { 'crash': groups => ['b'] }" };

const manifest = (side: "before" | "after", more = ""): string =>
  `node '${certname}' {\n${generated(side === "before" ? 0 : 1)}\n${better.map((each) => each[side]).join("\n")}\n${more}\n}\n`;

interface ItsChange {
  diff_type: string;
  type: string;
  title: string;
  structure: readonly string[];
}

describe("beside octocatalog-diff", () => {
  const removes: Array<() => Promise<void>> = [];
  let theirs: string[] = [];
  let ours: Change[] = [];
  let crash: ReturnType<typeof octocatalogDiff>;

  const tree = (text: string): Promise<string> => treeOf({ "manifests/site.pp": text });

  async function treeOf(files: Tree): Promise<string> {
    const { folder, remove } = await makeFolder({ ...files, "environment.conf": "modulepath = modules\n" });
    mkdirSync(join(folder, "modules"), { recursive: true });
    removes.push(remove);
    return folder;
  }

  async function compiled(folder: string): Promise<Catalog> {
    const opened = await openFolder(folder);
    try {
      return catalogOf((await compileAll(opened, [node(certname, { os: { family: "Debian" } })])).get(certname));
    } finally {
      await opened.close();
    }
  }

  function octocatalogDiff(from: string, to: string): { status: number | null; stdout: string; stderr: string } {
    const facts = join(from, "facts.yaml");
    writeFileSync(facts, `--- !ruby/object:Puppet::Node::Facts\nname: ${certname}\nvalues:\n  os:\n    family: Debian\n`);
    const folders = [`--bootstrapped-from-dir=${from}`, `--bootstrapped-to-dir=${to}`, "--fact-file", facts];
    const how = ["--puppet-binary", "/usr/bin/puppet", "--output-format", "json", "--no-hiera-config"];
    return spawnSync("octocatalog-diff", ["-n", certname, ...folders, ...how], { encoding: "utf8", cwd: from });
  }

  function itsChanges(from: string, to: string): string[] {
    const ran = octocatalogDiff(from, to);
    if (ran.status !== 2 && ran.status !== 0) throw new Error(`octocatalog-diff ended with ${ran.status}: ${ran.stderr}`);
    const { diff } = JSON.parse(ran.stdout) as { diff: ItsChange[] };
    return diff.map(({ diff_type: sign, type, title, structure }) => [sign, `${type}[${title}]`, ...structure.slice(1)].join(" ")).sort();
  }

  beforeAll(async () => {
    const [before, after] = [await tree(manifest("before")), await tree(manifest("after"))];
    theirs = itsChanges(before, after);
    ours = diffCatalogs(await compiled(before), await compiled(after));
    crash = octocatalogDiff(await tree(manifest("before", arrays.before)), await tree(manifest("after", arrays.after)));
  }, 300_000);
  afterAll(() => Promise.all(removes.map((remove) => remove())));

  const asTheirs = (change: Change): string => {
    const sign = change.attribute !== null ? (change.change === "added" ? "!" : "~") : change.change === "added" ? "+" : "-";
    return [sign, `${change.type}[${change.title}]`, ...(change.attribute === null ? [] : [change.attribute])].join(" ");
  };
  const inBetter = (text: string): boolean => /\[(?:ssh|shell|\/order|\/o\d|\/zero|words)\]/u.test(text);

  it("says the same of every generated resource", () => {
    const same = ours
      .map(asTheirs)
      .filter((each) => !inBetter(each))
      .sort();
    expect(same.length).toBeGreaterThan(30);
    expect(same).toEqual(theirs.filter((each) => !inBetter(each)));
  });

  it.each(corpus)("says the same of $what", async ({ differences, both, ...side }) => {
    const [before, after] = [await treeOf({ ...both, ...side.before }), await treeOf({ ...both, ...side.after })];
    const said = diffCatalogs(await compiled(before), await compiled(after));
    // It hides classes, and so do our reports: what they come to is in their resources.
    const same = said.filter(({ type }) => type !== "Class").map(asTheirs);
    expect(same).toHaveLength(differences);
    expect(same.sort()).toEqual(itsChanges(before, after));
  });

  it.each(better)("case $case: $what", ({ its, ours: expected, before, after }) => {
    const titles = [...`${before} ${after}`.matchAll(/\{ '([^']+)'/gu)].map(([, title]) => `[${title ?? ""}]`);
    const about = (text: string): boolean => titles.some((title) => text.includes(title));
    expect(theirs.filter(about)).toEqual(its);
    const said = ours.map((each) => [
      each.change,
      each.kind,
      `${each.type}[${each.title}]`,
      ...(each.attribute === null ? [] : [each.attribute]),
    ]);
    expect(said.map((words) => words.join(" ")).filter(about)).toEqual(expected);
  });

  it("octocatalog-diff ends on Ruby 3 where a changed value is an array (its issue 261), and says no difference", () => {
    const major = Number(spawnSync("ruby", ["-e", "print RUBY_VERSION.to_i"], { encoding: "utf8" }).stdout);
    expect([crash.status, crash.stderr.includes("Proc object without a block")]).toEqual(major < 3 ? [2, false] : [1, true]);
  });
});
