import { describe, expect, it } from "vitest";
import { readBranches } from "../../../src/engine/rollout/branches.ts";
import type { Learnt } from "../../../src/engine/rollout/line-steps.ts";
import { known, unknown } from "../../../src/policy/known.ts";
import type { Line } from "../../../src/rollout/line.ts";
import { lanesNamed } from "../../rollout/world.ts";
import { lanes, RollWorld, stepOf, type Step } from "./world.ts";

const line = (...steps: [string, (string | null)?][]) =>
  steps.map(([sha, reverts = null]) => ({ sha, number: null, solo: false, reverts }));

interface Case {
  of: string;
  steps?: Step[];
  tips?: [string, string][];
  from?: string | null;
  lanes?: typeof lanes;
  found: unknown;
}

/** What a commit says it takes back of what is older than the line. */
const withOlder = (steps: Line, older: Readonly<Record<string, readonly string[]>>): Line =>
  steps.map((step) => (older[step.sha] === undefined ? step : { ...step, older: older[step.sha] ?? [] }));
const both = (canary: string | null, rest: string | null): Map<string, string | null> =>
  new Map([
    ["canary", canary],
    ["rest", rest],
  ]);

/** Nothing is learnt of a commit but that it is there. */
const learn = async (shas: readonly string[]): Promise<Learnt> => ({
  of: new Map(shas.map((sha) => [sha, { number: null, solo: false }])),
  why: null,
});

describe("the branches of lanes", () => {
  it.each<Case>([
    {
      of: "before the first look: the line begins where the last lane is",
      steps: [stepOf("older"), stepOf("c0"), stepOf("c1")],
      tips: [
        ["production_canary", "c1"],
        ["production", "c0"],
      ],
      found: known({ tips: both("c1", "c0"), line: line(["c0"], ["c1"]), unlearnt: null }),
    },
    {
      of: "later: it begins at what the last lane had when it was good, wherever its branch is",
      from: "c0",
      tips: [["production", "c1"]],
      found: known({ tips: both(null, "c1"), line: line(["c0"], ["c1"]), unlearnt: null }),
    },
    {
      of: "a last lane that is gone before the first look",
      tips: [["production_canary", "c0"]],
      found: unknown("the branch production is gone: put it back at the commit that its nodes have"),
    },
    { of: "a policy without lanes", lanes: [], found: unknown("the branch  is gone: put it back at the commit that its nodes have") },
    {
      of: "a base branch that does not lead there",
      from: "gone",
      found: unknown("main does not lead to gone, where production is: nothing moves until it does"),
    },
    {
      of: "a last lane of three that is gone",
      lanes: lanesNamed("canary", "lon", "rest"),
      tips: [["production_lon", "c0"]],
      found: unknown("the branch production is gone: put it back at the commit that its nodes have"),
    },
    {
      of: "reverts: the first that is on the line, else what is older",
      steps: [stepOf("c0"), stepOf("c1", "elsewhere"), stepOf("c2", "elsewhere", "c1", "c0"), stepOf("c3", "c0")],
      found: known({
        tips: both("c0", "c0"),
        line: withOlder(line(["c0"], ["c1"], ["c2", "c1"], ["c3", "c0"]), { c1: ["elsewhere"] }),
        unlearnt: null,
      }),
    },
  ])("$of", async ({ steps, tips, from = null, lanes: of = lanes, found }) => {
    const world = new RollWorld();
    world.line = steps ?? world.line;
    if (tips !== undefined) world.tips = new Map(tips);
    const mirror = world.mirror();
    for (const heads of [await mirror.heads([]), await mirror.heads(of.map(({ environment }) => environment))])
      expect(await readBranches(mirror, { base: "main", from, lanes: of, quarantined: [], heads }, learn)).toEqual(found);
  });
});

describe("what does again what is in quarantine", () => {
  /** By place on the line: the commit that it does again. */
  const copies = async (line: string[], quarantined: string[], patches: [string, string][]): Promise<(string | undefined)[]> => {
    const world = new RollWorld();
    world.line = line.map((sha) => stepOf(sha));
    world.patches = new Map(patches);
    const asked = { base: "main", from: line[0] ?? "", lanes, quarantined, heads: await world.mirror().heads([]) };
    const branches = await readBranches(world.mirror(), asked, async () => ({ of: new Map(), why: null }));
    if (!branches.known) throw new Error(branches.reason);
    return branches.value.line.map((step) => step.copies);
  };

  it.each<[string, string[], string[], [string, string][], (string | undefined)[]]>([
    [
      "is said of what came after it",
      ["c0", "bad", "back", "picked"],
      ["bad"],
      [
        ["bad", "p"],
        ["picked", "p"],
      ],
      [undefined, undefined, undefined, "bad"],
    ],
    [
      "is said where the line begins after it",
      ["c0", "picked"],
      ["bad"],
      [
        ["bad", "p"],
        ["picked", "p"],
      ],
      [undefined, "bad"],
    ],
    [
      "is not said of what was there before",
      ["c0", "old", "back", "bad"],
      ["bad"],
      [
        ["bad", "p"],
        ["old", "p"],
      ],
      [undefined, undefined, undefined, undefined],
    ],
    [
      "is not asked where nothing is in quarantine",
      ["c0", "c1"],
      [],
      [
        ["c0", "p"],
        ["c1", "p"],
      ],
      [undefined, undefined],
    ],
  ])("%s", async (_, line, quarantined, patches, expected) => expect(await copies(line, quarantined, patches)).toEqual(expected));
});
