import { beforeEach, describe, expect, it } from "vitest";
import { carryOut } from "../../src/engine/carry-out.ts";
import type { Failure } from "../../src/engine/ports/forge.ts";
import type { Look } from "../../src/engine/look.ts";
import type { Decision, Effect, Memory } from "../../src/gate/decide.ts";
import { known, unknown, type Facts } from "../../src/gate/facts.ts";
import type { Answer, View } from "../../src/gate/view.ts";
import { LeaseLost } from "../../src/problem.ts";
import * as w from "../gate/world.ts";
import { Down } from "./stand-ins/forge.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** What a decision leaves in memory, and what is done of it. */
let world: World;
beforeEach(() => {
  world = newWorld();
});
const look = ({ facts, memory }: { facts?: Partial<Facts>; memory?: Partial<Memory> } = {}): Look => ({
  lease: world.store.lease,
  origin,
  change,
  facts: w.facts(facts),
  memory: w.memory({ previous: { base: w.older, head: w.head }, ...memory }),
  report: null,
});
const decision = (more: Partial<Decision> = {}): Decision => ({
  verdict: { outcome: "blocked", reasons: [{ rule: "peer", outcome: "pending", text: "nobody approved" }] },
  standing: "waiting",
  effects: [],
  answers: [],
  land: null,
  notes: [],
  again: false,
  due: null,
  ...more,
});
const answer = (comment: number, more: Partial<Answer> = {}): Answer => ({
  comment,
  by: "alice",
  command: "/merge",
  accepted: true,
  text: "It is merged.",
  lines: [],
  ...more,
});
const reaction = (comment: number): Effect => ({ kind: "reaction", comment, content: "eyes" });
const labels = (add: string[], remove: string[] = []): Effect => ({ kind: "labels", add, remove });
const done = (decided: Partial<Decision>, given: Parameters<typeof look>[0] = {}): Promise<Failure[]> =>
  carryOut(world.ports, look(given), decision(decided));
const row = (): unknown => world.store.book.changes.get("5#7");

describe("what is kept of a decision", () => {
  it("is what it says, with the pair that it is of", async () => {
    expect(await done({ answers: [answer(101)], due: "2026-03-01T13:00:00.000Z" })).toEqual([]);
    const { verdict } = decision();
    const pair = { baseRef: "main", base: w.base, head: w.head };
    const due = new Date("2026-03-01T13:00:00.000Z");
    expect(row()).toMatchObject({ state: "open", ...pair, verdict, standing: "waiting", answers: [answer(101)], due });
    expect(world.told()).toEqual(["verdict", "policy-in-force"]);
    expect(world.store.book.woken).toEqual([]);
  });

  it("forgets a time that has no meaning any more", async () => {
    world.decided({ due: new Date() });
    await done({});
    expect(row()).toMatchObject({ due: null });
  });

  it.each<[string, Partial<Facts>, string | null]>([
    ["base's tip, of an open change", {}, w.base],
    ["no base, where its tip is not known", { base: { ref: "main", tip: unknown("GitHub answered 502") } }, null],
    ["the base that was judged, of a closed one", { state: "closed" }, w.older],
    ["the base that was judged, of a merged one", { state: "merged" }, w.older],
  ])("has %s", async (_, facts, base) => {
    await done({}, { facts });
    expect(row()).toMatchObject({ base, state: facts.state ?? "open" });
  });

  it("has no base, of a closed change that was never judged", async () => {
    await done({}, { facts: { state: "closed" }, memory: { previous: null } });
    expect(row()).toMatchObject({ base: null });
  });

  it("shows the last answers until there are others", async () => {
    await done({}, { memory: { answers: [answer(90)] } });
    expect(row()).toMatchObject({ answers: [answer(90)] });
    await done({ answers: [answer(101)] }, { memory: { answers: [answer(90)] } });
    expect(row()).toMatchObject({ answers: [answer(101)] });
  });

  it("counts a command as answered but for the one that lands, and those that are heard again", async () => {
    await done({ answers: [answer(101), answer(102, { later: true }), answer(103)], land: w.merge({ comment: 103 }) });
    expect([...(world.store.book.answered.get("5#7") ?? [])]).toEqual([101]);
  });

  it("intends the merge that it decides", async () => {
    await done({ land: w.merge({ comment: 101 }) });
    expect(world.store.book.landings).toMatchObject([{ state: "intended", merge: { ...w.merge({ comment: 101 }), commit: null } }]);
  });

  it("ends a merge that was intended before and is decided no more", async () => {
    await done({ land: w.merge() });
    await done({});
    expect(world.store.book.landings).toMatchObject([{ state: "refused", why: "it was decided on again and refused" }]);
  });

  it("keeps its notes", async () => {
    await done({ notes: [{ kind: "trust", head: w.head, by: w.bob, comment: 101 }] });
    expect(await world.store.records.trustOf(change, w.head)).toEqual(w.bob);
  });

  it("is nothing where the lease is lost, and nothing is done", async () => {
    const before = structuredClone(row());
    world.store.lose();
    await expect(done({ effects: [reaction(101)] })).rejects.toThrow(LeaseLost);
    expect(row()).toEqual(before);
    expect(world.forge.performed).toEqual([]);
  });
});

describe("who is woken by a decision", () => {
  const sibling = { number: 9, standing: "waiting" } as const;
  it.each<[string, Partial<Decision>, Parameters<typeof look>[0], string[]]>([
    ["nobody", {}, {}, []],
    ["the change itself, for what it keeps", { again: true }, {}, ["5#7"]],
    ["those with the same head, where it stands otherwise than before", {}, { memory: { siblings: [sibling] } }, ["5#9"]],
    ["nobody, where it stands as before", { standing: "pass" }, { memory: { siblings: [sibling] } }, []],
    [
      "those with the same head, once it is open no more",
      { standing: "pass" },
      { memory: { siblings: [sibling] }, facts: { state: "closed" } },
      ["5#9"],
    ],
    [
      "changes into the branch that is frozen no more",
      { notes: [{ kind: "unfreeze", by: w.bob, reason: "seen", comment: 101 }] },
      {},
      ["5#8"],
    ],
    [
      "changes into the branch for which a review was given after all",
      { notes: [{ kind: "pay", by: w.bob, review: 31, debt: { landing: w.older, baseRef: "stable" } }] },
      {},
      ["5#10"],
    ],
    [
      "each of them once",
      {
        again: true,
        notes: [
          { kind: "unfreeze", by: w.bob, reason: "seen", comment: 101 },
          { kind: "pay", by: w.bob, review: 31, debt: { landing: w.older, baseRef: "main" } },
        ],
      },
      {},
      ["5#7", "5#8"],
    ],
  ])("%s", async (_, decided, given, woken) => {
    world.decided();
    world.decided({ number: 8, head: w.older });
    world.decided({ number: 10, head: w.older, baseRef: "stable" });
    await done(decided, given);
    expect(world.store.book.woken).toEqual(woken);
  });

  it("those with the same head, where nobody had decided on this one", async () => {
    world.store.book.changes.clear();
    world.decided({ number: 8 });
    await done({ standing: "pass" }, { memory: { siblings: [{ number: 8, standing: "pass" }] } });
    expect(world.store.book.woken).toEqual(["5#8"]);
  });
});

describe("effects", () => {
  const comment: Effect = { kind: "comment", view: {} as View };
  const states = (): unknown => world.store.book.effects.map(({ state, error }) => [state, error]);

  it("are intended, done in their order, and recorded", async () => {
    const effects = [reaction(101), comment];
    expect(await done({ effects })).toEqual([]);
    expect(world.forge.performed).toEqual(effects.map((effect) => ({ number: 7, effect })));
    expect(states()).toEqual([
      ["done", null],
      ["done", null],
    ]);
  });

  it("that GitHub refuses keep nothing from the others, and are told with the time that it wants", async () => {
    world.forge.failing.set("perform reaction", new Down("GitHub answered 403", 60));
    expect(await done({ effects: [reaction(101), comment] })).toEqual([{ text: "reaction: GitHub answered 403", after: 60 }]);
    expect(world.forge.performed).toEqual([{ number: 7, effect: comment }]);
    expect(states()).toEqual([
      ["failed", "GitHub answered 403"],
      ["done", null],
    ]);
    expect(world.said).toMatchObject([{ level: "warn", message: "GitHub answered 403", fields: { ...change, effect: "reaction" } }]);
  });

  it("that fail for a fault of the gate end the turn, and stay intended", async () => {
    world.forge.failing.set("perform reaction", new TypeError("x is not a function"));
    await expect(done({ effects: [reaction(101), comment] })).rejects.toThrow("x is not a function");
    expect(states()).toEqual([
      ["intended", null],
      ["intended", null],
    ]);
  });

  it("are not done by whoever lost the lease in between", async () => {
    const perform = world.forge.perform.bind(world.forge);
    world.forge.perform = async (...given) => {
      await perform(...given);
      world.store.lose();
    };
    await expect(done({ effects: [reaction(101), comment] })).rejects.toThrow(LeaseLost);
    expect(world.forge.performed).toEqual([{ number: 7, effect: reaction(101) }]);
  });

  it("are not begun by whoever lost the lease before the first", async () => {
    const held = world.store.held.bind(world.store);
    world.store.held = async (...given) => {
      const made = await held(...given);
      world.store.lose();
      return made;
    };
    await expect(done({ effects: [reaction(101)] })).rejects.toThrow(LeaseLost);
    expect(world.forge.performed).toEqual([]);
  });

  it("on labels note what is the gate's before it is put on, and what is no more once it is taken off", async () => {
    world.store.book.labels.set("5#7", new Set(["radius/small"]));
    world.forge.failing.set("perform labels", new Down("GitHub answered 502"));
    await done({ effects: [labels(["radius/large"], ["radius/small"])] });
    expect(await world.store.records.ownLabels(change)).toEqual(["radius/large", "radius/small"]);
    world.forge.failing.clear();
    await done({ effects: [labels(["radius/large"], ["radius/small"])] });
    expect(await world.store.records.ownLabels(change)).toEqual(["radius/large"]);
  });

  it("on labels end with what was asked for", async () => {
    await done({ effects: [labels(["a"]), reaction(101)] });
    expect(await world.store.records.ownLabels(change)).toEqual(["a"]);
    await done({ effects: [labels([], ["a"]), comment], notes: [], answers: [] }, { facts: { reviews: known([]) } });
    expect(await world.store.records.ownLabels(change)).toEqual([]);
  });
});
