import { describe, expect, it } from "vitest";
import type { Effect } from "../../src/rollout/effects.ts";
import { hour, minute } from "./time.ts";
import { doAll, laneOf, look, merge, pass, say, tipsOf, told, type World, whys, worldOf } from "./world.ts";

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

  it("leaves what stopped a lane before as it is, and says nothing twice", () => {
    const world = worldOf("canary", "rest");
    world.says.set(merge(world), "bad");
    pass(world, 10);
    world.line.pop();
    told(world);
    look(world);
    expect(whys(world)).toEqual(["verdict", undefined]);
    expect(told(world)).toEqual([]);
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
