import { describe, expect, it } from "vitest";
import { asKnown, observe, type Watched } from "../../../src/engine/rollout/observe.ts";
import type { Prediction, Served } from "../../../src/engine/ports/rollout.ts";
import { type Known, known, unknown } from "../../../src/policy/known.ts";
import { Problem } from "../../../src/problem.ts";
import type { Before } from "../../../src/rollout/runs.ts";
import type { LaneState } from "../../../src/rollout/state.ts";
import { classed, minute, RollWorld, runOf, stageOf, start, stateOf } from "./world.ts";

const before: Before = { reported: true, noop: false, noopPending: false, failed: ["Exec[old]"], restless: [] };
const watched: Watched = { certnames: ["canary1"], baseline: { canary1: before }, prediction: classed };
const servedBy = (commit: string | null, version = "1"): Served => ({
  compiler: "puppet1",
  commit,
  why: commit === null ? "its deploy failed" : null,
  modules: [{ name: "stdlib", version }],
});

async function seen(world: RollWorld, state: LaneState, of: Watched = watched) {
  const said: string[] = [];
  const lane = await observe(world.ports().site, state, known("c1"), of, (text, certname) => void said.push(`${certname}: ${text}`));
  return { ...lane, said };
}

/** A lane that has c1, five minutes after every compiler had. */
function worldAt(served: Known<readonly Served[]> = known([servedBy("c1")])): RollWorld {
  const world = new RollWorld();
  world.at = new Date(start.getTime() + 5 * minute);
  world.served.set("production_canary", served);
  return world;
}
const now = start.getTime() + 5 * minute;

const modules = [{ name: "stdlib", version: "1" }];

describe("a lane", () => {
  const idle = unknown("nothing is under way there");

  it.each<[string, LaneState]>([
    ["in which nothing is under way", stateOf(null)],
    ["that stands still", stateOf(stageOf(), { halt: { why: { kind: "moved-elsewhere", tip: null }, at: 0 } })],
    ["whose branch was not moved yet", stateOf(stageOf({ phase: "intended", readyAt: null }))],
  ])("%s asks nobody", async (_, state) => {
    const world = worldAt();
    expect(await seen(world, state)).toEqual({ tip: known("c1"), served: idle, fleet: idle, said: [] });
    expect(world.asked).toEqual([]);
  });

  it("that is deployed asks compilers for what they serve, and for runs since its branch was to move", async () => {
    const world = worldAt();
    const moved = stageOf({ phase: "moved", readyAt: null });
    expect(await seen(world, stateOf(moved))).toEqual({
      tip: known("c1"),
      served: known({ commit: "c1", modules, at: now }),
      fleet: idle,
      said: [],
    });
    expect(world.sinces).toEqual([{ environment: "production_canary", since: moved.intendedAt }]);
  });

  it("that is watched asks for runs since its branch was to move, too: what they changed then they do not change again", async () => {
    const world = worldAt();
    await seen(world, stateOf(stageOf()));
    expect(world.sinces).toEqual([{ environment: "production_canary", since: stageOf().intendedAt }]);
  });

  it.each<[string, Known<readonly Served[]>, Known<unknown>]>([
    ["the same", known([servedBy("c1"), servedBy("c1")]), known({ commit: "c1", modules, at: now })],
    ["another commit", known([servedBy("c1"), servedBy("c0")]), known(null)],
    ["nothing, one of them", known([servedBy("c1"), servedBy(null)]), known(null)],
    ["nothing, all of them", known([servedBy(null), servedBy(null)]), known(null)],
    ["other modules", known([servedBy("c1"), servedBy("c1", "2")]), known(null)],
    ["nothing, as there are none", known([]), known(null)],
    ["who knows what", unknown("puppet1 does not answer"), unknown("puppet1 does not answer")],
  ])("is told what its compilers serve: %s", async (_, served, expected) => {
    const world = worldAt(served);
    const lane = await seen(world, stateOf(stageOf()));
    expect(lane.served).toEqual(expected);
    expect(world.sinces).toHaveLength(expected.known ? 1 : 0);
  });

  it("whose runs nobody tells is not seen", async () => {
    const world = worldAt();
    world.reports = unknown("PuppetDB does not answer");
    expect(await seen(world, stateOf(stageOf()))).toMatchObject({ served: world.reports, fleet: world.reports });
  });

  it("has it said which reports of its own can't be read", async () => {
    const world = worldAt();
    const unread = new Map([
      ["canary1", "it is no YAML"],
      ["web1", "nor is this"],
    ]);
    world.reports = known({ active: null, unread });
    expect((await seen(world, stateOf(stageOf()))).said).toEqual(["canary1: a report can't be read: it is no YAML"]);
  });
});

describe("the fleet of a lane that is watched", () => {
  const lost = unknown("what the lane was like before is not known any more");

  it.each<[string, Partial<Watched>]>([
    ["its baseline", { baseline: null }],
    ["what was predicted", { prediction: null }],
  ])("is not known without %s", async (_, more) => {
    expect((await seen(worldAt(), stateOf(stageOf()), { ...watched, ...more })).fleet).toEqual(lost);
  });

  it("is not known without the terms that it is judged by", async () => {
    expect((await seen(worldAt(), stateOf(stageOf({ terms: null })))).fleet).toEqual(lost);
  });

  interface Case {
    of: string;
    watched?: Partial<Watched>;
    active?: ReadonlySet<string> | null;
    runs?: RollWorld["runs"];
    fleet: unknown;
  }
  const node = (certname: string, kind: string, more: object = {}): unknown => expect.objectContaining({ certname, kind, ...more });
  const prediction: Prediction = {
    classes: [...classed.classes, { name: "not here", certnames: ["web1"], touched: [] }],
  };
  const held = new Map([["class", ["canary1"]]]);

  it.each<Case>([
    {
      of: "is judged node by node, by its own runs and by what it was like",
      runs: [runOf("canary1", { status: "failed", failed: ["Exec[old]"] }), runOf("web1")],
      fleet: { nodes: [node("canary1", "still-failing", { runs: 1 })], classes: held, at: now },
    },
    {
      of: "takes what a release changes for touched",
      runs: [runOf("canary1", { status: "failed", failed: ["Service[nginx]"] })],
      fleet: { nodes: [node("canary1", "suspected", { touched: true })], classes: held, at: now },
    },
    {
      of: "has who has not run yet wait",
      active: new Set(["canary1"]),
      fleet: { nodes: [node("canary1", "waiting", { runs: 0 })], classes: held, at: now },
    },
    {
      of: "leaves out who is not active any more",
      active: new Set(["web1"]),
      fleet: { nodes: [node("canary1", "excluded")], classes: held, at: now },
    },
    {
      of: "knows nothing of how a node was that was never looked at",
      watched: { certnames: ["canary1", "canary2"] },
      runs: [runOf("canary2", { noop: true })],
      fleet: { nodes: [node("canary1", "waiting"), node("canary2", "noop", { unexpected: [] })], classes: held, at: now },
    },
    {
      of: "does not take one that was never looked at for silent now",
      watched: { certnames: ["canary2"] },
      fleet: { nodes: [node("canary2", "absent-before")], classes: new Map(), at: now },
    },
    {
      of: "takes a resource that it left alone for new, of one that was never looked at",
      watched: { certnames: ["canary2"] },
      runs: [runOf("canary2", { noopPending: true })],
      fleet: { nodes: [node("canary2", "partial-noop")], classes: new Map(), at: now },
    },
  ])("$of", async ({ watched: more, active = null, runs = [], fleet }) => {
    const world = worldAt();
    world.runs = runs;
    world.reports = known({ active, unread: new Map() });
    const { fleet: found } = await seen(world, stateOf(stageOf()), { ...watched, prediction, ...more });
    expect(found.known ? known({ ...found.value, record: undefined, heardAt: undefined }) : found).toEqual(known(fleet));
  });
});

describe("what PuppetDB told, and does not have any more", () => {
  const hours = 60 * minute;
  /** Three hours after it was ready, observed until a minute ago; canary1 reported half an hour ago. */
  const told = start.getTime() + 2.5 * hours;
  const stage = stageOf({
    observedMinutes: 9,
    observedAt: start.getTime() + 3 * hours - minute,
    seenSince: start.getTime(),
    heardAt: told,
  });
  const kind = async (runs: RollWorld["runs"], more: Partial<typeof stage> = {}): Promise<string | undefined> => {
    const world = worldAt();
    world.at = new Date(start.getTime() + 3 * hours);
    world.runs = runs;
    const { fleet } = await seen(world, stateOf({ ...stage, ...more }));
    return fleet.known ? fleet.value.nodes[0]?.kind : fleet.reason;
  };

  it.each<[string, RollWorld["runs"], object, string]>([
    ["47 nobody is silent because a backup does not have what was told", [], {}, "waiting"],
    ["47 also where it has something older", [runOf("canary1", { producedAt: start.getTime() + 2 * minute })], {}, "pass"],
    ["who was never heard is silent", [], { heardAt: 0 }, "newly-silent"],
    [
      "who told something that is still there, and nothing since, is silent",
      [runOf("canary1")],
      { heardAt: start.getTime() + minute },
      "newly-silent",
    ],
    [
      "and so is who tells nothing for as long again after the backup",
      [],
      { heardAt: 0, seenSince: start.getTime() + hours },
      "newly-silent",
    ],
  ])("%s", async (_, runs, more, expected) => {
    expect(await kind(runs, more)).toBe(expected);
  });
});

describe("30 42 runs of another environment", () => {
  it.each<[string, string[], RollWorld["runs"], string[]]>([
    [
      "42 of a node of the lane, by hand, count for nothing",
      ["canary1"],
      [runOf("canary1", { environment: "feature" })],
      ["canary1 waiting"],
    ],
    [
      "42 of another node in the lane's, by hand, are nobody's of the lane",
      ["canary1"],
      [runOf("web1", { status: "failed" })],
      ["canary1 waiting"],
    ],
    [
      "30 of a node that came to the lane count from its first run there",
      ["canary1", "web1"],
      [runOf("web1", { environment: "production" }), runOf("web1")],
      ["canary1 waiting", "web1 pass"],
    ],
    ["30 of a node that left the lane are asked of nobody", [], [runOf("canary1", { status: "failed" })], []],
  ])("%s", async (_, certnames, runs, kinds) => {
    const world = worldAt();
    world.runs = runs;
    const { fleet } = await seen(world, stateOf(stageOf()), { ...watched, certnames });
    expect(fleet.known ? fleet.value.nodes.map((node) => `${node.certname} ${node.kind}`) : fleet.reason).toEqual(kinds);
  });
});

describe("a Problem", () => {
  it("is a reason, and any other error one of the gate", async () => {
    expect(await asKnown(async () => 7)).toEqual(known(7));
    const problem = new Problem({ code: "git", text: "the remote is away", hint: "" });
    const thrown = (error: Error) =>
      asKnown(async () => {
        throw error;
      });
    expect(await thrown(problem)).toEqual(unknown("the remote is away"));
    await expect(thrown(new Error("a fault"))).rejects.toThrow("a fault");
  });
});
