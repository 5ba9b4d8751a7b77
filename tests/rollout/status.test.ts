import { describe, expect, it } from "vitest";
import { known } from "../../src/policy/known.ts";
import type { NodeVerdict, NodeVerdictKind } from "../../src/rollout/node-verdict.ts";
import { laneSight, tallyOf, type Sight } from "../../src/rollout/sight.ts";
import { statusOf } from "../../src/rollout/status.ts";
import { statusLines } from "../../src/rollout/status-words.ts";
import { minute } from "./time.ts";
import { laneOf, look, merge, pass, perform, say, seenIn, type World, worldOf } from "./world.ts";

const reason = "the graphs are odd";
const nothing: Sight = { held: [], advice: [], waits: null, lanes: {}, manual: [] };

/** What the last look saw. */
function sightOf(world: World, more: Partial<Sight> = {}): Sight {
  const seen = seenIn(world).lanes;
  const lanes = world.rollout.lanes.flatMap((state) => {
    const own = seen.get(state.lane);
    return own === undefined || state.stage === null ? [] : [[state.lane, laneSight(state, own)] as const];
  });
  return { ...nothing, lanes: Object.fromEntries(lanes), ...more };
}
const lines = (world: World, more: Partial<Sight> = {}): string[] =>
  statusLines(statusOf(world.rollout, { sight: sightOf(world, more), at: new Date(world.now) }, world));

const idle = (): World => worldOf("canary", "rest");
const watched = (): World => {
  const world = idle();
  merge(world);
  pass(world, 4);
  return world;
};
const after = (world: World, ...then: ((world: World) => unknown)[]): World => {
  for (const one of then) one(world);
  return world;
};

/** What failed has nothing to do with the release, as far as git tells. */
const unrelated = (world: World): void => {
  const halt = world.rollout.lanes[0]?.halt;
  const why = [{ how: "release", trouble: "newly-failed", resource: "Service[nginx]", nodes: 1, clue: null } as const];
  if (halt) halt.suspects = known([{ commit: "c1", number: 1, score: 1, why }]);
};

/** Moved, and not deployed: what the commands said last. */
const undeployed = (world: World): World => {
  merge(world);
  for (const effect of look(world)) perform(world, effect);
  world.undeployed.add("c1");
  look(world);
  return world;
};

const cases: [of: string, world: () => World, lines: string[], more?: Partial<Sight>][] = [
  ["nothing under way", idle, ["canary (production_canary): has c0", "rest (production): has c0", "Seen just now."]],
  [
    "what waits to enter",
    () => after(idle(), merge, merge),
    ["canary (production_canary): has c0. 2 merged changes wait to enter (#1, #2)", "rest (production): has c0", "Seen just now."],
  ],
  [
    "what waits for a person",
    () => after(idle(), merge),
    [
      "canary (production_canary): has c0. 1 merged change waits to enter (#1), on a person's word: say `promote canary REASON`",
      "rest (production): has c0",
      "Seen just now.",
    ],
    { manual: ["canary"] },
  ],
  [
    "what is watched",
    watched,
    [
      "canary (production_canary): watches c1 (#1); 1 min of 10 min observed; nodes: 2 good. It still takes 9 min more",
      "rest (production): has c0. 1 merged change waits to enter (#1), until canary is through",
      "Seen just now.",
    ],
  ],
  [
    "what can't be seen",
    () => after(watched(), (world) => world.says.set("c1", "nothing")),
    [
      "canary (production_canary): watches c1 (#1); 1 min of 10 min observed. The fleet can't be seen: PuppetDB does not answer",
      "rest (production): has c0. 1 merged change waits to enter (#1), until canary is through",
      "Seen just now.",
    ],
  ],
  [
    "what is to be moved",
    () => after(idle(), merge, look),
    [
      "canary (production_canary): gets c1 (#1); its branch is about to be moved",
      "rest (production): has c0. 1 merged change waits to enter (#1), until canary is through",
      "Seen just now.",
    ],
  ],
  [
    "what is not deployed, and why",
    () => undeployed(idle()),
    [
      "canary (production_canary): gets c1 (#1); compilers have yet to prove that they serve it. Not deployed yet, and tried again with every look: p1: deploying is frozen there; p2: exit code 1",
      "rest (production): has c0. 1 merged change waits to enter (#1), until canary is through",
      "Seen just now.",
    ],
    { lanes: { canary: { unseen: null, nodes: [], missing: [], undeployed: ["p1: deploying is frozen there", "p2: exit code 1"] } } },
  ],
  [
    "what the fleet stopped",
    () => after(watched(), (world) => world.says.set("c1", "bad"), look),
    [
      "canary (production_canary): watches c1 (#1); 2 min of 10 min observed; nodes: 1 newly failed (a.example), 1 good. Stands still since 2026-11-22 12:04 UTC: what it changes fails (a.example; Service[nginx]). Next: say `return canary REASON`, or `promote canary REASON` if it is good all the same; a release that takes it back follows by itself",
      "rest (production): has c0. 1 merged change waits to enter (#1), until canary is through",
      "Seen just now.",
    ],
  ],
  [
    "what the fleet stopped, where nothing points to the release",
    () => after(watched(), (world) => world.says.set("c1", "bad"), look, unrelated),
    [
      "canary (production_canary): watches c1 (#1); 2 min of 10 min observed; nodes: 1 newly failed (a.example), 1 good. Stands still since 2026-11-22 12:04 UTC: what it changes fails (a.example; Service[nginx]). Nothing that went wrong points to a line or file that it changes, so it may have another cause; in the release: #1. Next: say `return canary REASON`, or `promote canary REASON` if it is good all the same; a release that takes it back follows by itself",
      "rest (production): has c0. 1 merged change waits to enter (#1), until canary is through",
      "Seen just now.",
    ],
  ],
  [
    "what a person stopped",
    () => after(watched(), (world) => say(world, { kind: "abort", lane: "canary", reason })),
    [
      "canary (production_canary): watches c1 (#1); 1 min of 10 min observed; nodes: 2 good. Stands still since 2026-11-22 12:04 UTC: sre stopped it: the graphs are odd. Next: say `resume canary`, or say `return canary REASON`, or `promote canary REASON` if it is good all the same; a release that takes it back follows by itself",
      "rest (production): has c0. 1 merged change waits to enter (#1), until canary is through",
      "Seen just now.",
    ],
  ],
  [
    "what somebody else moved",
    () => after(watched(), (world) => world.tips.set("canary", "somebody's"), look),
    [
      "canary (production_canary): watches c1 (#1); 1 min of 10 min observed; nodes: 2 good. Stands still since 2026-11-22 12:04 UTC: somebody else moved its branch to somebody's. Next: put production_canary back at c1, and say `resume canary`",
      "rest (production): has c0. 1 merged change waits to enter (#1), until canary is through",
      "Seen just now.",
    ],
  ],
  [
    "a pause, what holds and what advises",
    () => after(idle(), merge, (world) => say(world, { kind: "pause", until: world.now + 60 * minute, reason })),
    [
      "Paused until 2026-11-22 13:00 UTC by sre: the graphs are odd. Say `resume` to end that.",
      "Nothing enters a lane: the lane canary has no node",
      "Mind that freeze year end holds until 2026-12-31 00:00 UTC: books. It forbids nothing.",
      "canary (production_canary): has c0. 1 merged change waits to enter (#1)",
      "rest (production): has c0",
      "Seen just now.",
    ],
    { held: ["the lane canary has no node"], advice: ["freeze year end holds until 2026-12-31 00:00 UTC: books"] },
  ],
  [
    "a look that came to nothing",
    idle,
    [
      "The last look came to nothing: the remote is away. Bring it back.",
      "canary (production_canary): has c0",
      "rest (production): has c0",
      "Seen just now.",
    ],
    { waits: { why: "the remote is away", hint: "Bring it back." } },
  ],
  [
    "what goes back, and what is in quarantine",
    () => after(watched(), (world) => say(world, { kind: "return", lane: "canary", commits: [], reason })),
    [
      "canary (production_canary): goes back to c0 (without #1); its branch is about to be moved",
      "rest (production): has c0",
      "In quarantine since 2026-11-22 12:04 UTC, after the lane canary: #1. Land its revert, or say `unquarantine #1 REASON`.",
      "Seen just now.",
    ],
  ],
];

describe("the status tells of", () => {
  it.each(cases)("%s", (_, world, expected, more) => {
    expect(lines(world(), more)).toEqual(expected);
  });

  it("nothing before the first look, and how long ago the last was", () => {
    const world = idle();
    expect(statusLines(statusOf(world.rollout, null, world)).at(-1)).toBe("Nothing was looked at yet.");
    const seen = { sight: nothing, at: new Date(world.now - 45 * minute) };
    expect(statusLines(statusOf(world.rollout, seen, world)).at(-1)).toBe("Seen 45 min ago.");
  });

  it("a pause that is over no more", () => {
    const world = after(idle(), (one) => say(one, { kind: "pause", until: one.now + minute, reason }));
    expect(statusOf(world.rollout, null, { ...world, now: world.now + minute }).paused).toBeNull();
  });
});

describe("nodes by verdict", () => {
  it("are counted, and five of each named, however many there are", () => {
    const node = (certname: string, kind: NodeVerdictKind): NodeVerdict => ({
      certname,
      kind,
      runs: 1,
      resources: [],
      touched: false,
      unexpected: [],
      producer: null,
      before: { changed: [], runs: 0 },
    });
    const nodes = Array.from({ length: 20_000 }, (_, at) =>
      node(`n${String(at).padStart(5, "0")}`, at % 2 === 0 ? "pass" : "newly-silent"),
    ).reverse();
    const tally = tallyOf(nodes);
    expect(tally).toEqual([
      { kind: "newly-silent", count: 10_000, certnames: ["n00001", "n00003", "n00005", "n00007", "n00009"] },
      { kind: "pass", count: 10_000, certnames: ["n00000", "n00002", "n00004", "n00006", "n00008"] },
    ]);
    expect(JSON.stringify(tally).length).toBeLessThan(1_000);
  });

  it("of a lane that is not looked at are none", () => {
    const world = after(idle(), merge, look);
    const seen = seenIn(world).lanes.get("canary");
    if (seen === undefined) throw new Error("there is no canary");
    expect(laneSight(laneOf(world, "canary"), seen)).toEqual({ unseen: null, nodes: [], missing: [] });
  });
});
