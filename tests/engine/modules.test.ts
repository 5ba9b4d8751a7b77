import { describe, expect, it } from "vitest";
import { findModules, type Modules } from "../../src/engine/modules.ts";
import { resolveModules, type SideModules } from "../../src/engine/resolve-modules.ts";
import type { ChangedFile, EnvironmentLayout, ResolvedModule } from "../../src/engine/ports.ts";
import { readPuppetfile } from "../../src/puppet/puppetfile.ts";

const changedPuppetfile: ChangedFile = { path: "Puppetfile", oldPath: null, status: "modified", mode: "100644", added: new Set([1]) };
const inTree: EnvironmentLayout["modulepath"] = [{ in: "tree", path: "modules" }];

interface Case {
  name: string;
  puppetfile: string | null;
  modulepath?: EnvironmentLayout["modulepath"];
  changed?: ChangedFile[];
  expected: Partial<Modules>;
}

const cases: Case[] = [
  { name: "no Puppetfile", puppetfile: null, expected: { missingModules: [], puppetfileChanged: false } },
  { name: "a vendored module", puppetfile: "mod 'a/ntp', '1'", expected: { missingModules: [], puppetfileChanged: false } },
  {
    name: "a module that is nowhere",
    puppetfile: "mod 'a/apache', '1'",
    expected: { missingModules: ["apache"], puppetfileChanged: false },
  },
  {
    name: "a module resolved beside the tree",
    puppetfile: "mod 'a/apache', '1'",
    modulepath: [...inTree, { in: "disk", folder: "/clone/modules", only: ["apache"] }],
    expected: { missingModules: [], puppetfileChanged: false },
  },
  {
    name: "a whole folder of this machine may hold anything",
    puppetfile: "mod 'a/apache', '1'",
    modulepath: [{ in: "disk", folder: "/modules", only: null }],
    expected: { missingModules: [], puppetfileChanged: false },
  },
  {
    name: "a Puppetfile that changes, with a module beside the tree",
    puppetfile: "mod 'a/apache', '2'",
    modulepath: [...inTree, { in: "disk", folder: "/clone/modules", only: ["apache"] }],
    changed: [changedPuppetfile],
    expected: { missingModules: [], puppetfileChanged: true },
  },
  {
    name: "a Puppetfile that changes, with everything vendored",
    puppetfile: "mod 'a/ntp', '2'",
    changed: [changedPuppetfile],
    expected: { missingModules: [], puppetfileChanged: false },
  },
  {
    name: "a Puppetfile that changes, with a line that only running it would explain",
    puppetfile: "mod 'a/ntp', '2'\nmods.each { |m| mod m }",
    changed: [changedPuppetfile],
    expected: { missingModules: [], puppetfileChanged: true },
  },
  {
    name: "a Puppetfile that goes away or becomes a link",
    puppetfile: null,
    changed: [changedPuppetfile],
    expected: { missingModules: [], puppetfileChanged: true },
  },
];

describe("modules that the Puppetfile names", () => {
  it.each(cases)("$name", async ({ puppetfile, modulepath = inTree, changed = [], expected }) => {
    const entries = [{ path: "modules/ntp/manifests/init.pp", mode: "100644", size: 1, oid: "1" }];
    const merged = { entries, layout: { name: "production", manifest: "manifests", modulepath } };
    const read = async (): Promise<Buffer | null> => (puppetfile === null ? null : Buffer.from(puppetfile));
    const repository = { read, list: async () => entries };
    const side = await resolveModules({ repository, puppet: { readPuppetfile }, resolver: null, sources: [] }, "t");
    expect(findModules({ base: side, merged: side }, merged, changed)).toEqual({ refusedModules: [], movingModules: [], ...expected });
  });
});

describe("modules that are had from elsewhere", () => {
  const of = (id: string, moves = false): ResolvedModule => ({ ok: true, id, version: id, folder: `/cache/${id}`, files: [], moves });
  const refused: ResolvedModule = { ok: false, text: "nobody has it", hint: "Ask." };
  const text = "mod 'a/apache', '1.0.0'\n";
  const outcomes: Array<[name: string, base: ResolvedModule, merged: ResolvedModule, ruby: string, expected: Partial<Modules>]> = [
    ["both sides have theirs", of("1"), of("2"), "", {}],
    ["a branch", of("1", true), of("1", true), "", { movingModules: ["apache"] }],
    [
      "head's can't be had",
      of("1"),
      refused,
      "",
      { missingModules: ["apache"], refusedModules: [{ name: "apache", text: "nobody has it", hint: "Ask." }], puppetfileChanged: true },
    ],
    ["base's can't be had", refused, of("2"), "", { puppetfileChanged: true }],
    ["a line of Ruby may be anything", of("1"), of("2"), "mods.each { |m| mod m }\n", { puppetfileChanged: true }],
  ];
  it.each(outcomes)("%s", async (_, base, merged, ruby, expected) => {
    const side = async (resolved: ResolvedModule, written: string): Promise<SideModules> => {
      const resolver = { resolve: async () => resolved, history: async () => null, read: async () => null };
      const repository = { read: async () => Buffer.from(written), list: async () => [] };
      return resolveModules({ repository, puppet: { readPuppetfile }, resolver, sources: ["https://forge.example"] }, "t");
    };
    const sides = { base: await side(base, text), merged: await side(merged, text + ruby) };
    const layout = { name: "production", manifest: "manifests", modulepath: [] };
    expect(findModules(sides, { entries: [], layout }, [changedPuppetfile])).toEqual({
      missingModules: [],
      refusedModules: [],
      movingModules: [],
      puppetfileChanged: false,
      ...expected,
    });
  });
});
