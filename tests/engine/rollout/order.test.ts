import { describe, expect, it } from "vitest";
import { order } from "../../../src/engine/rollout/order.ts";
import { known } from "../../../src/policy/known.ts";
import type { RolloutCommand } from "../../../src/rollout/obey.ts";
import { lease, origin, rolloutOf, RollWorld, stageOf, start, stepOf } from "./world.ts";

const who = { id: 7, name: "sre" };
const say = (world: RollWorld, command: RolloutCommand) =>
  order(world.ports(), origin, lease, { command, sayer: { who, contributed: known(false) } });
const abort: RolloutCommand = { kind: "abort", lane: "canary", reason: "odd graphs" };

function watching(): RollWorld {
  const world = new RollWorld();
  world.kept = { rollout: rolloutOf(stageOf()) };
  return world;
}

describe("a person's word", () => {
  it.each<[string, (world: RollWorld) => void, RolloutCommand, { text: string; hint: string }, number]>([
    [
      "before the first look",
      (world) => (world.kept = null),
      abort,
      { text: "nothing is rolled out here", hint: "Name `lanes` in the policy, and PUPPET_GATE_ROLLOUT for the server." },
      0,
    ],
    [
      "to a rollout without lanes",
      (world) => (world.kept = { rollout: { lanes: [], quarantined: [], paused: null } }),
      abort,
      { text: "nothing is rolled out here", hint: "Name `lanes` in the policy, and PUPPET_GATE_ROLLOUT for the server." },
      0,
    ],
    [
      "while the base branch does not lead on",
      (world) => (world.line = [stepOf("c9")]),
      abort,
      { text: "main does not lead to c0, where production is: nothing moves until it does", hint: "Mend that first." },
      1,
    ],
    [
      "about a lane that there is not",
      () => undefined,
      { kind: "abort", lane: "lon", reason: "odd" },
      { text: "there is no lane lon", hint: "The lanes are canary, rest." },
      1,
    ],
  ])("%s is refused, and nothing is kept", async (_, change, command, refused, opened) => {
    const world = watching();
    change(world);
    const before = structuredClone(world.kept);
    expect(await say(world, command)).toEqual({ ok: false, ...refused });
    expect([world.kept, world.entries, world.opened, world.closed]).toEqual([before, [], opened, opened]);
  });

  it("is kept with what happened by it, for the next look to do", async () => {
    const world = watching();
    const halt = { why: { kind: "person", by: who, reason: "odd graphs" }, at: start.getTime() };
    const obeyed = await say(world, abort);
    expect(obeyed).toMatchObject({ ok: true, rollout: { lanes: [{ lane: "canary", halt }, { lane: "rest" }] } });
    expect(world.kept).toEqual({ rollout: obeyed.ok && obeyed.rollout });
    expect(world.entries).toMatchObject([{ kind: "lane-halted", subject: "lane/canary", key: `halted:canary:c1:${start.toISOString()}` }]);
    expect([world.news, world.tells]).toEqual([[{ kind: "halted", lane: "canary", release: "c1", halt }], [[origin.repository.id]]]);
    expect([world.opened, world.closed]).toEqual([1, 1]);
    expect(world.asked).toEqual(["lineOf main c0", "saveRollout"]);
  });

  it("that only holds tells the ledger, too", async () => {
    const world = watching();
    const pause: RolloutCommand = { kind: "pause", until: start.getTime() + 1, reason: "holidays" };
    expect(await say(world, pause)).toMatchObject({ ok: true, rollout: { paused: { reason: "holidays", at: start.getTime() } } });
    expect(world.entries).toMatchObject([{ kind: "rollout-paused", subject: "rollout", actor: 7 }]);
    expect([world.news, world.tells]).toMatchObject([[{ kind: "paused", by: who, reason: "holidays" }], [[origin.repository.id]]]);
  });

  it("is judged by the line that the gate knows lanes on", async () => {
    const world = watching();
    const back: RolloutCommand = { kind: "return", lane: "canary", commits: [], reason: "odd graphs" };
    expect(await say(world, back)).toMatchObject({ ok: true, rollout: { quarantined: [{ commit: "c1", lane: "canary" }] } });
    expect(world.entries).toMatchObject([
      { kind: "lane-returning", subject: "lane/canary" },
      { kind: "lane-quarantined", subject: "lane/canary" },
    ]);
  });
});
