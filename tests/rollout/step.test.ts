import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/policy/known.ts";
import type { Effect } from "../../src/rollout/effects.ts";
import type { Observation } from "../../src/rollout/observation.ts";
import type { LaneState } from "../../src/rollout/state.ts";
import { watchOf } from "../../src/rollout/terms.ts";
import { hour, minute } from "./time.ts";
import { laneOf, look, merge, pass, perform, say, seenIn, tipsOf, told, type World, worldOf } from "./world.ts";

const reason = "because";
const lane = (world: World, name: string, more: Partial<World["lanes"][number]>): void => {
  world.lanes = world.lanes.map((one) => (one.name === name ? { ...one, ...more } : one));
};
const doAll = (world: World): readonly Effect[] => {
  const effects = look(world);
  for (const effect of effects) perform(world, effect);
  world.now += minute;
  return effects;
};
/** What is seen, but for one lane. */
const besides = (
  world: World,
  name: string,
  more: Partial<Observation["lanes"] extends ReadonlyMap<string, infer Seen> ? Seen : never>,
): Observation => {
  const seen = seenIn(world);
  const own = seen.lanes.get(name);
  if (own === undefined) throw new Error(`there is no lane ${name}`);
  return { ...seen, lanes: new Map([...seen.lanes, [name, { ...own, ...more }]]) };
};
const whys = (world: World): Array<string | undefined> => world.rollout.lanes.map(({ halt }) => halt?.why.kind);

/** From the beginning until c1 is watched in canary: a state for each moment at which a controller can be killed. */
describe("killed after", () => {
  const world = (): World => {
    const begun = worldOf("canary", "rest");
    merge(begun);
    begun.undeployed.add("c1");
    return begun;
  };
  const cases: ReadonlyArray<
    readonly [what: string, until: (world: World) => void, effects: ReadonlyArray<Partial<Effect>>, phase: string]
  > = [
    [
      "the intent, before the branch was moved: it is moved again",
      (at) => void look(at),
      [{ kind: "move", before: "c0", after: "c1", branch: "production_canary", way: "forward" }],
      "intended",
    ],
    [
      "the move, before it was known: it is taken over, and deployed",
      (at) => void doAll(at),
      [{ kind: "deploy", release: "c1", environment: "production_canary" }],
      "moved",
    ],
    [
      "the move was known, before it was deployed: it is deployed again",
      (at) => {
        doAll(at);
        look(at);
      },
      [{ kind: "deploy", release: "c1" }],
      "moved",
    ],
    [
      "half of the compilers had it: they don't agree, and it is deployed again",
      (at) => {
        doAll(at);
        look(at);
        at.now += minute;
      },
      [{ kind: "deploy", release: "c1" }],
      "moved",
    ],
    [
      "all compilers had it: that is seen",
      (at) => {
        doAll(at);
        doAll(at);
      },
      [],
      "watched",
    ],
  ];
  it.each(cases)("%s", (_, until, effects, phase) => {
    const at = world();
    until(at);
    const found = look(at);
    expect(found).toMatchObject(effects);
    expect(found).toHaveLength(effects.length);
    expect(laneOf(at, "canary").stage?.phase).toBe(phase);
    // Whoever goes on from there ends as if nothing had been.
    pass(at, 60);
    expect(tipsOf(at)).toEqual(["c1", "c1"]);
    expect(told(at)).toEqual([
      "entered canary c1",
      "moved canary c1",
      "ready canary c1",
      "passed canary c1",
      "entered rest c1",
      "moved rest c1",
      "ready rest c1",
      "passed rest c1",
      "done c1",
    ]);
  });

  it("some minutes of the bake: they were kept, and those without a controller don't count", () => {
    const at = world();
    pass(at, 8);
    const before = laneOf(at, "canary").stage?.observedMinutes ?? 0;
    expect(before).toBeGreaterThan(2);
    at.now += 3 * hour;
    doAll(at);
    expect(laneOf(at, "canary").stage?.observedMinutes).toBe(before);
    doAll(at);
    expect(laneOf(at, "canary").stage?.observedMinutes).toBe(before + 1);
  });
});

describe("a branch that is not where the gate put it", () => {
  const phases: ReadonlyArray<readonly [what: string, minutes: number]> = [
    ["before anything", 0],
    ["with the move on its way", 1],
    ["while it is deployed", 2],
    ["while it is watched", 5],
  ];
  const hands: ReadonlyArray<readonly [what: string, tip: string | null]> = [
    ["moved by hand", "by hand"],
    ["deleted", null],
    ["forced back to before the rollout", "c-1"],
  ];
  it.each(phases.flatMap(([when, minutes]) => hands.map(([what, tip]) => ({ what, when, minutes, tip }))))(
    "$what $when",
    ({ minutes, tip }) => {
      const world = worldOf("canary", "rest");
      if (minutes > 0) merge(world);
      world.undeployed.add("c1");
      for (let at = 0; at < minutes; at += 1) doAll(world);
      told(world);
      world.tips.delete("canary");
      if (tip !== null) world.tips.set("canary", tip);
      merge(world);
      expect(look(world)).toEqual([]);
      expect(laneOf(world, "canary").halt).toEqual({ why: { kind: "moved-elsewhere", tip }, at: world.now });
      expect(world.events).toMatchObject([{ kind: "halted", lane: "canary", release: minutes > 0 ? "c1" : null }]);
      pass(world, 60);
      expect(told(world)).toHaveLength(1);
      // The way on: it is put back, and somebody says so.
      world.tips.set("canary", minutes > 0 ? "c1" : "c0");
      expect(say(world, { kind: "resume", lane: "canary" })).toBeNull();
      pass(world, 200);
      expect(tipsOf(world)).toEqual(minutes > 0 ? ["c2", "c2"] : ["c1", "c1"]);
    },
  );

  it("resumed where it was not put back stands still again", () => {
    const world = worldOf("canary", "rest");
    world.tips.set("canary", "by hand");
    look(world);
    say(world, { kind: "resume", lane: "canary" });
    look(world);
    expect(whys(world)).toEqual(["moved-elsewhere", undefined]);
  });

  it("a lane that moved to where it was to go is not moved elsewhere", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    look(world);
    world.tips.set("canary", "c1");
    expect(look(world)).toMatchObject([{ kind: "deploy", release: "c1" }]);
  });
});

describe("a base branch that was rewritten", () => {
  it("stops the lanes that it does not lead to any more, and moves nothing", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 5);
    const step = world.line.pop();
    merge(world);
    told(world);
    world.line[1] = { sha: "other", number: 1, solo: false, reverts: null };
    expect(look(world)).toEqual([]);
    expect(laneOf(world, "canary").halt?.why).toEqual({ kind: "off-the-line", commit: "c1" });
    expect(world.events).toMatchObject([{ kind: "halted", lane: "canary", release: "c1" }]);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1", "c0"]);
    if (step !== undefined) world.line[1] = step;
    say(world, { kind: "resume", lane: "canary" });
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c1", "c1"]);
  });

  it("also those in which nothing is under way", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 60);
    world.line.pop();
    look(world);
    expect(whys(world)).toEqual(["off-the-line", "off-the-line"]);
    expect(laneOf(world, "rest").halt?.why).toEqual({ kind: "off-the-line", commit: "c1" });
  });
});

describe("lanes that the policy has changed", () => {
  const renamed = (world: World): void => lane(world, "canary", { name: "first" });
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
          hint: "Once nothing is under way, `puppet-gate rollout begin` takes the lanes as they are.",
        },
      ],
      ["not-in-policy", undefined, undefined],
    ],
    [
      "one has another environment",
      (world) => lane(world, "lon", { environment: "london" }),
      [
        {
          lane: "lon",
          text: "the policy has no lane lon with the environment production_lon any more",
          hint: "Once nothing is under way, `puppet-gate rollout begin` takes the lanes as they are.",
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
          hint: "Once nothing is under way, `puppet-gate rollout begin` takes the lanes as they are.",
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
          hint: "Once nothing is under way, `puppet-gate rollout begin` takes the lanes as they are.",
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
    lane(world, "canary", { bakeMinutes: 0, runsPerNode: 9 });
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
    say(world, { kind: "promote", lane: "canary", reason });
    say(world, { kind: "return", lane: "rest", commits: [], reason });
    expect(laneOf(world, "canary").stage?.terms).toBeNull();
    look(world);
    expect(laneOf(world, "canary").stage).toMatchObject({ policy: "digest", terms: { bakeMinutes: 10, runsPerNode: 1 } });
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

describe("what holds a rollout", () => {
  const holds: ReadonlyArray<readonly [what: string, hold: (world: World) => void, release: (world: World) => void]> = [
    [
      "a pause",
      (world) => void say(world, { kind: "pause", until: world.now + 500 * minute, reason }),
      (world) => void say(world, { kind: "resume", lane: null }),
    ],
    [
      "a freeze",
      (world) => {
        world.held = ["a freeze holds"];
      },
      (world) => {
        world.held = [];
      },
    ],
  ];
  it.each(holds)("%s: nothing enters, what is under way is watched to its end, and then it goes on", (_, hold, release) => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 4);
    hold(world);
    merge(world);
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c1", "c0"]);
    expect(laneOf(world, "canary").verified).toBe("c1");
    release(world);
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c2", "c2"]);
  });

  it.each(holds)("%s: a move that was not made waits, and one that was is deployed", (_, hold) => {
    const world = worldOf("canary", "rest");
    merge(world);
    look(world);
    hold(world);
    expect(look(world)).toEqual([]);
    world.tips.set("canary", "c1");
    expect(look(world)).toMatchObject([{ kind: "deploy" }]);
  });

  it.each(holds)("%s: a return is allowed", (_, hold) => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 4);
    hold(world);
    say(world, { kind: "return", lane: "canary", commits: [], reason });
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c0", "c0"]);
    expect(laneOf(world, "canary").stage).toBeNull();
  });

  it("a pause ends by itself, to the millisecond", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    say(world, { kind: "pause", until: world.now + minute, reason });
    world.now += minute - 1;
    expect(look(world)).toEqual([]);
    expect(world.rollout.paused).not.toBeNull();
    world.now += 1;
    expect(look(world)).toHaveLength(1);
    expect(world.rollout.paused).toBeNull();
  });

  it("a gate that only people open, in any lane", () => {
    const world = worldOf("canary", "rest");
    lane(world, "canary", { gate: "manual" });
    lane(world, "rest", { gate: "manual" });
    merge(world);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c0", "c0"]);
    say(world, { kind: "promote", lane: "canary", reason });
    // What lands then was not what they looked at.
    merge(world);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1", "c0"]);
    expect(world.events[0]).toMatchObject({ kind: "entered", let: { id: 7, name: "sre" } });
    say(world, { kind: "promote", lane: "rest", reason });
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1", "c1"]);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1", "c1"]);
    expect(laneOf(world, "rest").let).toBeNull();
  });

  it("55 a word for one release does not let another in", () => {
    const world = worldOf("canary", "rest");
    lane(world, "rest", { gate: "manual" });
    merge(world);
    pass(world, 30);
    world.held = ["a freeze holds"];
    say(world, { kind: "promote", lane: "rest", reason });
    world.held = [];
    merge(world);
    world.rollout = {
      ...world.rollout,
      lanes: world.rollout.lanes.map((state): LaneState => (state.lane === "canary" ? { ...state, verified: "c2" } : state)),
    };
    world.tips.set("canary", "c2");
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c2", "c0"]);
  });

  it("a word for what came into quarantine since lets nothing in", () => {
    const world = worldOf("canary", "rest");
    lane(world, "canary", { gate: "manual" });
    merge(world);
    say(world, { kind: "promote", lane: "canary", reason });
    world.rollout = { ...world.rollout, quarantined: [{ commit: "c1", lane: "canary", at: 0 }] };
    pass(world, 5);
    expect(tipsOf(world)).toEqual(["c0", "c0"]);
  });
});

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
  const seenAt = (world: World, at: number, isOverdue = false): void => {
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
    look(world, besides(world, "canary", { fleet: known({ nodes, classes: new Map([["x", ["a"]]]), at, isOverdue }) }));
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

  it("decide when it is enough: what was not observed is waited for, whatever the clock says", () => {
    const { world, start } = watched();
    // Ten of the bake, and four runs of half an hour.
    let at = start;
    for (; at < start + 129 * minute; at += minute) seenAt(world, at, true);
    expect(laneOf(world, "canary").halt).toBeNull();
    seenAt(world, at, true);
    seenAt(world, at + minute, false);
    expect(laneOf(world, "canary").halt).toBeNull();
    seenAt(world, at + minute, true);
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

describe("lane after lane", () => {
  it("halts where the fleet says so, and no lane behind it gets it", () => {
    const world = worldOf("canary", "lon", "rest");
    world.says.set(merge(world), "bad");
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c1", "c0", "c0"]);
    expect(told(world)).toEqual(["entered canary c1", "moved canary c1", "ready canary c1", "halted canary c1"]);
  });

  it("lets a release through at once that changes nothing there, and says so", () => {
    const world = worldOf("canary", "rest");
    world.says.set(merge(world), "no change");
    pass(world, 8);
    expect(told(world).filter((word) => word.startsWith("passed"))).toEqual(["passed canary c1", "passed rest c1"]);
  });

  it("a lane without nodes lets nothing through", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 3);
    look(world, besides(world, "canary", { fleet: known({ nodes: [], classes: new Map(), at: world.now, isOverdue: false }) }));
    expect(laneOf(world, "canary")).toMatchObject({ verified: "c0", stage: { release: "c1" } });
  });

  it("takes a newer release from one that was watched for too long, and only then", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 3);
    const entered = laneOf(world, "canary").stage?.intendedAt ?? 0;
    world.says.set("c1", "nothing");
    merge(world);
    // Ten of the bake and 120 until it is undecided are more than `max_wait_minutes`.
    world.now = entered + 130 * minute - 1;
    expect(look(world)).toEqual([]);
    world.now += 1;
    told(world);
    expect(look(world)).toMatchObject([{ kind: "move", before: "c1", after: "c2", baseline: `c1@${entered}` }]);
    expect(world.events).toMatchObject([
      { kind: "superseded", lane: "canary", release: "c1", by: "c2" },
      { kind: "entered", lane: "canary", release: "c2", before: "c1", let: null },
    ]);
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c2", "c2"]);
    expect(world.rollout.lanes.map(({ verified }) => verified)).toEqual(["c2", "c2"]);
  });

  it("waits for as long as the policy says where that is more", () => {
    const world = worldOf("canary", "rest");
    world.policy = { ...world.policy, maxWaitMinutes: 500 };
    merge(world);
    pass(world, 3);
    world.says.set("c1", "nothing");
    merge(world);
    pass(world, 480);
    expect(tipsOf(world)).toEqual(["c1", "c0"]);
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c2", "c2"]);
  });

  it("63 ends each release in a storm of merges, in every lane", () => {
    const world = worldOf("canary", "lon", "rest");
    world.policy = { ...world.policy, maxWaitMinutes: 0 };
    lane(world, "lon", { bakeMinutes: 45 });
    for (let at = 0; at < 60; at += 1) {
      merge(world);
      pass(world, 5);
    }
    const passed = told(world).filter((word) => word.startsWith("passed"));
    expect(passed.filter((word) => word.includes("canary")).length).toBeGreaterThan(15);
    expect(passed.filter((word) => word.includes("lon")).length).toBeGreaterThanOrEqual(5);
    expect(passed.filter((word) => word.includes("rest")).length).toBeGreaterThanOrEqual(4);
  });

  it("60 takes the revert of what stopped a lane into that lane, without a person", () => {
    for (const stops of ["canary", "lon"]) {
      const world = worldOf("canary", "lon", "rest");
      merge(world);
      if (stops === "canary") world.says.set("c1", "bad");
      pass(world, 30);
      if (stops === "lon") {
        // Good in canary, and bad as soon as it was seen in lon.
        const fresh = worldOf("canary", "lon", "rest");
        Object.assign(world, fresh);
        merge(world);
        for (; laneOf(world, "lon").stage === null;) doAll(world);
        world.says.set("c1", "bad");
        pass(world, 10);
      }
      expect(laneOf(world, stops).halt?.why.kind).toBe("verdict");
      merge(world);
      pass(world, 60);
      expect(laneOf(world, stops).stage?.release).toBe("c1");
      merge(world, { reverts: "c1" });
      pass(world, 200);
      expect(tipsOf(world)).toEqual(["c3", "c3", "c3"]);
    }
  });

  it("not the revert of something else", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 60);
    world.says.set(merge(world), "bad");
    pass(world, 10);
    merge(world, { reverts: "c1" });
    pass(world, 300);
    expect(tipsOf(world)).toEqual(["c2", "c1"]);
  });

  it("nor into a lane that a person stopped, or that is on its way back", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 4);
    say(world, { kind: "abort", lane: "canary", reason });
    merge(world, { reverts: "c1" });
    pass(world, 200);
    expect(tipsOf(world)).toEqual(["c1", "c0"]);
    say(world, { kind: "return", lane: "canary", commits: ["c1"], reason });
    world.says.set("c0", "bad");
    pass(world, 30);
    expect(laneOf(world, "canary").halt?.why.kind).toBe("verdict");
    pass(world, 300);
    expect(tipsOf(world)).toEqual(["c0", "c0"]);
  });

  it("compares a release on top of a bad one with what was before the bad one", () => {
    const world = worldOf("canary", "rest");
    world.says.set(merge(world), "bad");
    pass(world, 10);
    const baseline = laneOf(world, "canary").stage?.baseline;
    expect(baseline).toMatch(/^c1@\d+$/u);
    merge(world, { reverts: "c1" });
    expect(look(world)).toMatchObject([{ kind: "move", after: "c2", baseline }]);
  });

  it("returns in the middle: those before it go back too, the last keeps what it has, and the next train leaves without the bad one", () => {
    const world = worldOf("canary", "lon", "rest");
    merge(world);
    pass(world, 60);
    merge(world);
    for (; laneOf(world, "lon").stage?.phase !== "watched";) doAll(world);
    world.says.set("c2", "bad");
    pass(world, 5);
    expect(laneOf(world, "lon").halt?.why.kind).toBe("verdict");
    say(world, { kind: "return", lane: "lon", commits: ["c2"], reason });
    told(world);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1", "c1", "c1"]);
    expect(told(world).filter((word) => word.startsWith("returned"))).toEqual(["returned lon c1", "returned canary c1"]);
    merge(world);
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c1", "c1", "c1"]);
    merge(world, { reverts: "c2" });
    pass(world, 100);
    expect(tipsOf(world)).toEqual(["c4", "c4", "c4"]);
  });

  it("does not let what is in quarantine into a later lane", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    for (; laneOf(world, "canary").stage?.phase !== "watched";) doAll(world);
    world.rollout = { ...world.rollout, quarantined: [{ commit: "c1", lane: "rest", at: 0 }] };
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c1", "c0"]);
    merge(world, { reverts: "c1" });
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c2", "c2"]);
  });

  it("a single lane is a way of working", () => {
    const world = worldOf("production");
    merge(world);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1"]);
    expect(told(world).at(-1)).toBe("done c1");
  });
});
