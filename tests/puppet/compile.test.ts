import { chmod, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Binary, Deferred, Secret } from "../../src/catalog/catalog.ts";
import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import { Problem } from "../../src/problem.ts";
import {
  catalogOf,
  compileAll,
  copyOf,
  limits,
  makeFolder,
  node,
  openFolder,
  puppet,
  resource,
  startRaw,
  treeProcesses,
} from "./fixtures.ts";

const files = {
  // Its config_version is what a server would run; nothing here reads this file.
  "environment.conf": "config_version = /bin/false\n",
  "hiera.yaml":
    "version: 5\nhierarchy:\n  - {name: node, path: '%{trusted.certname}.yaml'}\n  - {name: role, path: '%{trusted.extensions.pp_role}.yaml'}\n  - {name: common, path: common.yaml}\n",
  "data/common.yaml": "motd: from common\n",
  "data/web.yaml": "motd: from the role\n",
  "data/own.example.yaml": "motd: from the node\n",
  "manifests/site.pp": `
node 'values.example' {
  file { '/etc/motd/': content => lookup('motd') }
  file { 'a name': path => '/etc/named/' }
  file { '/secret': content => Sensitive('hunter22') }
  file { '/deferred': content => Deferred('new', [String, Sensitive('hunter22')]) }
  file { '/bytes': content => Binary('//79') }
  file { '/latin': content => inline_template("<%= [233, 255].pack('C*') %>") }
  package { 'web server': name => 'nginx' }
  exec { 'one': command => '/bin/true' }
  exec { 'two': command => '/bin/true' }
  @file { '/virtual': }
  @@file { '/exported': }
  @@file { '/collected': }
  File <<| title == '/collected' |>>
  class { 'app': port => 8080 }
  app::vhost { 'www': }
  file { '/facts': content => "\${facts['os']['family']} \${trusted['extensions']['pp_role']} \${clientcert} \${environment} \${serverversion}" }
  file { '/helper': content => app::shout('quiet') }
}
node 'a.example', 'b.example' { file { '/facts': content => "\${facts['role']}" } file { '/late': content => "\${facts['only_a']}" } }
node 'own.example' { file { '/m': content => lookup('motd') } }
node 'fails.example' { fail('no such luck') }
node 'pretends.example' { fail("Could not find node statement with name 'default' or 'pretends.example'") }
node 'recurses.example' { file { '/r': content => app::deep(1) } }
node 'functions.example' { file { '/f': content => "\${environment::greet()} \${plain()} \${ruby()}" } }
`,
  "manifests/sub/more.pp": `
node 'missing.example' {
  include nowhere
}
node 'broken.example' { include app::broken }
node 'template.example' { file { '/t': content => template('app/bad.erb') } }
node 'load.example' { file { '/l': content => inline_template('<% require "no/such/file" %>') } }
node 'app.example' { class { 'app': port => 1 } }
node 'type.example' { class { 'app': port => 'high' } }
node 'alias.example' { include alias::more }
`,
  "site/app/manifests/init.pp": "class app(Integer $port) { file { '/app': content => \"port ${port}\\n\" } }\n",
  "functions/environment/greet.pp": "function environment::greet() { 'hello' }\n",
  "functions/plain.pp": "function plain() { 'plain' }\n",
  "lib/puppet/functions/ruby.rb": "Puppet::Functions.create_function(:ruby) do\n  def ruby\n    'ruby'\n  end\nend\n",
  "site/app/manifests/vhost.pp": 'define app::vhost { file { "/vhost/${name}": } }\n',
  "site/app/manifests/broken.pp": "class app::broken {\n  file { '/x' }\n}\n",
  "site/alias/manifests/init.pp": "class alias(Alias::Port $port = 80) { file { '/alias': content => \"${port}\" } }\n",
  "site/alias/manifests/more.pp": "class alias::more(Optional[Alias::Port] $port = undef) { include alias }\n",
  "site/alias/types/port.pp": "type Alias::Port = Integer[1, 65535]\n",
  "site/app/templates/bad.erb": "fine\n<%= nil.upcase %>\n",
  "site/app/functions/deep.pp": "function app::deep($n) { app::deep($n + 1) }\n",
  "site/app/lib/puppet/functions/app/shout.rb":
    "require 'puppet_x/app/voice'\nPuppet::Functions.create_function(:'app::shout') do\n  def shout(text)\n    puts 'chatter on stdout'\n    warn 'and on stderr'\n    PuppetX::Voice.raise(text)\n  end\nend\n",
  "site/app/lib/puppet_x/app/voice.rb": "module PuppetX; module Voice; def self.raise(text) = text.upcase; end; end\n",
};

let tree: OpenTree;
let folder: string;
let remove: () => Promise<void>;
let outcomes: Map<string, CompileOutcome>;

beforeAll(async () => {
  ({ folder, remove } = await makeFolder(files));
  tree = await openFolder(folder);
  const names = ["fails", "pretends", "recurses", "missing", "broken", "template", "load", "type", "unknown", "own", "alias", "functions"];
  outcomes = await compileAll(tree, [
    node("values.example", { os: { family: "Debian" } }, { pp_role: "web" }),
    ...names.map((name) => node(`${name}.example`)),
  ]);
});
afterAll(async () => {
  await tree.close();
  await remove();
});

const of = (certname: string) => catalogOf(outcomes.get(certname));
const content = (certname: string, title: string) => resource(of(certname), "File", title).parameters.get("content");

describe("a catalog", () => {
  test("has keys by the types' own rules", () => {
    const keys = (type: string) =>
      of("values.example")
        .resources.filter((each) => each.type === type)
        .map(({ title, key }) => [title, key]);
    expect(Object.fromEntries(keys("File"))).toMatchObject({ "/etc/motd/": "/etc/motd", "a name": "/etc/named", "/app": "/app" });
    expect(keys("Exec")).toEqual([
      ["one", "one"],
      ["two", "two"],
    ]);
    expect(keys("Package")[0]?.[1]).toContain("nginx");
  });

  test("says what is a class, a define, or carried out", () => {
    const catalog = of("values.example");
    expect(resource(catalog, "Class", "App").kind).toBe("class");
    expect(resource(catalog, "App::Vhost", "www").kind).toBe("define");
    expect(resource(catalog, "File", "/vhost/www").kind).toBe("native");
    expect(catalog.classes).toContain("app");
    expect(catalog.contains).toContainEqual({ container: "Class[App]", contained: "File[/app]" });
  });

  test("keeps exported resources apart, those that it collects itself among its own, and virtual ones out", () => {
    const catalog = of("values.example");
    expect(resource(catalog, "File", "/exported").exported).toBe(true);
    expect(resource(catalog, "File", "/collected").exported).toBe(false);
    expect(catalog.resources.map(({ title }) => title)).not.toContain("/virtual");
  });

  test("has rich data in forms of its own, and no secret", () => {
    expect(content("values.example", "/secret")).toBeInstanceOf(Secret);
    const deferred = content("values.example", "/deferred");
    expect(deferred).toBeInstanceOf(Deferred);
    expect((deferred as Deferred).args[1]).toBeInstanceOf(Secret);
    expect(content("values.example", "/bytes")).toMatchObject({ size: 3 });
    expect(content("values.example", "/latin")).toBeInstanceOf(Binary);
    expect(content("values.example", "/latin")).toMatchObject({ size: 2 });
    expect(JSON.stringify([...outcomes.values()])).not.toContain("hunter22");
  });

  test("is made with the node's facts, what the server vouches for, and data of the environment's own hiera.yaml", () => {
    expect(content("values.example", "/facts")).toMatch(/^Debian web values\.example production \d+\.\d+/);
    expect(content("values.example", "/etc/motd/")).toBe("from the role");
    expect(content("own.example", "/m")).toBe("from the node");
  });

  test("has the environment's own functions, in either language", () => {
    expect(content("functions.example", "/f")).toBe("hello plain ruby");
  });

  test("says where a resource was declared, relative to the tree", () => {
    expect(resource(of("values.example"), "File", "/app").source).toEqual({ path: "site/app/manifests/init.pp", line: 1 });
  });

  test("finds Ruby of modules, whose output goes nowhere", () => {
    expect(content("values.example", "/helper")).toBe("QUIET");
  });

  // To know the classes of its init.pp, Puppet looks the types of their parameters up, and first of all in that same file.
  test("has classes whose parameters are of a type of their own module", () => {
    expect(content("alias.example", "/alias")).toBe("80");
  });

  test("knows nothing of the facts of the node before it", async () => {
    const worker = await startRaw(folder);
    expect(await worker.compile(node("a.example", { role: "first", only_a: "kept" }))).toContain('"content":"kept"');
    const next = await worker.compile(node("b.example", { role: "second" }));
    expect(next).toContain('"content":"second"');
    expect(next).not.toContain("kept");
    await worker.end();
  });

  test("is the same whatever failed before it", async () => {
    const worker = await startRaw(folder);
    const alone = await worker.compile(node("app.example"));
    await worker.end();
    for (const before of ["broken", "type", "missing", "template", "load", "recurses"]) {
      const other = await startRaw(folder);
      expect(await other.compile(node(`${before}.example`))).toContain('"ok":false');
      expect(await other.compile(node("app.example"))).toBe(alone);
      await other.end();
    }
  });
});

describe("what does not compile", () => {
  const site = "manifests/site.pp";
  const cases: Array<[string, string, RegExp, string | null, number | null]> = [
    ["fails.example", "compile", /no such luck$/, site, 23],
    ["missing.example", "compile", /Could not find class ::nowhere$/, "manifests/sub/more.pp", 3],
    ["broken.example", "compile", /Syntax error at '\}'/, "site/app/manifests/broken.pp", 2],
    ["template.example", "compile", /undefined method `upcase' for nil/, "manifests/sub/more.pp", 6],
    ["load.example", "compile", /cannot load such file -- no\/such\/file$/, null, null],
    ["type.example", "compile", /parameter 'port' expects an Integer value, got String$/, "manifests/sub/more.pp", 9],
    ["recurses.example", "crash", /stack level too deep/, null, null],
    ["unknown.example", "no-node", /Could not find node statement/, null, null],
    // A manifest that fails in Puppet's own words is still a failure.
    ["pretends.example", "compile", /Could not find node statement/, site, 24],
  ];
  test.each(cases)("%s: %s", (certname, code, message, path, line) => {
    const outcome = outcomes.get(certname);
    expect(outcome).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(message), path, line } });
    expect(JSON.stringify(outcome)).not.toMatch(/\/etc\/puppetlabs|puppet-gate-test/);
  });
});

describe("node statements", () => {
  test("are read from a folder of manifests, in order of appearance", async () => {
    const { names, open } = await tree.nodeStatements();
    expect(names.slice(0, 3)).toEqual(["values.example", "a.example", "b.example"]);
    expect(names).toContain("type.example");
    expect(open).toBe(false);
  });

  const cases: Array<[string, string, { names: string[]; open: boolean }]> = [
    ["a default", "node 'A.Example' {} node default {}", { names: ["a.example"], open: true }],
    ["a regular expression", "node 'a', /^web/ {}", { names: ["a"], open: true }],
    ["no node statement at all", "notify { 'x': }", { names: [], open: true }],
    ["an empty manifest", "", { names: [], open: true }],
    ["bare names", "node www.example { fail('not evaluated') }", { names: ["www.example"], open: false }],
  ];
  test.each(cases)("with %s", async (_, manifest, expected) => {
    const one = await makeFolder({ "manifests/site.pp": manifest });
    const opened = await openFolder(one.folder);
    expect(await opened.nodeStatements()).toEqual(expected);
    await opened.close();
    await one.remove();
  });

  test("of a manifest that does not parse are a problem that says where", async () => {
    const one = await makeFolder({ "manifests/site.pp": "node 'a' {\n  file { 'x' }\n}\n" });
    const opened = await openFolder(one.folder);
    const problem = await opened.nodeStatements().catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({
      code: "main-manifest",
      text: expect.stringMatching(/\(manifests\/site\.pp:2\): Syntax error at '\}'/),
    });
    await opened.close();
    await one.remove();
  });
});

describe("modules from outside the tree", () => {
  let temporary: Awaited<ReturnType<typeof makeFolder>>;
  let main: Awaited<ReturnType<typeof makeFolder>>;
  let modules: Awaited<ReturnType<typeof makeFolder>>;
  const usual = process.env["TMPDIR"];
  beforeAll(async () => {
    modules = await makeFolder({
      "far/manifests/init.pp": "class far { file { '/far': } }\n",
      "unwanted/manifests/init.pp": "class unwanted { }\n",
    });
    await symlink(join(modules.folder, "far"), join(modules.folder, "linked"));
    await symlink(join(modules.folder, "unwanted"), join(modules.folder, "far/files"));
    temporary = await makeFolder({});
    await chmod(dirname(temporary.folder), 0o711);
    process.env["TMPDIR"] = temporary.folder;
    main = await makeFolder({ "manifests/site.pp": "node 'a' { include far }\nnode 'b' { include unwanted }\n" });
  });
  afterAll(async () => {
    if (usual === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = usual;
    await Promise.all([modules.remove(), main.remove(), temporary.remove()]);
  });
  const open = (only: string[] | null) =>
    puppet.open({
      write: copyOf(main.folder),
      layout: { name: "production", modulepath: [{ in: "disk", folder: modules.folder, only }], manifest: "manifests/site.pp" },
      limits,
    });

  test("are copied, those named alone, links as links, and the copies are removed", async () => {
    const opened = await open(["far"]);
    const found = await compileAll(opened, [node("a"), node("b")]);
    expect(resource(catalogOf(found.get("a")), "File", "/far").source).toBeNull();
    expect(found.get("b")).toMatchObject({ ok: false, error: { code: "compile" } });
    const copies = (await readdir(temporary.folder)).filter((name) => name.startsWith("puppet-gate-tree-"));
    expect(copies).toHaveLength(1);
    expect(await readlink(join(temporary.folder, copies[0] ?? "", "code/modules-0/far/files"))).toBe(join(modules.folder, "unwanted"));
    await opened.close();
    expect(await readdir(temporary.folder)).not.toContain(copies[0]);
  });

  test.each(["../far", "no_such", "-rf", "linked"])("are not looked for under the name %s", async (name) => {
    await expect(open([name])).rejects.toMatchObject({ code: "missing-module", text: expect.stringContaining(name) });
    expect((await readdir(temporary.folder)).filter((entry) => entry.startsWith("puppet-gate-tree-"))).toEqual([]);
  });
});

test("a tree that Puppet cannot even list is its nodes' failure, not the machine's", async () => {
  const one = await makeFolder({ "manifests/site.pp": "node 'a' { }" });
  await mkdir(join(one.folder, "modules"));
  await mkdir(Buffer.concat([Buffer.from(`${join(one.folder, "modules")}/`), Buffer.from([0xff, 0xfe])]));
  const opened = await openFolder(one.folder);
  const outcome = (await compileAll(opened, [node("a")])).get("a");
  expect(outcome?.ok ? "catalog" : outcome?.error.code).toMatch(/^(catalog|compile)$/);
  await opened.close();
  await one.remove();
});

test("closing leaves no process, and ends a compile that runs", async () => {
  const one = await makeFolder({ "manifests/site.pp": "node 'endless' { Integer[1, 10000000000].each |$i| { } }" });
  const before = new Set(treeProcesses());
  const own = (): string[] => treeProcesses().filter((pid) => !before.has(pid));
  const opened = await openFolder(one.folder);
  const outcomes: CompileOutcome[] = [];
  const ended = opened.compile([node("endless")], (outcome) => outcomes.push(outcome), { workers: 1 }).catch((error: unknown) => error);
  await expect.poll(() => own().length, { timeout: 20_000 }).toBeGreaterThan(0);
  await opened.close();
  expect(await ended).toMatchObject({ name: "AbortError" });
  expect(outcomes).toEqual([]);
  await expect.poll(() => own(), { timeout: 10_000 }).toEqual([]);
  await one.remove();
});
