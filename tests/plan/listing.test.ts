import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentLayout } from "../../src/engine/ports/environment.ts";
import { listingOf } from "../../src/plan/listing.ts";
import { reached } from "../../src/plan/reach.ts";
import { compare } from "../../src/plan/compare.ts";
import { makeCode } from "../../src/puppet/code-folder.ts";
import { layOut } from "../../src/puppet/environment.ts";
import { edited, provide, read, root, sideOf, traceOf, type Files } from "./world.ts";

describe("where a listing has its files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "plan-"));
    for (const path of ["one/apt/manifests", "two/apache/manifests", "three/ntp/manifests", "four/mine/manifests"]) {
      await mkdir(join(folder, path), { recursive: true });
      await writeFile(join(folder, path, "init.pp"), "class x {}\n");
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("is where the sandbox has them, whatever the order of its modules", async () => {
    const disk = (name: string, only: string[] | null, id?: string): EnvironmentLayout["modulepath"][number] => ({
      in: "disk",
      folder: join(folder, name),
      only,
      ...(id === undefined ? {} : { id }),
    });
    const layout: EnvironmentLayout = {
      name: "production",
      manifest: "manifests/site.pp",
      modulepath: [
        { in: "tree", path: "site" },
        disk("one", ["apt"], "a"),
        disk("two", ["apache"], "b"),
        { in: "tree", path: "." },
        disk("three", ["ntp"], "c"),
        disk("four", null),
        disk("two", ["apache"], "b"),
      ],
    };
    const code = await makeCode();
    const environment = await layOut(code, { write: async () => {}, layout });
    await code.remove();
    const provided = [provide("apt", "a", {}), provide("apache", "b", {}), provide("ntp", "c", {})].map((each, at) => ({
      ...each,
      folder: join(folder, ["one", "two", "three"][at] ?? ""),
    }));
    const listing = listingOf({ layout, entries: [], provided });
    expect([listing.root, listing.manifest, listing.modulepath]).toEqual([environment.root, environment.manifest, environment.modulepath]);
  });
});

const files: Files = { "manifests/site.pp": "node default {}\n", "site/profile/manifests/init.pp": "class profile {}\n" };
const modulepath = [
  { in: "tree", path: "site" },
  { in: "disk", folder: "/cache/1", only: ["stdlib"], id: "1" },
] as const;
const withModules = { layout: { name: "production", modulepath, manifest: "manifests" } };
const stdlib = provide("stdlib", "1", { "manifests/init.pp": "class stdlib {}\n", "functions/x.pp": "function stdlib::x() {}\n" });
const trace = traceOf({ manifests: ["profile"], functions: ["stdlib::x"] });

describe("modules from elsewhere", () => {
  it("count by their files, under the names that they have in the sandbox", async () => {
    const before = sideOf(files, { ...withModules, provided: [stdlib] });
    expect([...before.files.keys()].filter((path) => !path.startsWith(root))).toEqual([
      "/etc/puppetlabs/code/modules-0/stdlib/manifests/init.pp",
      "/etc/puppetlabs/code/modules-0/stdlib/functions/x.pp",
    ]);
    const other = {
      ...provide("stdlib", "2", { "manifests/init.pp": "class stdlib {}\n", "functions/x.pp": "other" }),
      id: "1",
      folder: "/cache/1",
    };
    const after = sideOf(files, { ...withModules, provided: [other] });
    expect(reached("a", trace, await compare({ before, after, read }))?.text).toBe("function stdlib::x (modules-0/stdlib/functions/x.pp)");
  });

  const disk = { layout: { name: "production", modulepath: [{ in: "disk", folder: "/m", only: null }], manifest: "manifests" } } as const;
  const copied = (copy: string): { copies: ReadonlyMap<string, string> } => ({ copies: new Map([["/m", copy]]) });
  it.each([
    {
      what: "nobody knows what they are",
      before: {},
      after: {},
      expected: "modules of this machine are read from a folder whose files nobody has listed",
    },
    {
      what: "two copies of them",
      before: copied("1"),
      after: copied("2"),
      expected: "modules of this machine were copied at different times",
    },
    { what: "the very same copy", before: copied("1"), after: copied("1"), expected: null },
  ])("on this machine: $what", async ({ before, after, expected }) => {
    const changed = edited(files, { "docs/x": "x" });
    const result = await compare({ before: sideOf(files, { ...disk, ...before }), after: sideOf(changed, { ...disk, ...after }), read });
    expect(reached("a", trace, result)?.text ?? null).toBe(expected);
  });

  it.each([
    {
      what: "another module path",
      layout: { name: "production", modulepath: [], manifest: "manifests" },
      expected: "the module path differs",
    },
    {
      what: "another main manifest",
      layout: { ...withModules.layout, manifest: "manifests/site.pp" },
      expected: "the main manifest is manifests/site.pp now",
    },
    { what: "another environment", layout: { ...withModules.layout, name: "test" }, expected: "the environment has another name" },
  ])("$what is the whole fleet's", async ({ layout, expected }) => {
    const before = sideOf(files, { ...withModules, provided: [stdlib] });
    const result = await compare({ before, after: sideOf(files, { layout, provided: [stdlib] }), read });
    expect(reached("a", trace, result)?.text).toBe(expected);
  });
});
