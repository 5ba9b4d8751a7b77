import { describe, expect, it } from "vitest";
import { begin } from "../../src/rollout/begin.ts";
import { merge, pass, say, type World, worldOf } from "./world.ts";

/** c0, c1, c2; each lane at what is said, `-` for no branch. */
function begun(tips: readonly string[], earlier?: World): ReturnType<typeof begin> {
  const world = worldOf(...["canary", "lon", "rest"].slice(3 - tips.length));
  merge(world);
  merge(world);
  const at = new Map(world.lanes.flatMap(({ name }, lane) => (tips[lane] === "-" ? [] : [[name, tips[lane] ?? ""] as const])));
  return earlier === undefined ? begin(world.lanes, at, world.line) : begin(world.lanes, at, world.line, earlier.rollout);
}

describe("a rollout begins", () => {
  it("with what each lane has", () => {
    const found = begun(["c2", "c1", "c1"]);
    expect(found).toEqual({
      ok: true,
      rollout: {
        lanes: [
          { lane: "canary", environment: "production_canary", verified: "c2", stage: null, halt: null, let: null },
          { lane: "lon", environment: "production_lon", verified: "c1", stage: null, halt: null, let: null },
          { lane: "rest", environment: "production", verified: "c1", stage: null, halt: null, let: null },
        ],
        quarantined: [],
        paused: null,
      },
    });
  });

  const on = (lane: string): string => `Move ${lane} to a commit of the base branch that the lane before it has, too.`;
  const cases: ReadonlyArray<readonly [tips: readonly string[], text: string, hint: string]> = [
    [["c1", "-", "c1"], "the lane lon has no branch", "Make production_lon at the commit that the last lane has."],
    [["c1", "c1", "c2"], "the lane rest has c2, and lon before it only c1", on("production")],
    [["c1", "c9", "c1"], "the base branch does not lead to c9, where production_lon is", on("production_lon")],
    [["c9", "c1", "c1"], "the base branch does not lead to c9, where production_canary is", on("production_canary")],
  ];
  it.each(cases)("not with %j", (tips, text, hint) => {
    expect(begun(tips)).toEqual({ ok: false, text, hint });
  });
});

describe("a rollout begins again", () => {
  const reason = "because";
  const earlier = (): World => {
    const world = worldOf("canary", "rest");
    merge(world);
    pass(world, 4);
    return world;
  };
  const refusal = {
    ok: false,
    text: "the lane canary has c1 under way",
    hint: "Let it end, or have it return; of a lane that is not in the policy, put it back until then.",
  };

  it("once nothing is under way, and what is in quarantine stays there", () => {
    const world = earlier();
    say(world, { kind: "return", lane: "canary", commits: [], reason });
    pass(world, 30);
    say(world, { kind: "pause", until: world.now + 1, reason });
    const found = begun(["c1", "c1", "c0"], world);
    expect(found).toMatchObject({ ok: true, rollout: { quarantined: [{ commit: "c1" }], paused: { reason } } });
  });

  it("not while something is", () => {
    expect(begun(["c1", "c0", "c0"], earlier())).toEqual(refusal);
  });

  it("not while the fleet or a person stopped it, nor while its lane is not in the policy", () => {
    const bad = earlier();
    bad.says.set("c1", "bad");
    pass(bad, 5);
    const aborted = earlier();
    say(aborted, { kind: "abort", lane: "canary", reason });
    const gone = earlier();
    gone.lanes = gone.lanes.slice(1);
    pass(gone, 1);
    for (const world of [bad, aborted, gone]) expect(begun(["c1", "c0", "c0"], world)).toEqual(refusal);
  });

  it("where somebody moved the branch, or the base branch was rewritten: there it is the way on", () => {
    const moved = earlier();
    moved.tips.set("canary", "c2");
    pass(moved, 1);
    const off = earlier();
    off.line.pop();
    pass(off, 1);
    for (const world of [moved, off])
      expect(begun(["c2", "c0", "c0"], world)).toMatchObject({ ok: true, rollout: { lanes: [{ verified: "c2" }, {}, {}] } });
  });
});
