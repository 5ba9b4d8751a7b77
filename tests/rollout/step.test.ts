import { describe, expect, it } from "vitest";
import { known } from "../../src/policy/known.ts";
import { nodesOf } from "./nodes.ts";
import { minute } from "./time.ts";
import { besides, changeLane, doAll, laneOf, look, merge, pass, say, tipsOf, told, worldOf } from "./world.ts";

const reason = "because";

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
    const unchanged = { kind: "passed", counts: {}, unchanged: true };
    expect(world.events.flatMap((event) => (event.kind === "passed" ? [event.verdict] : []))).toEqual([unchanged, unchanged]);
    expect(told(world).filter((word) => word.startsWith("passed"))).toEqual(["passed canary c1", "passed rest c1"]);
  });

  it("so does a lane of one node", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 3);
    const fleet = { nodes: nodesOf("a", 1, "waiting"), classes: new Map(), at: world.now };
    look(world, besides(world, "canary", { fleet: known(fleet) }));
    expect(laneOf(world, "canary").verified).toBe("c1");
  });

  it("a lane without nodes lets nothing through", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 3);
    look(world, besides(world, "canary", { fleet: known({ nodes: [], classes: new Map(), at: world.now }) }));
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
    changeLane(world, "lon", { bakeMinutes: 45 });
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

  it("not a revert that was in it already, nor one of what came after it", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    world.says.set(merge(world, { reverts: "c1" }), "bad");
    pass(world, 10);
    merge(world);
    merge(world, { reverts: "c3" });
    pass(world, 300);
    expect(tipsOf(world)).toEqual(["c2", "c0"]);
    expect(laneOf(world, "canary").halt?.why.kind).toBe("verdict");
  });

  it("is not taken over by a newer release while it is deployed, or on its way back", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    look(world);
    world.tips.set("canary", "c1");
    world.undeployed.add("c1");
    merge(world);
    for (let at = 0; at < 600; at += 10) {
      look(world);
      world.now += 10 * minute;
    }
    expect(laneOf(world, "canary").stage).toMatchObject({ release: "c1", phase: "moved" });
    say(world, { kind: "return", lane: "canary", commits: ["c1"], reason });
    merge(world, { reverts: "c1" });
    world.says.set("c0", "nothing");
    pass(world, 600);
    expect(laneOf(world, "canary").stage).toMatchObject({ release: "c0", way: "back", phase: "watched" });
  });

  it("does not go on from, or into, a lane whose branch somebody moved while nothing was under way", () => {
    for (const moved of ["canary", "rest"]) {
      const world = worldOf("canary", "rest");
      merge(world);
      for (; laneOf(world, "canary").stage?.phase !== "watched";) doAll(world);
      world.held = ["a freeze holds"];
      pass(world, 30);
      world.tips.set(moved, moved === "canary" ? "c0" : "c1");
      world.held = [];
      pass(world, 5);
      expect(laneOf(world, moved).halt?.why.kind).toBe("moved-elsewhere");
      expect(laneOf(world, "rest").stage).toBeNull();
    }
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
