import { describe, expect, it } from "vitest";
import { listed, openKept, type KeptWork } from "../../../src/engine/kept/open-kept.ts";
import { memoryCache } from "../../../src/engine/memory-cache.ts";
import type { CompileCache } from "../../../src/engine/ports/cache.ts";
import type { EnvironmentLayout } from "../../../src/engine/ports/environment.ts";
import { traceOf } from "../../plan/world.ts";
import { compiles, fails, node } from "../night/world.ts";

const limits = { nodeSeconds: 1, startSeconds: 1, memoryMib: 1, processes: 1, outputMib: 1 };
const tree = { in: "tree" as const, path: "site" };
const folder = { in: "disk" as const, folder: "/mine", only: null };
const resolved = { in: "disk" as const, folder: "/cache/1", only: ["clock"], id: "1" };
const sideOf = (modulepath: EnvironmentLayout["modulepath"], oid = "1"): KeptWork["trees"]["base"] => ({
  tree: oid,
  entries: [{ path: "data/x.yaml", mode: "100644", oid, size: 1 }],
  layout: { name: "production", manifest: "manifests", modulepath },
  provided: [],
  open: () => Promise.reject(new Error("not part of this test")),
});
const open = (cache: CompileCache | null, modulepath: EnvironmentLayout["modulepath"], more: Partial<KeptWork> = {}, oid = "1") => {
  const base = sideOf(modulepath, oid);
  const texts = new Map([
    ["1", "a: 1\n"],
    ["2", "a: 2\n"],
  ]);
  const repository = { readObject: async (id: string) => Buffer.from(texts.get(id) ?? "") };
  const trees = { base, merged: base } as unknown as KeptWork["trees"];
  const puppet = { readKept: () => compiles("a") };
  return openKept({ repository, puppet, trees, cache, kind: ["acme/control", "7"], limits, standIns: null, ...more });
};
const reading = (key: string) => {
  const outcome = compiles("a", { classes: [] });
  if (!outcome.ok || outcome.reads === undefined) throw new Error("it compiles");
  const data = [{ path: "/etc/puppetlabs/code/environments/production/data/x.yaml", keys: [key] }];
  return { ...outcome, reads: { ...outcome.reads, trace: traceOf({ data }) } };
};

describe("what is kept of base", () => {
  it.each<[string, EnvironmentLayout["modulepath"], boolean]>([
    ["all modules are the tree's", [tree], true],
    ["others can't change", [tree, resolved], true],
    ["a folder of this machine may be another tomorrow", [folder], false],
    ["one of several may", [tree, resolved, folder], false],
  ])("is found again where %s: %j", async (_, modulepath, expected) => {
    const cache = memoryCache(2 ** 22);
    const { kept } = await open(cache, modulepath);
    kept.add(node("a"), compiles("a"), Buffer.from("raw"));
    await kept.save();
    expect((await open(cache, modulepath)).kept.find(node("a")) !== null).toBe(expected);
  });

  it("is another repository's, or that of other programs", async () => {
    const cache = memoryCache(2 ** 22);
    const { kept } = await open(cache, [tree]);
    kept.add(node("a"), compiles("a"), Buffer.from("raw"));
    await kept.save();
    for (const kind of [["acme/other", "7"] as const, ["acme/control", "8"] as const])
      expect((await open(cache, [tree], { kind })).kept.find(node("a"))).toBeNull();
  });

  it.each([
    ["a", false],
    ["b", true],
  ])("holds for a later base in which the key a differs, where it looked up %s: %s", async (key, expected) => {
    const cache = memoryCache(2 ** 22);
    const { kept } = await open(cache, [tree]);
    kept.add(node("a"), reading(key), Buffer.from("raw"));
    await kept.save();
    expect((await open(cache, [tree], {}, "2")).kept.find(node("a")) !== null).toBe(expected);
  });

  it("is not believed where its trace tells of less than its catalog shows", async () => {
    const { kept } = await open(null, [tree]);
    const outcome = compiles("a");
    if (!outcome.ok || outcome.reads === undefined) throw new Error("it compiles");
    const declared = {
      ...outcome.catalog,
      resources: [
        { type: "Class", title: "Hidden", key: "Hidden", parameters: new Map(), exported: false, source: null, kind: "class" as const },
      ],
    };
    expect(kept.add(node("a"), { ...outcome, catalog: declared }, null).untold).toBe(
      "its compile told of less than its catalog shows: class hidden is missing",
    );
    expect(kept.add(node("b"), fails("b"), null).untold).toBe("it does not compile on base");
  });

  it("is marked under its repository's name, and not used then", async () => {
    const cache = memoryCache(2 ** 22);
    const marks: unknown[] = [];
    const marking: CompileCache = { ...cache, distrust: async (scope, mark) => (marks.push(mark), cache.distrust(scope, mark)) };
    const { distrust } = await open(marking, [tree]);
    await distrust("a plan was wrong");
    expect(marks).toEqual([{ repository: "acme/control", why: "a plan was wrong" }]);
    expect((await open(cache, [tree])).kept.distrusted).toBe("a plan was wrong");
    await (await open(null, [tree])).distrust("nobody keeps that");
  });
});

it("both sides of a check have the same copy of a folder of this machine, which is nobody's in another check", () => {
  const [one, other] = [sideOf([tree, folder, resolved]), sideOf([folder], "2")].map(listed);
  expect(one?.unlisted).toHaveLength(2);
  expect(one?.unlisted[0]).toEqual({ ...other?.unlisted[0] });
  expect(one?.unlisted.map(({ copy }) => copy === null)).toEqual([false, false]);
  expect(listed(sideOf([tree])).unlisted).toEqual([]);
});
