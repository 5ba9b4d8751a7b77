import { type Arbitrary, array, assert, boolean, constant, constantFrom, integer, nat, oneof, option, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/policy/known.ts";
import { obey } from "../../src/rollout/obey.ts";
import { commitOf, look, merge, pass, perform, seenIn, tipsOf, type World, worldOf } from "./world.ts";
import { minute } from "./time.ts";

/** What can happen to a rollout, one thing after the other. */
type Deed =
  | { kind: "merge"; solo: boolean; reverts: number | null; says: "good" | "bad" | "nothing" | "no change" }
  | { kind: "look"; minutes: number }
  /** Killed after the decision was kept: after so many of its effects. */
  | { kind: "killed"; after: number }
  | { kind: "unseen"; lane: number }
  | { kind: "word"; word: "pause" | "resume" | "abort" | "promote" | "return"; lane: number }
  | { kind: "held"; held: boolean };

const lane = nat({ max: 2 });
const deed: Arbitrary<Deed> = oneof(
  { weight: 4, arbitrary: record({ kind: constant("look" as const), minutes: integer({ min: 1, max: 200 }) }) },
  {
    weight: 3,
    arbitrary: record({
      kind: constant("merge" as const),
      solo: boolean(),
      reverts: option(nat({ max: 12 })),
      says: constantFrom("good" as const, "good" as const, "bad" as const, "nothing" as const, "no change" as const),
    }),
  },
  record({ kind: constant("killed" as const), after: nat({ max: 3 }) }),
  record({ kind: constant("unseen" as const), lane }),
  record({ kind: constant("word" as const), word: constantFrom("pause", "resume", "abort", "promote", "return"), lane }),
  record({ kind: constant("held" as const), held: boolean() }),
);

function happen(world: World, what: Deed): void {
  const laneAt = (at: number): string => world.lanes[at]?.name ?? "";
  if (what.kind === "merge") {
    const reverts = what.reverts === null || what.reverts === 0 || what.reverts >= world.line.length ? null : commitOf(what.reverts);
    const sha = merge(world, { solo: what.solo, reverts });
    world.says.set(sha, what.says);
    world.undeployed.add(sha);
  } else if (what.kind === "look") {
    for (let at = 0; at < what.minutes; at += 10) pass(world, 10);
  } else if (what.kind === "killed") {
    for (const effect of look(world).slice(0, what.after)) perform(world, effect);
    world.now += minute;
  } else if (what.kind === "unseen") {
    const seen = seenIn(world);
    const name = laneAt(what.lane);
    const own = seen.lanes.get(name);
    const why = unknown("GitHub does not answer");
    if (own !== undefined) look(world, { ...seen, lanes: new Map([...seen.lanes, [name, { ...own, tip: why, served: why, fleet: why }]]) });
  } else if (what.kind === "held") world.held = what.held ? ["a freeze holds"] : [];
  else {
    const common = { lane: laneAt(what.lane), reason: "because" };
    const command =
      what.word === "pause"
        ? { kind: "pause" as const, until: world.now + 60 * minute, reason: "because" }
        : what.word === "resume"
          ? { kind: "resume" as const, lane: null }
          : what.word === "return"
            ? { kind: "return" as const, commits: [], ...common }
            : what.word === "promote"
              ? { kind: what.word, release: null, ...common }
              : { kind: what.word, ...common };
    const obeyed = obey(world.rollout, command, { who: { id: 1, name: "ops" }, contributed: known(false) }, world.line, world.now);
    if (obeyed.ok) {
      world.rollout = obeyed.rollout;
      world.events.push(...obeyed.events);
    }
  }
}

/** These bring nothing to a lane, and take nothing from it. */
const words: ReadonlySet<string> = new Set(["let-in", "resumed", "quarantined"]);

describe("a rollout, whatever happens", () => {
  it("keeps the staircase, and lets nothing into a lane that it has not earned", () => {
    assert(
      property(array(deed, { minLength: 5, maxLength: 40 }), (deeds) => {
        const world = worldOf("canary", "lon", "rest");
        // Each move is looked at where it is made (world.ts).
        for (const what of deeds) happen(world, what);
        for (const [at, { name }] of world.lanes.entries()) {
          const before = world.lanes[at - 1]?.name;
          if (before === undefined) continue;
          const entered = world.events.flatMap((event, when) => (event.kind === "entered" && event.lane === name ? [{ when, event }] : []));
          for (const { when, event } of entered) {
            const last = world.events
              .slice(0, when)
              .findLast((earlier) => !words.has(earlier.kind) && "lane" in earlier && earlier.lane === before);
            // Found good there, and nothing came to that lane since.
            expect(last).toMatchObject({ kind: expect.stringMatching(/^(?:passed|returned)$/u) as string, release: event.release });
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("carries everything out once nothing is in its way any more", () => {
    assert(
      property(array(deed, { minLength: 5, maxLength: 30 }), (deeds) => {
        const world = worldOf("canary", "lon", "rest");
        for (const what of deeds) happen(world, what);
        // A person ends what stands still, and all is good from here on.
        world.held = [];
        world.says.clear();
        world.now += 24 * 60 * minute;
        const last = merge(world);
        const sre = { who: { id: 2, name: "sre" }, contributed: known(false) };
        for (const { commit } of world.rollout.quarantined) {
          const obeyed = obey(world.rollout, { kind: "unquarantine", commit, reason: "looked at" }, sre, world.line, world.now);
          if (obeyed.ok) world.rollout = obeyed.rollout;
        }
        for (let round = 0; round < 12; round += 1) {
          pass(world, 40);
          for (const { lane: name, halt } of world.rollout.lanes) {
            if (halt === null) continue;
            for (const command of [
              { kind: "resume", lane: name } as const,
              { kind: "promote", lane: name, release: null, reason: "looked at" } as const,
            ]) {
              const obeyed = obey(world.rollout, command, sre, world.line, world.now);
              if (obeyed.ok) world.rollout = obeyed.rollout;
            }
          }
        }
        expect(tipsOf(world)).toEqual([last, last, last]);
      }),
      { numRuns: 120 },
    );
  });

  it("asks again for the same, and tells nothing twice, where nothing moved", () => {
    const world = worldOf("canary", "rest");
    merge(world);
    const first = look(world);
    const told = world.events.length;
    expect(first).toHaveLength(1);
    expect(look(world)).toEqual(first);
    expect(world.events).toHaveLength(told);
  });
});
