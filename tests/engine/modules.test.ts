import { describe, expect, it } from "vitest";
import { findModules, type Modules } from "../../src/engine/modules.ts";
import type { ChangedFile, EnvironmentLayout } from "../../src/engine/ports.ts";
import { readPuppetfile } from "../../src/puppet/puppetfile.ts";

const changedPuppetfile: ChangedFile = { path: "Puppetfile", oldPath: null, status: "modified", mode: "100644", added: new Set([1]) };
const inTree: EnvironmentLayout["modulepath"] = [{ in: "tree", path: "modules" }];

interface Case {
  name: string;
  puppetfile: string | null;
  modulepath?: EnvironmentLayout["modulepath"];
  changed?: ChangedFile[];
  expected: Modules;
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
    const merged = {
      tree: "t",
      entries: [{ path: "modules/ntp/manifests/init.pp", mode: "100644", size: 1, oid: "1" }],
      layout: { name: "production", manifest: "manifests", modulepath },
    };
    const read = async (): Promise<Buffer | null> => (puppetfile === null ? null : Buffer.from(puppetfile));
    expect(await findModules({ read }, { readPuppetfile }, merged, changed)).toEqual(expected);
  });
});
