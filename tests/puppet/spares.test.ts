import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterEach, describe, expect, test, vi } from "vitest";

import type { CompileLimits } from "../../src/engine/ports/compile.ts";
import type { OpenTree, PuppetEdge } from "../../src/engine/ports/puppet.ts";
import type { StandIns } from "../../src/engine/ports/stand-ins.ts";
import { familyOf } from "../../src/process/resident.ts";
import { allocator } from "../../src/puppet/allocator.ts";
import { createPuppet } from "../../src/puppet/puppet.ts";
import { World } from "../git/world.ts";
import { catalogOf, codeMark, compileAll, copyOf, limits, makeFolder, node, resource, startRaw, treeProcesses } from "./fixtures.ts";

/** Folders of this process that sandboxes see as theirs. */
const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(basename(codeMark)));
/** Sandboxes whose Ruby is at work: the first process of each is bwrap's own. */
const sandboxes = (): Set<string> => new Set(treeProcesses());

let puppet: PuppetEdge;
const removals: Array<() => Promise<void>> = [];
afterEach(async () => {
  await puppet.close();
  for (const remove of removals.splice(0)) await remove();
  await vi.waitFor(
    () => {
      const left = [...treeProcesses(), ...folders()];
      if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
    },
    { timeout: 10_000 },
  );
});

async function given(files: Record<string, string>): Promise<string> {
  puppet = createPuppet({ secretKey: "the key of these tests" });
  const { folder, remove } = await makeFolder(files);
  removals.push(remove);
  return folder;
}

const open = (folder: string, options: { limits?: Partial<CompileLimits>; standIns?: StandIns; name?: string; parsed?: boolean } = {}) =>
  puppet.open({
    parsed: options.parsed ?? false,
    write: copyOf(folder),
    layout: { name: options.name ?? "production", modulepath: [{ in: "tree", path: "site" }], manifest: "manifests" },
    limits: { ...limits, ...options.limits },
    ...(options.standIns === undefined ? {} : { standIns: options.standIns }),
  });

const says = (text: string): Record<string, string> => ({ "manifests/site.pp": `notify { "${text} \${environment}": }` });
const standIns: StandIns = {
  files: [{ path: "/srv/private.yaml", content: Buffer.from("secret") }],
  dns: {},
  queries: [],
  exported: null,
  id: "these",
};

describe("a sandbox that waits", () => {
  test("gets one tree, under whatever name, and the next tree gets another", async () => {
    const [one, two] = [await given(says("one")), await given(says("two"))];
    puppet.expect(2, limits);
    await expect.poll(() => folders().length).toBe(2);
    const waiting = new Set(folders());
    const [first, second] = [await open(one), await open(two, { name: "testing" })];
    expect(new Set(folders())).toEqual(waiting);
    expect(resource(catalogOf((await compileAll(first, [node("a")])).get("a")), "Notify", "one production").kind).toBe("native");
    expect(resource(catalogOf((await compileAll(second, [node("a")])).get("a")), "Notify", "two testing").kind).toBe("native");
    await first.close();
    expect(folders()).toHaveLength(1);
    await second.close();
  });

  test("is the process that compiles", async () => {
    const folder = await given(says("one"));
    puppet.expect(1, limits);
    await expect.poll(() => sandboxes().size).toBeGreaterThan(0);
    const tree = await open(folder);
    const before = sandboxes();
    catalogOf((await compileAll(tree, [node("a")])).get("a"));
    expect(sandboxes()).toEqual(before);
    await tree.close();
  });

  const others: Array<[string, Parameters<typeof open>[1]]> = [
    ["memory", { limits: { memoryMib: 900 } }],
    ["processes", { limits: { processes: 50 } }],
  ];
  test.each(others)("is not taken where another limit of %s is asked for", async (_, options) => {
    const folder = await given(says("one"));
    puppet.expect(1, limits);
    await expect.poll(() => folders().length).toBe(1);
    const [waiting] = folders();
    const tree = await open(folder, options);
    expect(folders()).toHaveLength(2);
    catalogOf((await compileAll(tree, [node("a")])).get("a"));
    await tree.close();
    expect(folders()).toEqual([waiting]);
  });

  test("gives way to another where its tree has stand-ins outside of the code folder", async () => {
    const folder = await given({ "manifests/site.pp": 'notify { file("/srv/private.yaml"): }' });
    puppet.expect(1, limits);
    const tree = await open(folder, { standIns });
    expect(resource(catalogOf((await compileAll(tree, [node("a")])).get("a")), "Notify", "secret").kind).toBe("native");
    await tree.close();
  });

  test("with a parser goes to the tree whose files are parsed, and with what else was asked for", async () => {
    const [one, two] = [await given(says("one")), await given({ "manifests/site.pp": "class {" })];
    puppet.expectSyntax(limits);
    puppet.expect(2, limits);
    // Of each, bwrap and Ruby.
    await expect.poll(() => sandboxes().size, { timeout: 20_000 }).toBe(6);
    const waiting = sandboxes();
    const [base, merged] = [await open(one), await open(two, { parsed: true })];
    expect((await merged.syntax(["manifests/site.pp"])).map(({ code }) => code)).toEqual(["SYNTAX_ERROR"]);
    catalogOf((await compileAll(base, [node("a")])).get("a"));
    expect([...sandboxes()].filter((each) => !waiting.has(each))).toEqual([]);
    // A second look starts a parser of its own.
    expect(await merged.syntax(["manifests/site.pp"])).toHaveLength(1);
    await Promise.all([base.close(), merged.close()]);
    expect(folders()).toEqual([]);
  });

  test("that was killed meanwhile is replaced", async () => {
    const folder = await given(says("one"));
    puppet.expect(1, limits);
    await expect.poll(() => treeProcesses().length).toBeGreaterThan(0);
    for (const pid of treeProcesses()) process.kill(Number(pid), "SIGKILL");
    const tree = await open(folder);
    catalogOf((await compileAll(tree, [node("a")])).get("a"));
    await tree.close();
  });
});

describe("a tree of a repository whose sandbox is gone", () => {
  const openOf = async (of: string, git: World, ref: string): Promise<OpenTree> => {
    const repository = await git.open(join(git.folder, "clone"));
    const tree = await repository.treeOf(await repository.resolve(ref));
    const layout = { name: "production", modulepath: [{ in: "tree" as const, path: "site" }], manifest: "manifests" };
    return puppet.open({ of, write: (folder, index) => repository.export(tree, folder, index), layout, limits });
  };
  const notified = async (tree: OpenTree): Promise<unknown> => {
    const { resources } = catalogOf((await compileAll(tree, [node("a")])).get("a"));
    return resources.flatMap(({ type, title }) => (type === "Notify" ? [title] : []));
  };
  const filesOf = (): string[] =>
    folders().flatMap((name) => {
      const root = join(tmpdir(), name, "code/environments/production");
      return existsSync(root) ? readdirSync(root, { recursive: true }).map((path) => `${statSync(join(root, String(path))).ino}`) : [];
    });

  test("leaves its files to the next one, which is another all the same", async () => {
    puppet = createPuppet({ secretKey: "the key of these tests", spares: 1 });
    const world = new World();
    removals.push(() => world.end());
    const repo = world.repo();
    repo.commit({ ...says("one"), "site/m/manifests/init.pp": "class m {}\n", "site/gone/manifests/init.pp": "class gone {}\n" });
    repo.branch("next").commit({ ...says("two"), "site/gone": null });
    const first = await openOf("this", world, "main");
    expect(await notified(first)).toEqual(["one production"]);
    await first.close();
    const before = new Set(filesOf());
    const second = await openOf("this", world, "next");
    expect(filesOf().filter((inode) => before.has(inode)).length).toBeGreaterThan(3);
    expect(await notified(second)).toEqual(["two production"]);
    const third = await openOf("this", world, "main");
    expect(await notified(third)).toEqual(["one production"]);
    await Promise.all([second.close(), third.close()]);
  });

  test("leaves nothing to another repository", async () => {
    puppet = createPuppet({ secretKey: "the key of these tests", spares: 1 });
    const world = new World();
    removals.push(() => world.end());
    world.repo().commit(says("one"));
    await (await openOf("this", world, "main")).close();
    const before = new Set(filesOf());
    const other = await openOf("that", world, "main");
    expect(before.size).toBeGreaterThan(0);
    expect(filesOf().filter((inode) => !before.has(inode))).toHaveLength(before.size);
    await other.close();
  });
});

test("an allocator is the process's own, and nothing of it is seen by the tree's code", async () => {
  const folder = await given({
    "manifests/site.pp": "notify { m::env(): }",
    "site/m/lib/puppet/functions/m/env.rb":
      "Puppet::Functions.create_function(:'m::env') { def env = ENV.keys.reject { |name| name.start_with?('RUBY_GC_') }.sort.join(' ') }",
  });
  const tree = await open(folder);
  expect(resource(catalogOf((await compileAll(tree, [node("a")])).get("a")), "Notify", "HOME LANG PATH PWD TZ").kind).toBe("native");
  const mapped = familyOf(process.pid).filter((pid) => mapsOf(pid).includes(allocator() ?? "/ruby"));
  expect(mapped.length).toBeGreaterThan(0);
  await tree.close();
});

const mapsOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/maps`, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
};

/** What a tree may bring in the place of, or in addition to, what was loaded before it was known. */
const trees: Array<[string, Record<string, string>]> = [
  ["nothing", {}],
  ["a provider", { "site/m/lib/puppet/provider/package/odd.rb": "Puppet::Type.type(:package).provide(:odd) { desc 'odd' }" }],
  ["a provider that does not load", { "site/m/lib/puppet/provider/package/odd.rb": "raise 'no luck'" }],
  [
    "a function that asks for all types",
    {
      "site/m/lib/puppet/functions/m/types.rb":
        "Puppet::Functions.create_function(:'m::types') { def types = Puppet::Type.tap(&:loadall).instance_variable_get(:@types).keys.map(&:to_s).sort.join(',') }",
      "manifests/site.pp": "notify { m::types(): }",
    },
  ],
  [
    "a function that loads a type by its file",
    {
      "site/m/lib/puppet/functions/m/types.rb":
        "require 'puppet/type/file'\nPuppet::Functions.create_function(:'m::types') { def types = Puppet::Type.type(:file).properties.map(&:name).join(',') }",
      "manifests/site.pp": "notify { m::types(): }",
    },
  ],
];

describe("a worker that loaded Puppet's types before its tree was known gives the catalog of one that did not", () => {
  const site =
    "package { 'one': ensure => present } file { '/a/': ensure => directory, mode => '644' } exec { '/bin/true': } user { 'u': }";
  test.each(trees)("the tree brings %s", async (_, files) => {
    const folder = await given({ "manifests/site.pp": site, ...files });
    const [early, late] = [await startRaw(folder), await startRaw(folder, { PRELOAD: "no" })];
    removals.push(early.end, late.end);
    const facts = node("a.example");
    const expected = [await late.compile(facts), await late.compile(facts)];
    expect([await early.compile(facts), await early.compile(facts)]).toEqual(expected);
  });

  test("a tree with a type of the same name gets another worker", async () => {
    const type = "Puppet::Type.newtype(:package) { newparam(:name) { munge { |value| value.upcase } }; newparam(:ensure) }";
    const folder = await given({ "manifests/site.pp": site, "site/m/lib/puppet/type/package.rb": type });
    const early = await startRaw(folder);
    removals.push(early.end);
    expect(early.begun).toBe('{"begun":false}');
    const tree = await open(folder);
    const catalog = catalogOf((await compileAll(tree, [node("a.example")])).get("a.example"));
    expect(resource(catalog, "Package", "one").key).toBe("ONE");
    await tree.close();
  });
});
