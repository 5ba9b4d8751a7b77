import { describe, expect, it } from "vitest";
import { moduleDrift } from "../../src/rollout/module-drift.ts";
import { laneOf, merge, pass, say, tipsOf, told, whys, worldOf, type World } from "./world.ts";

const at = (...named: string[]) => named.map((each) => ({ name: each.split(" ")[0] ?? "", version: each.split(" ")[1] ?? "" }));

describe("modules beside one commit", () => {
  it.each<[string, string[], string[], unknown[]]>([
    ["are the same", ["stdlib 1", "apt 2"], ["apt 2", "stdlib 1"], []],
    ["have another version", ["stdlib 1", "apt 2"], ["stdlib 3", "apt 2"], [{ name: "stdlib", before: "1", now: "3" }]],
    ["are more", [], ["apt 2"], [{ name: "apt", before: null, now: "2" }]],
    ["are fewer", ["apt 2"], [], [{ name: "apt", before: "2", now: null }]],
    [
      "are told in their order",
      ["b 1", "a 1"],
      ["a 2", "b 2"],
      [
        { name: "a", before: "1", now: "2" },
        { name: "b", before: "1", now: "2" },
      ],
    ],
  ])("%s", (_, before, now, expected) => expect(moduleDrift(at(...before), at(...now))).toEqual(expected));
});

/** Cases 12 and 13: r10k pins no module by itself. */
describe("a module that floats", () => {
  const differ = (than: string) => ({ kind: "modules-differ", than, modules: [{ name: "stdlib", before: "1", now: "2" }] });
  const begun = (...lanes: string[]): World => {
    const world = worldOf("canary", "lon", "rest");
    for (const lane of lanes) world.modules.set(lane, at("stdlib 1"));
    merge(world);
    return world;
  };

  it("goes through all lanes where it is the same", () => {
    const world = begun("canary", "lon", "rest");
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c1", "c1", "c1"]);
    expect(world.rollout.lanes.map(({ modules }) => modules)).toEqual(Array.from({ length: 3 }, () => at("stdlib 1")));
  });

  it("stops the lane that would get it in another version than the one that was looked at", () => {
    const world = begun("canary");
    world.modules.set("lon", at("stdlib 2"));
    pass(world, 60);
    expect(laneOf(world, "lon").halt?.why).toEqual(differ("canary"));
    expect(told(world).at(-1)).toBe("halted lon c1");
    expect(tipsOf(world)).toEqual(["c1", "c1", "c0"]);
    for (const kind of ["promote", "resume"] as const)
      expect(say(world, { kind, lane: "lon", reason: "" }) ?? "obeyed").toMatch(
        kind === "promote" ? /stdlib \(1 then, 2 now\).*Pin them by commit/u : /^obeyed$/u,
      );
    // Nothing is better by being looked at again.
    pass(world, 2);
    expect(laneOf(world, "lon").halt?.why).toEqual(differ("canary"));
  });

  it("stops the lane in which it moves while the release is watched", () => {
    const world = begun("canary");
    pass(world, 5);
    expect(laneOf(world, "canary").stage?.phase).toBe("watched");
    world.modules.set("canary", at("stdlib 2"));
    pass(world, 1);
    expect(laneOf(world, "canary").halt?.why).toEqual(differ("canary"));
    expect(say(world, { kind: "promote", lane: "canary", reason: "" })).toContain("other modules than when its watch began");
  });

  it("goes on once it was put back, or a newer release is there", () => {
    const back = begun("canary", "rest");
    back.modules.set("lon", at("stdlib 2"));
    pass(back, 30);
    back.modules.set("lon", at("stdlib 1"));
    expect(say(back, { kind: "resume", lane: "lon" })).toBeNull();
    pass(back, 60);
    expect(tipsOf(back)).toEqual(["c1", "c1", "c1"]);

    const newer = begun("canary");
    newer.modules.set("lon", at("stdlib 2"));
    pass(newer, 30);
    for (const lane of ["canary", "lon", "rest"]) newer.modules.set(lane, at("stdlib 3"));
    // The first lane has nothing under way: what its compilers serve is not asked.
    merge(newer);
    pass(newer, 60);
    expect(tipsOf(newer)).toEqual(["c2", "c2", "c2"]);
  });

  it("keeps no lane from going back", () => {
    const world = begun("canary");
    world.modules.set("lon", at("stdlib 2"));
    pass(world, 30);
    expect(say(world, { kind: "return", lane: "lon", commits: [], reason: "" })).toBeNull();
    pass(world, 60);
    expect([tipsOf(world), whys(world)]).toEqual([
      ["c0", "c0", "c0"],
      [undefined, undefined, undefined],
    ]);
  });
});
