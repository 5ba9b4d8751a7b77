import { describe, expect, it } from "vitest";
import { freezesAt, freezeText } from "../../src/policy/freezes.ts";
import type { Freeze } from "../../src/policy/requirement.ts";
import { minute } from "./time.ts";
import { changeLane, laneOf, look, merge, pass, say, tipsOf, told, type World, worldOf } from "./world.ts";

const reason = "because";

/** Night and weekend of Stockholm, whose clocks go forward on 2026-03-29 and back on 2026-10-25. */
const nights: Freeze = {
  name: "nights",
  reason: "nobody is there",
  binding: true,
  when: { days: ["sat", "sun", "mon"], from: "02:30", to: "06:00", timezone: "Europe/Stockholm" },
};
const holdAt = (world: World, at: string): void => {
  world.now = Date.parse(at);
  world.held = freezesAt([nights], at).map(freezeText);
};

describe("54 a freeze goes by the clock on the wall", () => {
  it.each([
    ["a day like any other, before", "2026-03-28T01:29:00Z", null],
    ["and in it", "2026-03-28T01:30:00Z", "2026-03-28 05:00 UTC"],
    ["where 02:30 does not exist, from when it would have been", "2026-03-29T01:00:00Z", "2026-03-29 04:00 UTC"],
    ["to 06:00 by summer time", "2026-03-29T04:00:00Z", null],
    ["where 02:30 comes twice, from the first", "2026-10-25T00:30:00Z", "2026-10-25 05:00 UTC"],
    ["over the second", "2026-10-25T01:30:00Z", "2026-10-25 05:00 UTC"],
    ["to 06:00 by winter time", "2026-10-25T05:00:00Z", null],
  ])("%s", (_, at, until) => {
    const world = worldOf("canary", "rest");
    merge(world);
    holdAt(world, at);
    expect(world.held).toEqual(until === null ? [] : [`freeze nights holds until ${until}: nobody is there`]);
    expect(look(world).length > 0).toBe(until === null);
  });
});

interface Case {
  of: string;
  /** What is so before, and what comes then. */
  given: (world: World) => void;
  does: (world: World) => void;
  /** Where the lanes' branches are after that, and what happened. */
  tips: readonly string[];
  happened: readonly string[];
}

const watched = (world: World): void => {
  merge(world);
  pass(world, 4);
  told(world);
};

const cases: Case[] = [
  {
    of: "53 a freeze that begins while a lane is watched: it is found good, and goes no further",
    given: watched,
    does: (world) => {
      world.held = ["a freeze holds"];
      pass(world, 60);
    },
    tips: ["c1", "c0"],
    happened: ["passed canary c1"],
  },
  {
    of: "53 a freeze that begins while a lane is watched: what is bad is found, and goes back on a person's word",
    given: watched,
    does: (world) => {
      world.held = ["a freeze holds"];
      world.says.set("c1", "bad");
      pass(world, 5);
      say(world, { kind: "return", lane: "canary", commits: [], reason });
      pass(world, 30);
    },
    tips: ["c0", "c0"],
    happened: [
      "halted canary c1",
      "returning canary c0",
      "quarantined canary c1",
      "moved canary c0",
      "ready canary c0",
      "returned canary c0",
    ],
  },
  {
    of: "57 an abort while it is deployed: it is deployed no more than that, and nobody counts it as good",
    given: (world) => {
      merge(world);
      look(world);
      world.tips.set("canary", "c1");
      world.undeployed.add("c1");
      look(world);
      told(world);
    },
    does: (world) => {
      say(world, { kind: "abort", lane: "canary", reason });
      world.undeployed.clear();
      pass(world, 60);
    },
    tips: ["c1", "c0"],
    happened: ["halted canary c1"],
  },
  {
    of: "57 an abort while it is deployed, and resumed: it is deployed again, and goes on",
    given: (world) => {
      merge(world);
      look(world);
      world.tips.set("canary", "c1");
      world.undeployed.add("c1");
      look(world);
      say(world, { kind: "abort", lane: "canary", reason });
      told(world);
    },
    does: (world) => {
      say(world, { kind: "resume", lane: "canary" });
      pass(world, 13);
    },
    tips: ["c1", "c1"],
    happened: ["resumed canary", "ready canary c1", "passed canary c1", "entered rest c1", "moved rest c1"],
  },
  {
    of: "58 paused, the policy asks for less, resumed: what was under way is judged by what it began with",
    given: watched,
    does: (world) => {
      say(world, { kind: "pause", until: world.now + 600 * minute, reason });
      changeLane(world, "canary", { bakeMinutes: 1 });
      world.policyDigest = "another";
      pass(world, 3);
      say(world, { kind: "resume", lane: null });
      pass(world, 1);
      expect(laneOf(world, "canary").stage).toMatchObject({ policy: "digest", terms: { bakeMinutes: 10 } });
    },
    tips: ["c1", "c0"],
    happened: ["paused", "resumed"],
  },
  {
    of: "60 a hotfix while a train is further on: the first lane takes it at once, and the train goes on before it",
    given: (world) => {
      merge(world);
      pass(world, 13);
      told(world);
      expect(tipsOf(world)).toEqual(["c1", "c1"]);
    },
    does: (world) => {
      merge(world);
      pass(world, 1);
    },
    tips: ["c2", "c1"],
    happened: ["moved rest c1", "entered canary c2"],
  },
  {
    of: "61 a change without a node that changes: every lane has it at once, and each is told",
    given: (world) => {
      world.says.set("c1", "no change");
      merge(world);
    },
    does: (world) => pass(world, 8),
    tips: ["c1", "c1"],
    happened: [
      "entered canary c1",
      "moved canary c1",
      "ready canary c1",
      "passed canary c1",
      "entered rest c1",
      "moved rest c1",
      "ready rest c1",
      "passed rest c1",
      "done c1",
    ],
  },
  {
    of: "a pause ends by itself, and that is told",
    given: (world) => {
      merge(world);
      say(world, { kind: "pause", until: world.now + 10 * minute, reason });
      told(world);
    },
    does: (world) => pass(world, 11),
    tips: ["c1", "c0"],
    happened: ["resumed", "entered canary c1"],
  },
];

describe("control", () => {
  it.each(cases)("$of", ({ given, does, tips, happened }) => {
    const world = worldOf("canary", "rest");
    given(world);
    does(world);
    expect(tipsOf(world)).toEqual(tips);
    expect(told(world)).toEqual(happened);
  });
});
