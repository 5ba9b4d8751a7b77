import { beforeEach, describe, expect, it } from "vitest";
import type { Prediction } from "../../../src/engine/ports/rollout.ts";
import { Problem } from "../../../src/problem.ts";
import { defaultPolicy } from "../../../src/policy/schema.ts";
import type { LaneState, Rollout } from "../../../src/rollout/state.ts";
import { classed, minute, rolloutOf, RollWorld, runOf, stageOf, start, stepOf } from "./world.ts";

/** What follows where the fleet stops a lane: whom it points to, what going back would leave, and the way back. */
let world: RollWorld;
beforeEach(() => {
  world = new RollWorld();
  world.line = [stepOf("c0"), stepOf("a1"), stepOf("c1")];
  world.tips.set("production_canary", "c1");
  world.blamed.set("nginx.pp", [
    ["class nginx {", null],
    ["  service { 'nginx':", "a1"],
    ["    ensure => running,", null],
    ["  }", null],
  ]);
});

const nothingStays: Prediction = { ...classed, stayings: { items: [], more: 0 } };
const somethingStays: Prediction = {
  ...classed,
  stayings: { items: [{ kind: "ran", resource: "Exec[x]", attribute: null, versions: null, classes: ["class"] }], more: 0 },
};

/** A look at a lane whose only node fails twice at what the release changes. */
async function look({
  prediction = nothingStays,
  onFail = "halt",
  line = 2,
  path = "nginx.pp",
}: { prediction?: Prediction; onFail?: "halt" | "return"; line?: number; path?: string } = {}): Promise<{
  rollout: Rollout;
  state: LaneState;
}> {
  const places = [{ resource: "Service[nginx]", path, line }];
  const policy = { ...defaultPolicy.rollout, onFail };
  world.kept = { rollout: rolloutOf(stageOf({ terms: { policy, bakeMinutes: 10, runsPerNode: 1 } })) };
  world.baselines.set("canary taken", { canary1: { reported: true, noop: false, noopPending: false, failed: [], restless: [] } });
  world.predictions.set("c0..c1", prediction);
  world.runs = [1, 2].map((at) =>
    runOf("canary1", { status: "failed", failed: ["Service[nginx]"], producedAt: start.getTime() + at * minute, places }),
  );
  world.at = new Date(start.getTime() + 3 * minute);
  const rolled = await world.look();
  if (rolled.kind !== "looked") throw new Error(rolled.kind);
  const [state] = world.kept.rollout.lanes;
  if (state === undefined) throw new Error("there is no lane");
  return { rollout: world.kept.rollout, state };
}
const told = (): string[] => world.news.map(({ kind }) => kind);

describe("a lane that the fleet stops", () => {
  it("names who wrote the line that fails, and what going back would leave, in the very look", async () => {
    const { state } = await look({ prediction: somethingStays });
    expect(state.halt).toMatchObject({
      why: { kind: "verdict" },
      suspects: { known: true, value: [{ commit: "a1", score: 1, why: [{ how: "line", resource: "Service[nginx]", nodes: 1 }] }] },
      stays: { known: true, value: { items: [{ kind: "ran", resource: "Exec[x]", nodes: 1 }], more: 0 } },
    });
    expect(world.news).toMatchObject([{ kind: "halted", suspects: [{ commit: "a1" }] }]);
    expect(state.halt?.notReturned).toBeUndefined();
  });

  it.each<[string, number, () => void, unknown[]]>([
    ["another line of the declaration", 1, () => undefined, [{ commit: "a1", why: [{ how: "block" }] }]],
    [
      "the file, where its lines are older",
      4,
      () => (world.changed = [{ commit: "c1", paths: ["nginx.pp"] }]),
      [{ commit: "c1", why: [{ how: "file" }] }],
    ],
    [
      "the pin of a module that is not in the tree",
      4,
      () => {
        world.blamed.clear();
        world.blamed.set("Puppetfile", [
          ["mod 'puppetlabs/stdlib', '9'", "a1"],
          ["mod 'puppet/nginx',", null],
          ["  ref: 'v2'", "c1"],
        ]);
      },
      [{ commit: "c1", why: [{ how: "pin" }] }],
    ],
    [
      "all of the release, where nothing points anywhere",
      4,
      () => undefined,
      [
        { commit: "c1", score: 0.5 },
        { commit: "a1", score: 0.5 },
      ],
    ],
  ])("suspects who changed %s", async (_, line, set, expected) => {
    set();
    const { state } = await look({ line, path: world.blamed.has("Puppetfile") ? "modules/nginx/manifests/init.pp" : "nginx.pp" });
    expect(state.halt?.suspects).toMatchObject({ known: true, value: expected });
  });

  it("stands still where git can't be asked, and says why nobody is named", async () => {
    world.failing = new Problem({ code: "x", text: "The copy is damaged.", hint: "" });
    const { state } = await look();
    expect(state.halt?.suspects).toEqual({ known: false, reason: "The copy is damaged." });
    expect(world.news).toMatchObject([{ kind: "halted", suspects: [] }]);
  });

  it("says that what going back leaves is not known, where it was not kept", async () => {
    expect((await look({ prediction: classed, onFail: "return" })).state.halt).toMatchObject({
      stays: { known: false },
      notReturned: expect.stringContaining("is not known: what the release changes was not kept") as unknown,
    });
  });
});

describe("on_fail: return", () => {
  it("has the lane go back where that undoes all of it, with the suspect in quarantine alone", async () => {
    const { rollout, state } = await look({ onFail: "return" });
    expect(state).toMatchObject({ halt: null, stage: { way: "back", release: "c0", before: "c1", phase: "intended" } });
    expect(rollout.quarantined.map(({ commit }) => commit)).toEqual(["a1"]);
    expect(told()).toEqual(["halted", "returning", "quarantined"]);
    expect(world.news[1]).toMatchObject({ by: null, reason: expect.stringContaining("policy") as unknown });
    expect(world.asked).not.toContain("push production_canary c1..c0");
    await world.look();
    expect(world.tips.get("production_canary")).toBe("c0");
  });

  it("puts the whole release into quarantine where nobody is clearly it", async () => {
    world.blamed.clear();
    const { rollout } = await look({ onFail: "return" });
    expect(rollout.quarantined.map(({ commit }) => commit)).toEqual(["a1", "c1"]);
  });

  it("stands still where something would stay, and says so", async () => {
    const { state, rollout } = await look({ onFail: "return", prediction: somethingStays });
    expect(state.halt?.notReturned).toBe("going back would not undo one thing that it did");
    expect(rollout.quarantined).toEqual([]);
    expect(told()).toEqual(["halted"]);
  });

  it("stands still by default", async () => {
    const { state } = await look();
    expect(state.halt?.why.kind).toBe("verdict");
    expect(state.stage?.way).toBe("forward");
  });

  it("does nothing with what is neither good nor bad", async () => {
    const policy = { ...defaultPolicy.rollout, onFail: "return" as const };
    const stage = stageOf({ terms: { policy, bakeMinutes: 10, runsPerNode: 1 }, observedMinutes: 10_000, observedAt: start.getTime() });
    world.kept = { rollout: rolloutOf(stage) };
    world.baselines.set("canary taken", { canary1: { reported: true, noop: false, noopPending: false, failed: [], restless: [] } });
    world.predictions.set("c0..c1", nothingStays);
    world.runs = [runOf("canary1", { noop: true })];
    world.at = new Date(start.getTime() + minute * 2);
    await world.look();
    expect(world.kept.rollout.lanes[0]?.halt).toMatchObject({
      why: { verdict: { kind: "undecided" } },
      suspects: { known: true, value: [] },
    });
    expect(told()).toEqual(["halted"]);
  });
});
