import { describe, expect, it } from "vitest";
import { look, merge, pass, say, told, type World, worldOf } from "./world.ts";

const reason = "the graphs are odd";

/** c1 was stopped in the first lane and taken back, and so it is in quarantine. */
function quarantined(): World {
  const world = worldOf("canary", "rest");
  merge(world);
  world.says.set("c1", "bad");
  pass(world, 6);
  say(world, { kind: "return", lane: "canary", commits: [], reason });
  pass(world, 20);
  told(world);
  return world;
}
const left = (world: World): string[] => told(world).filter((word) => word.startsWith("unquarantined"));

describe("what is in quarantine", () => {
  it("stays there while its revert is on its way, and leaves once that is good in every lane", () => {
    const world = quarantined();
    merge(world, { reverts: "c1" });
    pass(world, 13);
    expect([world.rollout.lanes.map(({ verified }) => verified), left(world)]).toEqual([["c2", "c0"], []]);
    pass(world, 20);
    expect([world.rollout.lanes.map(({ verified }) => verified), left(world)]).toEqual([["c2", "c2"], ["unquarantined c1"]]);
    expect(world.rollout.quarantined).toEqual([]);
    look(world);
    expect(left(world)).toEqual([]);
  });

  it("is told the ledger as nobody's word, with why", () => {
    const world = quarantined();
    merge(world, { reverts: "c1" });
    pass(world, 40);
    expect(world.events.filter(({ kind }) => kind === "unquarantined")).toEqual([
      { kind: "unquarantined", commit: "c1", by: null, reason: "what takes it back is good in every lane" },
    ]);
  });

  it.each<[string, (world: World) => void]>([
    ["nothing takes it back", (world) => void merge(world)],
    [
      "what took it back was taken back meanwhile",
      (world) => {
        merge(world, { reverts: "c1" });
        pass(world, 5);
        merge(world, { reverts: "c2" });
      },
    ],
    [
      "somebody did the same again meanwhile",
      (world) => {
        merge(world, { reverts: "c1" });
        pass(world, 5);
        merge(world, { copies: "c1" });
      },
    ],
    [
      "the base branch does not have it any more",
      (world) => {
        merge(world);
        world.line.splice(1, 1);
      },
    ],
    [
      "a lane with what takes it back stands still",
      (world) => {
        merge(world, { reverts: "c1" });
        world.says.set("c2", "bad");
      },
    ],
  ])("stays there where %s", (_, happens) => {
    const world = quarantined();
    happens(world);
    pass(world, 40);
    expect(world.rollout.quarantined.map(({ commit }) => commit)).toEqual(["c1"]);
    expect(left(world)).toEqual([]);
  });
});
