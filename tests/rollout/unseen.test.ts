import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/policy/known.ts";
import { watchOf } from "../../src/rollout/terms.ts";
import { hour, minute } from "./time.ts";
import { besides, doAll, laneOf, look, merge, pass, seenIn, tipsOf, type World, whys, worldOf } from "./world.ts";

describe("what can't be seen", () => {
  it("a branch that nobody can ask for: nothing is done there", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    const why = unknown("GitHub does not answer");
    expect(look(world, besides(world, "canary", { tip: why }))).toEqual([]);
    expect(laneOf(world, "canary").stage).toBeNull();
    look(world);
    expect(look(world, besides(world, "canary", { tip: why }))).toEqual([]);
    expect(look(world)).toHaveLength(1);
  });

  it("a lane that nobody looked at: nothing is done there", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    const seen = seenIn(world);
    expect(look(world, { ...seen, lanes: new Map([...seen.lanes].filter(([name]) => name !== "canary")) })).toEqual([]);
    expect(whys(world)).toEqual([undefined, undefined]);
  });

  it("a neighbour that nobody can ask for: a move waits, because it might break the staircase", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    expect(look(world, besides(world, "rest", { tip: unknown("GitHub does not answer") }))).toEqual([]);
    expect(laneOf(world, "canary").stage?.phase).toBe("intended");
    expect(look(world)).toHaveLength(1);
  });

  it("compilers that don't answer: nobody is told to deploy again, and nothing bakes", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    doAll(world);
    const why = unknown("compiler2 does not answer");
    look(world);
    expect(look(world, besides(world, "canary", { served: why }))).toEqual([]);
    expect(laneOf(world, "canary").stage?.phase).toBe("moved");
    pass(world, 3);
    const before = laneOf(world, "canary").stage?.observedMinutes;
    for (let at = 0; at < 30; at += 1) {
      look(world, besides(world, "canary", { served: why }));
      world.now += minute;
    }
    expect(laneOf(world, "canary").stage).toMatchObject({ observedMinutes: before, observedAt: null, phase: "watched" });
  });

  it("a compiler that serves another code while it is watched: it is deployed again, and nothing bakes", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 5);
    const { stage } = laneOf(world, "canary");
    expect(look(world, besides(world, "canary", { served: known(null) }))).toMatchObject([
      { kind: "deploy", lane: "canary", environment: "production_canary", release: "c1" },
    ]);
    expect(laneOf(world, "canary").stage).toMatchObject({
      observedMinutes: stage?.observedMinutes,
      observedAt: null,
      readyAt: stage?.readyAt,
    });
  });

  it("the fleet for three hours: no verdict, no minute of the bake, and then it goes on", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 8);
    const before = laneOf(world, "canary").stage?.observedMinutes ?? 0;
    world.says.set("c1", "nothing");
    pass(world, 180);
    expect(laneOf(world, "canary")).toMatchObject({ halt: null, stage: { observedMinutes: before } });
    world.says.delete("c1");
    look(world);
    expect(laneOf(world, "canary").stage).toMatchObject({ observedMinutes: before, observedAt: world.now, seenSince: world.now });
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c1", "c1"]);
  });
});

describe("minutes of observation", () => {
  const seenAt = (world: World, at: number): void => {
    const nodes = [
      {
        certname: "a",
        kind: "waiting" as const,
        runs: 0,
        resources: [],
        touched: false,
        unexpected: [],
        producer: null,
        before: { changed: [], runs: 0 },
      },
    ];
    look(world, besides(world, "canary", { fleet: known({ nodes, classes: new Map([["x", ["a"]]]), at }) }));
  };
  const watched = (): { world: World; start: number } => {
    const world = worldOf("canary", "rest");
    merge(world);
    doAll(world);
    doAll(world);
    const start = world.now;
    look(world);
    return { world, start };
  };
  const cases: ReadonlyArray<readonly [what: string, looks: readonly number[], minutes: number, since: number]> = [
    ["each minute counts", [1, 2, 3], 3, 0],
    ["so do five at once", [5], 5, 0],
    ["but not more: nobody looked", [5 + 1 / 60_000], 0, 5 + 1 / 60_000],
    ["the clock that stood still", [1, 1], 1, 0],
    ["the clock that was put back", [3, 2, 3], 4, 2],
  ];
  it.each(cases)("%s", (_, looks, minutes, since) => {
    const { world, start } = watched();
    for (const at of looks) seenAt(world, start + at * minute);
    const { stage } = laneOf(world, "canary");
    expect(stage?.observedMinutes).toBeCloseTo(minutes, 3);
    expect(stage?.seenSince).toBe(start + since * minute);
  });

  it("47 are not those between a report and its loss: PuppetDB was restored from a backup", () => {
    const { world, start } = watched();
    const heard = (at: number, heardAt: number): void => {
      const node = { certname: "a", kind: "waiting" as const, runs: 0, resources: [], touched: false, unexpected: [], producer: null };
      const nodes = [{ ...node, before: { changed: [], runs: 0 } }];
      const value = { nodes, classes: new Map([["x", ["a"]]]), at: start + at * minute, heardAt: start + heardAt * minute };
      look(world, besides(world, "canary", { fleet: known(value) }));
    };
    const stages = [
      [1, 1],
      [2, 1],
      [3, 0.5],
      [4, 0.5],
      [5, 4],
    ].map(([at = 0, newest = 0]) => {
      heard(at, newest);
      const { stage } = laneOf(world, "canary");
      return [Math.round(stage?.observedMinutes ?? 0), ((stage?.seenSince ?? 0) - start) / minute];
    });
    expect(stages).toEqual([
      [1, 0],
      [2, 0],
      [2, 3],
      [3, 3],
      [4, 3],
    ]);
  });

  it("decide when it is enough: what was not observed is waited for, whatever the clock says", () => {
    const { world, start } = watched();
    // Ten of the bake, and four runs of half an hour.
    let at = start;
    for (; at < start + 129 * minute; at += minute) seenAt(world, at);
    expect(laneOf(world, "canary").halt).toBeNull();
    seenAt(world, at);
    expect(laneOf(world, "canary").halt).toBeNull();
    seenAt(world, at + minute);
    expect(laneOf(world, "canary").halt?.why).toMatchObject({ kind: "verdict", verdict: { kind: "undecided" } });
  });

  it("say from when on nodes are heard", () => {
    const { world, start } = watched();
    const { stage } = laneOf(world, "canary");
    if (stage === null) throw new Error("nothing is under way");
    const common = { release: "c1", readyAt: start, runsPerNode: 1, deadline: 2 * hour };
    expect(watchOf(stage, start + minute)).toEqual({ ...common, now: start + minute, seenSince: start });
    expect(watchOf(stage, start + hour)).toEqual({ ...common, now: start + hour, seenSince: start + hour });
    expect(watchOf({ ...stage, readyAt: null }, start)).toBeNull();
    expect(watchOf({ ...stage, terms: null }, start)).toBeNull();
  });
});
