import { describe, expect, it } from "vitest";
import type { Effect } from "../../src/rollout/effects.ts";
import { lawful } from "../../src/rollout/staircase.ts";

const line = ["a", "b", "c", "d"].map((sha, number) => ({ sha, number, solo: false, reverts: null }));
const move = (lane: string, after: string): Effect => ({
  kind: "move",
  lane,
  branch: lane,
  before: "a",
  after,
  way: "forward",
  baseline: "x",
});

/** Where canary, lon and rest are: `?` for one that is not known. */
const cases: ReadonlyArray<readonly [tips: string, lane: string, after: string, is: boolean]> = [
  ["b b b", "canary", "d", true],
  ["c b b", "lon", "c", true],
  ["c b b", "lon", "d", false],
  ["c c b", "rest", "c", true],
  ["d c b", "rest", "d", false],
  ["c b b", "canary", "b", true],
  ["c b b", "canary", "a", false],
  ["c c b", "lon", "a", false],
  ["d d d", "rest", "a", true],
  ["? b b", "lon", "b", false],
  ["? b b", "canary", "d", true],
  ["c b ?", "lon", "c", false],
  ["c ? b", "rest", "b", false],
  ["x b b", "lon", "b", false],
  ["c b x", "lon", "c", false],
  ["c b b", "canary", "x", false],
  ["c b b", "gone", "c", false],
];

describe("the staircase by where the branches are", () => {
  it.each(cases)("with %s, %s may go to %s: %s", (tips, lane, after, is) => {
    const known = tips.split(" ").map((tip, at) => ({ lane: ["canary", "lon", "rest"][at] ?? "", tip: tip === "?" ? null : tip }));
    expect(lawful([move(lane, after)], known, line)).toHaveLength(is ? 1 : 0);
  });

  it("has nothing to say of a deploy", () => {
    const deploy: Effect = { kind: "deploy", lane: "lon", environment: "lon", release: "z" };
    expect(lawful([deploy, move("lon", "d")], [], line)).toEqual([deploy]);
  });
});
