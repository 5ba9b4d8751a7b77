import { describe, expect, it } from "vitest";
import type { LaneState } from "../../src/rollout/state.ts";
import { minute } from "./time.ts";
import { changeLane, laneOf, look, merge, pass, say, tipsOf, type World, worldOf } from "./world.ts";

const reason = "because";

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
    changeLane(world, "canary", { gate: "manual" });
    changeLane(world, "rest", { gate: "manual" });
    merge(world);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c0", "c0"]);
    say(world, { kind: "promote", lane: "canary", release: null, reason });
    // What lands then was not what they looked at.
    merge(world);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1", "c0"]);
    expect(world.events.find(({ kind }) => kind === "entered")).toMatchObject({ kind: "entered", let: { id: 7, name: "sre" } });
    say(world, { kind: "promote", lane: "rest", release: null, reason });
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1", "c1"]);
    pass(world, 30);
    expect(tipsOf(world)).toEqual(["c1", "c1"]);
    expect(laneOf(world, "rest").let).toBeNull();
  });

  it("55 a word for one release does not let another in", () => {
    const world = worldOf("canary", "rest");
    changeLane(world, "rest", { gate: "manual" });
    merge(world);
    pass(world, 30);
    world.held = ["a freeze holds"];
    say(world, { kind: "promote", lane: "rest", release: null, reason });
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
    changeLane(world, "canary", { gate: "manual" });
    merge(world);
    say(world, { kind: "promote", lane: "canary", release: null, reason });
    world.rollout = { ...world.rollout, quarantined: [{ commit: "c1", lane: "canary", at: 0 }] };
    pass(world, 5);
    expect(tipsOf(world)).toEqual(["c0", "c0"]);
  });
});
