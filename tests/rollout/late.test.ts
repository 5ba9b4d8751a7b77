import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { beforeOf } from "../../src/rollout/before.ts";
import { judgeNode, type NodeVerdict, type Watch } from "../../src/rollout/node-verdict.ts";
import type { Run } from "../../src/rollout/runs.ts";
import { judgeStage } from "../../src/rollout/stage-verdict.ts";
import { hour, minute } from "./time.ts";
import { laneOf, merge, pass, say, tipsOf, whys, worldOf } from "./world.ts";

/** What shows late, rarely or in part, and what happens when nobody can see: what becomes of a lane then. */
const readyAt = Date.parse("2026-11-23T12:00:00Z");
const deadline = 2 * hour;
const watch: Watch = { release: "c1", readyAt, now: readyAt + 90 * minute, runsPerNode: 2, deadline };
const policy = defaultPolicy.rollout;
const touched = new Set(["Service[nginx]"]);
const nodes = ["a", "b", "c"];

let runs = 0;
/** `after`: minutes after the release was ready. */
const run = (certname: string, after: number, more: Partial<Run> = {}): Run => ({
  certname,
  id: `run${(runs += 1)}`,
  environment: "production_canary",
  status: more.failed === undefined ? "unchanged" : "failed",
  version: "c1",
  cached: "not_used",
  noop: false,
  noopPending: false,
  producer: "p1",
  producedAt: readyAt + after * minute,
  took: minute,
  failed: [],
  changed: [],
  ...more,
});
/** Each node as it is judged from its own runs of before and after. */
const judged = (names: readonly string[], told: readonly Run[], of: Partial<Watch> = {}): NodeVerdict[] =>
  names.map((certname) => {
    const own = told.filter((one) => one.certname === certname);
    const predicted = { diffClass: "x", touched };
    return judgeNode(
      {
        certname,
        active: true,
        before: beforeOf(own, readyAt, deadline),
        predicted,
        runs: own.filter(({ producedAt }) => producedAt > readyAt),
      },
      { ...watch, ...of },
    );
  });
const stage = (verdicts: NodeVerdict[]) =>
  judgeStage({
    nodes: verdicts,
    classes: new Map([["x", verdicts.map(({ certname }) => certname)]]),
    policy,
    bakeMinutes: 60,
    runsPerNode: 2,
    observedMinutes: 90,
    isOverdue: false,
  });
const twice = (certname: string, more: Partial<Run> = {}): Run[] => [run(certname, 30, more), run(certname, 60, more)];
const was = (certname: string, more: Partial<Run> = {}): Run[] => [
  run(certname, -60, { version: "c0", ...more }),
  run(certname, -30, { version: "c0", ...more }),
];
const broken = { failed: ["Service[nginx]"] };

describe("39 what only a restart shows, after the bake", () => {
  it("is not the next release's: that goes on where a node is well, and one that mends it, too", () => {
    const rebooted = [...was("a", broken), ...was("b"), ...was("c")];
    const next = judged(nodes, [...rebooted, ...twice("a", broken), ...twice("b"), ...twice("c")]);
    expect(next.map(({ kind }) => kind)).toEqual(["still-failing", "pass", "pass"]);
    expect(stage(next)).toMatchObject({ kind: "passed" });
    const mended = judged(nodes, [...rebooted, ...nodes.flatMap((node) => twice(node))]);
    expect(mended.map(({ kind }) => kind)).toEqual(["pass", "pass", "pass"]);
  });

  it("in the bake it is the release's", () => {
    const found = judged(nodes, [...nodes.flatMap((node) => was(node)), ...twice("a", broken), ...twice("b"), ...twice("c")]);
    expect(stage(found)).toMatchObject({ kind: "failed", troubles: [{ kind: "touched-failed", certnames: ["a"] }] });
  });
});

describe("40 machines that run once a week", () => {
  const laptops = Array.from({ length: 20 }, (_, at) => `laptop${at}`);
  const lastWeek = laptops.flatMap((name, at) => run(name, -60 * (24 + 7 * at), { version: "c0" }));
  const others = nodes.flatMap((node) => [...was(node), ...twice(node)]);

  it("are not waited for, and hold nobody up", () => {
    const found = judged([...nodes, ...laptops], [...others, ...lastWeek], { now: readyAt + 90 * hour });
    expect(found.filter(({ kind }) => kind === "absent-before")).toHaveLength(20);
    const soon = judged([...nodes, ...laptops], [...others, ...lastWeek]);
    expect(stage(soon)).toMatchObject({ kind: "passed", counts: { "absent-before": 20, pass: 3 } });
  });

  it("one that comes while the lane is watched is judged as any other", () => {
    const back = [...twice("laptop1", broken), ...twice("laptop2")];
    const found = judged([...nodes, ...laptops], [...others, ...lastWeek, ...back]);
    expect(stage(found)).toMatchObject({ kind: "failed", troubles: [{ kind: "touched-failed", certnames: ["laptop1"] }] });
  });
});

describe("41 a run of some tags, which looks like a whole one", () => {
  it("is not enough by itself where two runs are asked for", () => {
    const byHand = nodes.map((node) => run(node, 20));
    const before = nodes.flatMap((node) => was(node));
    const [first] = judged(["a"], [...before, ...byHand]);
    expect(first?.kind).toBe("running");
    expect(stage(judged(nodes, [...before, ...byHand]))).toMatchObject({ kind: "watching" });
    // The agent's own next run is whole, and fails: it takes a second one of these to count, and nothing passes before.
    const own = judged(nodes, [...before, ...byHand, ...nodes.map((node) => run(node, 50, broken))]);
    expect(own.map(({ kind }) => kind)).toEqual(["suspected", "suspected", "suspected"]);
    expect(stage(own)).toMatchObject({ kind: "watching" });
  });
});

describe("46 a change that takes PuppetDB, the compilers or what the gate sees with away", () => {
  it("goes no wider however long that lasts, halts nothing by guessing, and goes back on a word all the same", () => {
    const world = worldOf("canary", "rest");
    const release = merge(world);
    world.says.set(release, "nothing");
    pass(world, 5 * 24 * 60);
    expect([tipsOf(world), whys(world)]).toEqual([
      [release, "c0"],
      [undefined, undefined],
    ]);
    expect(say(world, { kind: "return", lane: "canary", commits: [], reason: "PuppetDB is gone since" })).toBeNull();
    world.says.set("c0", "nothing");
    pass(world, 60);
    expect(tipsOf(world)).toEqual(["c0", "c0"]);
    expect(laneOf(world, "canary").stage).toMatchObject({ way: "back", phase: "watched", observedMinutes: 0 });
    // It is seen again: what was there before is found good, and the release does not come back.
    world.says.delete("c0");
    pass(world, 30);
    expect([laneOf(world, "canary").stage, tipsOf(world)]).toEqual([null, ["c0", "c0"]]);
  });
});
