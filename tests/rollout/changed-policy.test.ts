import { describe, expect, it } from "vitest";
import { mayBeginAnew } from "../../src/rollout/lane-changes.ts";
import { changeLane, doAll, laneOf, look, merge, pass, say, seenIn, tipsOf, told, type World, whys, worldOf } from "./world.ts";

const reason = "because";

describe("lanes that the policy has changed", () => {
  const renamed = (world: World): void => changeLane(world, "canary", { name: "first" });
  const cases: ReadonlyArray<
    readonly [what: string, change: (world: World) => void, faults: World["faults"], halts: ReadonlyArray<string | undefined>]
  > = [
    [
      "one is gone",
      (world) => {
        world.lanes = world.lanes.slice(1);
      },
      [
        {
          lane: "canary",
          text: "the policy has no lane canary with the environment production_canary any more",
          hint: "Put it back until its release is through, or was taken back.",
        },
      ],
      ["not-in-policy", undefined, undefined],
    ],
    [
      "one is renamed",
      renamed,
      [
        {
          lane: "canary",
          text: "the policy has no lane canary with the environment production_canary any more",
          hint: "Put it back until its release is through, or was taken back.",
        },
        {
          lane: "first",
          text: "the lane first is new, and the rollout has not begun in it",
          hint: "Once nothing is under way and nothing stands still, the lanes are taken as they are.",
        },
      ],
      ["not-in-policy", undefined, undefined],
    ],
    [
      "one has another environment",
      (world) => changeLane(world, "lon", { environment: "london" }),
      [
        {
          lane: "lon",
          text: "the policy has no lane lon with the environment production_lon any more",
          hint: "Once nothing is under way and nothing stands still, the lanes are taken as they are.",
        },
      ],
      [undefined, "not-in-policy", undefined],
    ],
    [
      "one is new",
      (world) => {
        world.lanes = worldOf("canary", "lon", "nyc", "rest").lanes;
      },
      [
        {
          lane: "nyc",
          text: "the lane nyc is new, and the rollout has not begun in it",
          hint: "Once nothing is under way and nothing stands still, the lanes are taken as they are.",
        },
      ],
      [undefined, undefined, undefined],
    ],
    [
      "two have changed places",
      (world) => {
        world.lanes = [1, 0, 2].flatMap((at) => world.lanes[at] ?? []);
      },
      [
        {
          lane: null,
          text: "the policy has the lanes in another order: lon, canary, rest, and not canary, lon, rest",
          hint: "Once nothing is under way and nothing stands still, the lanes are taken as they are.",
        },
      ],
      [undefined, undefined, undefined],
    ],
  ];
  it.each(cases)("%s: nothing goes wider, and it is said", (_, change, faults, halts) => {
    const world = worldOf("canary", "lon", "rest");
    merge(world);
    pass(world, 5);
    told(world);
    const before = world.lanes;
    change(world);
    look(world);
    expect(world.faults).toEqual(faults);
    expect(whys(world)).toEqual(halts);
    expect(told(world)).toEqual(halts.flatMap((why, at) => (why === undefined ? [] : [`halted ${["canary c1", "lon", "rest"][at]}`])));
    merge(world);
    pass(world, 200);
    expect(tipsOf({ ...world, lanes: before })).toEqual(["c1", "c0", "c0"]);
    // Put back, it goes on by itself.
    world.lanes = before;
    pass(world, 200);
    expect(world.faults).toEqual([]);
    expect(tipsOf(world)).toEqual(["c2", "c2", "c2"]);
  });

  it("a lane that is gone is not asked about its branch, and a stop by a person stays one", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 5);
    say(world, { kind: "abort", lane: "canary", reason });
    renamed(world);
    world.tips.delete("canary");
    look(world);
    expect(whys(world)).toEqual(["person", undefined]);
  });
});

describe("a policy that is changed in the middle", () => {
  it("58 leaves a stage as it began, and governs the next", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 4);
    changeLane(world, "canary", { bakeMinutes: 0, runsPerNode: 9 });
    world.policy = { ...world.policy, newlyFailed: { count: 99, percent: 99 }, runMinutes: 7 };
    world.policyDigest = "looser";
    look(world);
    const { stage } = laneOf(world, "canary");
    expect(stage?.policy).toBe("digest");
    expect(stage?.terms).toMatchObject({
      bakeMinutes: 10,
      runsPerNode: 1,
      policy: { newlyFailed: { count: 1, percent: 1 }, runMinutes: 30 },
    });
    pass(world, 5);
    expect(told(world)).not.toContain("passed canary c1");
    pass(world, 10);
    expect(laneOf(world, "rest").stage).toMatchObject({ policy: "looser", terms: { policy: { runMinutes: 7 } } });
  });

  it("governs a return that a person asks for from the first look after that", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 60);
    merge(world);
    pass(world, 3);
    say(world, { kind: "promote", lane: "canary", release: null, reason });
    say(world, { kind: "return", lane: "rest", commits: [], reason });
    expect(laneOf(world, "canary").stage?.terms).toBeNull();
    look(world);
    expect(laneOf(world, "canary").stage).toMatchObject({ policy: "digest", terms: { bakeMinutes: 10, runsPerNode: 1 } });
  });

  it("62 may not govern a lane that is behind", () => {
    const world = worldOf("canary", "lon", "rest");
    merge(world);
    for (; laneOf(world, "lon").verified !== "c1";) doAll(world);
    look(Object.assign(world, { of: "c1" }));
    expect(world.faults).toMatchObject([{ text: "the policy was read at c1, which the lane rest does not have yet" }]);
  });

  it("is put back, whether or not the branch can be seen then", () => {
    const world = worldOf("canary", "rest");
    const before = world.lanes;
    world.lanes = before.slice(1);
    look(world);
    expect(laneOf(world, "canary").halt?.why.kind).toBe("not-in-policy");
    world.lanes = before;
    look(world, { ...seenIn(world), lanes: new Map() });
    expect(laneOf(world, "canary").halt).toBeNull();
  });

  it("62 may not govern the release that brings it", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    const seen = seenIn(world);
    look(Object.assign(world, { of: "c1" }), seen);
    expect(world.faults).toEqual([
      {
        lane: null,
        text: "the policy was read at c1, which the lane rest does not have yet",
        hint: "The policy that was carried out last governs: a change may not loosen its own rollout.",
      },
    ]);
    expect(world.rollout.lanes.every(({ stage }) => stage === null)).toBe(true);
    for (const of of ["c0", "long before"]) {
      look(Object.assign(world, { of }), seen);
      expect(world.faults).toEqual([]);
    }
    expect(laneOf(world, "canary").stage?.release).toBe("c1");
  });
});

describe("lanes that are taken anew", () => {
  const others = (world: World): void => changeLane(world, "canary", { name: "first" });
  it.each<[string, (world: World) => void, boolean]>([
    ["are those that the policy changed", others, true],
    ["are none where it says the same", () => undefined, false],
    [
      "wait for what is under way",
      (world) => {
        merge(world);
        doAll(world);
        others(world);
      },
      false,
    ],
    [
      "wait for what stands still for another reason",
      (world) => {
        world.tips.set("rest", merge(world));
        look(world);
        others(world);
      },
      false,
    ],
    [
      "need not wait where they stand still because the policy changed",
      (world) => {
        others(world);
        look(world);
      },
      true,
    ],
  ])("%s", (_, happen, expected) => {
    const world = worldOf("canary", "rest");
    happen(world);
    expect(mayBeginAnew(world.rollout, world.lanes)).toBe(expected);
  });
});
