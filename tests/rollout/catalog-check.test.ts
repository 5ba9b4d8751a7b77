import { describe, expect, it } from "vitest";
import { doubted, type NodeCatalog, type Unpredicted, unpredicted } from "../../src/rollout/catalog-check.ts";
import { besides, laneOf, look, merge, minute, pass, seenIn, worldOf } from "./world.ts";

const catalog = (resources: Record<string, string>, more: Partial<NodeCatalog> = {}): NodeCatalog => ({
  id: "first",
  version: "c1",
  inputs: "facts",
  resources,
  ...more,
});
const before = catalog({ "File[/a]": "1", "File[/b]": "1", "User[x]": "1" }, { id: "before", version: "c0" });

describe("a node's two real catalogs", () => {
  it.each<[string, NodeCatalog, string[], Record<string, string | null> | null]>([
    ["are the same", catalog(before.resources), [], {}],
    ["differ as was said", catalog({ ...before.resources, "File[/a]": "2" }), ["File[/a]"], {}],
    ["differ in another resource", catalog({ ...before.resources, "File[/b]": "2" }), ["File[/a]"], { "File[/b]": "2" }],
    ["have one more", catalog({ ...before.resources, "Exec[evil]": "1" }), [], { "Exec[evil]": "1" }],
    ["have one less", catalog({ "File[/a]": "1", "File[/b]": "1" }), [], { "User[x]": null }],
    ["need not differ where it was said", catalog(before.resources), ["File[/a]"], {}],
    ["are no two where the later is of another commit", catalog({}, { version: "c0" }), [], null],
    ["say nothing where the node itself changed", catalog({}, { inputs: "other facts" }), [], null],
    ["are compared by the end of the version", catalog(before.resources, { version: "puppet1-production-c1" }), [], {}],
  ])("%s", (_, after, changes, expected) => {
    const found = unpredicted({ certname: "a", before, after, release: "c1" }, new Set(changes));
    expect(found === null ? null : found.resources).toEqual(expected);
  });
});

describe("a difference that nobody foresaw", () => {
  const seen = (id: string, resources: Unpredicted["resources"]): Unpredicted => ({ certname: "a", catalog: id, resources });
  const after = (...looks: Unpredicted[][]): readonly string[] => {
    let now = {} as ReturnType<typeof doubted>;
    for (const look of looks) now = doubted(now, look);
    return now["a"]?.confirmed ?? [];
  };
  const evil = { "Exec[evil]": "1" };
  it.each<[string, Unpredicted[][], string[]]>([
    ["is doubted at first", [[seen("1", evil)]], []],
    ["proves nothing by being looked at again", [[seen("1", evil)], [seen("1", evil)], [seen("1", evil)]], []],
    ["counts once a second compile has it", [[seen("1", evil)], [seen("2", evil)]], ["Exec[evil]"]],
    ["is still so at the next look", [[seen("1", evil)], [seen("2", evil)], [seen("2", evil)]], ["Exec[evil]"]],
    ["counts where a resource is gone", [[seen("1", { "User[x]": null })], [seen("2", { "User[x]": null })]], ["User[x]"]],
    ["is chance where it comes out otherwise", [[seen("1", { "File[/r]": "1" })], [seen("2", { "File[/r]": "2" })]], []],
    ["is over when it is gone", [[seen("1", evil)], [seen("2", {})], [seen("3", evil)]], []],
    [
      "is told of each resource by itself",
      [[seen("1", { ...evil, "File[/r]": "1" })], [seen("2", { ...evil, "File[/r]": "2" })]],
      ["Exec[evil]"],
    ],
  ])("%s", (_, looks, expected) => expect(after(...looks)).toEqual(expected));
});

describe("a lane whose real catalogs are others than was said", () => {
  const watched = (...looks: Unpredicted[][]) => {
    const world = worldOf("canary", "rest");
    merge(world);
    world.says.set("c1", "good");
    pass(world, 2);
    for (const catalogs of looks) {
      const { fleet } = seenIn(world).lanes.get("canary") ?? {};
      if (fleet?.known !== true) throw new Error("the lane is not seen");
      look(world, besides(world, "canary", { fleet: { ...fleet, value: { ...fleet.value, catalogs } } }));
      world.now += minute;
    }
    return laneOf(world, "canary");
  };
  const evil = (catalog: string): Unpredicted[] => [{ certname: "a.example", catalog, resources: { "Exec[evil]": "1" } }];

  it("stands still once a second compile says so, whatever the policy tolerates", () => {
    expect(watched([], evil("1"), evil("1")).halt).toBeNull();
    const { halt } = watched([], evil("1"), evil("2"));
    const troubles = [{ kind: "catalog-differs", certnames: ["a.example"], resources: ["Exec[evil]"], tolerated: 0 }];
    expect(halt?.why).toMatchObject({ kind: "verdict", verdict: { kind: "failed", troubles } });
  });

  it("goes on where they are as was said", () => {
    const quiet: Unpredicted[] = [{ certname: "a.example", catalog: "1", resources: {} }];
    expect(watched([], quiet, quiet)).toMatchObject({ halt: null, stage: { doubted: {} } });
  });
});
