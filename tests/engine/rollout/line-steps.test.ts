import { describe, expect, it } from "vitest";
import { learner } from "../../../src/engine/rollout/line-steps.ts";
import { known, unknown } from "../../../src/policy/known.ts";
import { minute, origin, rolloutOf, RollWorld, start, stepOf } from "./world.ts";

const learn = (world: RollWorld, ...shas: string[]) => learner(world.ports(), origin, "main")(shas);
const pull = (number: number, ...labels: string[]) => known({ number, labels });

describe("what is known of a commit on the line", () => {
  it.each<[string, (world: RollWorld) => void, { number: number | null; solo: boolean }, string[]]>([
    [
      "a landing of ours",
      (world) => world.landings.push({ number: 7, sha: "c1", landed: true }),
      { number: 7, solo: false },
      ["labelsOf 7"],
    ],
    ["somebody else's merge", (world) => world.pulls.set("c1", pull(8)), { number: 8, solo: false }, ["pullsOf c1", "labelsOf 8"]],
    ["a push around the gate", () => undefined, { number: null, solo: false }, ["pullsOf c1"]],
    [
      "one that is to be alone",
      (world) => world.pulls.set("c1", pull(8, "radius/small", "Rollout/SOLO")),
      { number: 8, solo: true },
      ["pullsOf c1", "labelsOf 8"],
    ],
    [
      "a label that only begins so",
      (world) => world.pulls.set("c1", pull(8, "rollout/solo-artist")),
      { number: 8, solo: false },
      ["pullsOf c1", "labelsOf 8"],
    ],
  ])("is told once of %s", async (_, change, step, told) => {
    const world = new RollWorld();
    change(world);
    expect(await learn(world, "c1")).toEqual({ of: new Map([["c1", { sha: "c1", ...step }]]), why: null });
    expect(world.told).toEqual(told);
    world.at = new Date(start.getTime() + 11 * minute);
    expect((await learn(world, "c1")).of.get("c1")).toMatchObject(step);
    expect(world.told).toEqual(told);
  });

  it("is a push around the gate until GitHub tells of its pull request, for ten minutes", async () => {
    const world = new RollWorld();
    expect((await learn(world, "c1", "c2")).of.get("c1")).toMatchObject({ number: null });
    world.at = new Date(start.getTime() + 9 * minute);
    world.pulls.set("c1", pull(8, "rollout/solo"));
    expect((await learn(world, "c1")).of.get("c1")).toMatchObject({ number: 8, solo: true });
    world.at = new Date(start.getTime() + 10 * minute);
    world.pulls.set("c2", pull(9));
    expect((await learn(world, "c2")).of.get("c2")).toMatchObject({ number: null });
  });

  it("is missing from the first on that GitHub does not tell now, and asked for again", async () => {
    const world = new RollWorld();
    world.pulls.set("c2", unknown("GitHub answers with 502"));
    const learnt = await learn(world, "c1", "c2", "c3");
    expect([...learnt.of.keys()]).toEqual(["c1"]);
    expect(learnt.why).toBe(
      "whether c2 is to be alone in its release can't be told now, so that no release reaches it: GitHub answers with 502",
    );
    world.pulls.delete("c2");
    expect([...(await learn(world, "c1", "c2", "c3")).of.keys()]).toEqual(["c1", "c2", "c3"]);
  });

  it("takes at most twenty commits a look", async () => {
    const world = new RollWorld();
    const shas = Array.from({ length: 30 }, (_, at) => `c${at}`);
    expect(await learn(world, ...shas)).toMatchObject({ why: "what landed in 10 commits is asked of GitHub with the next looks" });
    expect(world.told).toHaveLength(20);
    world.at = new Date(start.getTime() + 11 * minute);
    expect((await learn(world, ...shas)).why).toBeNull();
    expect(world.told).toHaveLength(30);
  });
});

describe("a look", () => {
  const resting = (): RollWorld => {
    const world = new RollWorld();
    world.kept = { rollout: rolloutOf(null) };
    world.line = [stepOf("c0"), stepOf("c1"), stepOf("c2"), stepOf("c3")];
    return world;
  };

  it.each<[string, (world: RollWorld) => void, string | null, string[]]>([
    ["all of it where nobody wants to be alone", () => undefined, "c3", []],
    ["what came before one that is to be alone", (world) => world.pulls.set("c2", pull(8, "rollout/solo")), "c1", []],
    [
      "nothing that GitHub would not tell of",
      (world) => world.pulls.set("c1", unknown("GitHub is down")),
      null,
      ["whether c1 is to be alone in its release can't be told now, so that no release reaches it: GitHub is down"],
    ],
  ])("lets in %s", async (_, change, release, held) => {
    const world = resting();
    change(world);
    expect(await world.look()).toMatchObject({ held });
    expect(world.kept?.rollout.lanes[0]?.stage?.release ?? null).toBe(release);
  });
});
