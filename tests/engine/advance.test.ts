import { beforeEach, describe, expect, it } from "vitest";
import { advance } from "../../src/engine/advance.ts";
import type { TurnOutcome } from "../../src/engine/turns.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Answer } from "../../src/gate/view.ts";
import * as w from "../gate/world.ts";
import { Down } from "./stand-ins/forge.ts";
import { away } from "./stand-ins/git.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** One change's turn as a whole, on ports in memory. */
let world: World;
const approval = w.review(w.bob, "approved", w.head);
const asked = w.comment(w.alice, "/merge", { id: 101 });
beforeEach(() => {
  world = newWorld();
  world.show({ reviews: known([approval]) });
  world.store.book.receipts.push({
    ...change,
    receipt: { review: approval.id, reviewer: 2, commit: w.head, source: "delivery", bound: w.binding(), shown: null },
    submittedAt: "2026-03-01T12:20:00Z",
  });
});
const turn = (attempts = 0): Promise<TurnOutcome> => advance(world.ports, world.turn(attempts));
const settled = { settled: true };
const tip = (): string | undefined => world.git.branches.get("main");
const effects = (): string[] => world.forge.performed.map(({ effect }) => effect.kind);
const answers = (): readonly Answer[] => world.store.book.changes.get("5#7")?.answers ?? [];
/** As GitHub shows the change once a push of ours is on its base. */
const showMerged = (): void =>
  void world.show({
    state: "merged",
    merged: { by: null, byGate: true, sha: tip() ?? null },
    base: { ref: "main", tip: known(tip() ?? "") },
  });

describe("a turn", () => {
  it("of a repository that is gone asks nothing", async () => {
    world.store.book.repositories.clear();
    expect(await turn()).toEqual(settled);
    expect(world.forge.asked).toEqual([]);
  });

  it("says what stands, and keeps it", async () => {
    expect(await turn()).toEqual(settled);
    expect(effects()).toContain("check-run");
    expect(effects()).toContain("comment");
    expect(world.store.book.changes.get("5#7")).toMatchObject({ standing: "pass", base: w.base });
    expect(tip()).toBe(w.base);
  });

  it("lands what was asked for, and another one says so", async () => {
    world.show({ comments: known([asked]) });
    world.checked({ ok: true, checked: { ...w.checked(), policy: { ...w.checked().policy, landing: "exact" } } });
    world.forge.trees = new Map();
    expect(await turn()).toEqual(settled);
    expect(world.git.commits.get(tip() ?? "")).toMatchObject({ parents: [w.base, w.head], tree: w.tree });
    expect(world.told()).toContain("landed");
    expect(world.store.book.woken).toEqual(["5#7"]);
    expect([...world.store.book.reacted]).toEqual([101]);
    world.forge.trees.set(tip() ?? "", known(w.tree));
    showMerged();
    expect(await turn()).toEqual(settled);
    expect(world.store.book.landings).toMatchObject([{ state: "landed", unread: false }]);
    expect(world.store.book.changes.get("5#7")).toMatchObject({ state: "merged", base: w.base });
  });

  it("that finds a landing of its own change decides nothing: what it read is no longer so", async () => {
    world.show({ comments: known([asked]) });
    world.git.failingAfter.set("push main", away("The line broke."));
    world.git.failing.set("isReachable main", away("The line broke."));
    expect(await turn()).toEqual({ settled: false, why: "The line broke.", after: 0 });
    world.git.failing.clear();
    const { performed } = world.forge;
    performed.length = 0;
    world.show({ base: { ref: "main", tip: known(tip() ?? "") }, head: w.older });
    expect(await turn()).toEqual(settled);
    expect(performed).toEqual([]);
    expect(world.told().filter((kind) => kind === "landed")).toHaveLength(1);
    expect(world.store.book.woken).toEqual(["5#7"]);
  });

  it("that finds another's landing goes on", async () => {
    world.git.commit("main", "9".repeat(40), [w.base, w.older], w.tree);
    const other = { ...change, number: 8 };
    await world.store.held(world.store.lease, (records) =>
      records.intendMerge(other, { ...w.merge({ head: w.older }), commit: "9".repeat(40) }, world.time.now),
    );
    world.show({ base: { ref: "main", tip: known("9".repeat(40)) } });
    await turn();
    expect(world.told()).toContain("landed");
    expect(effects()).toContain("comment");
  });

  it("accounts for nothing while base's tip is not known", async () => {
    world.show({ base: { ref: "main", tip: unknown("GitHub answered 502") } });
    expect(await turn()).toEqual({ settled: false, why: "GitHub answered 502; GitHub answered 502", after: 0 });
    expect(world.git.asked).toEqual([]);
  });
});

describe("a turn that lands nothing", () => {
  it("comes back after what moved in between", async () => {
    world.show({ comments: known([asked]) });
    const snapshot = world.forge.snapshot.bind(world.forge);
    world.forge.snapshot = async (...given) => {
      const found = await snapshot(...given);
      world.show({ head: w.older });
      return found;
    };
    expect(await turn()).toEqual({ settled: false, why: "the head moved in between", after: 0 });
    expect(tip()).toBe(w.base);
  });

  it("since GitHub refuses it answers its command, once", async () => {
    world.show({ comments: known([asked]) });
    world.git.rule = "A rule forbids it.";
    expect(await turn()).toEqual(settled);
    expect(answers()).toMatchObject([{ comment: 101, accepted: false }]);
    expect(answers()[0]?.text).toContain("A rule forbids it");
    expect([...(world.store.book.answered.get("5#7") ?? [])]).toEqual([101]);
    expect(world.store.book.landings).toMatchObject([{ state: "refused", why: "A rule forbids it." }]);
    world.git.rule = null;
    expect(await turn()).toEqual(settled);
    expect(tip()).toBe(w.base);
  });

  it("comes back for what GitHub would not take, after the longest that it wants", async () => {
    world.show({ comments: known([asked]) });
    world.git.rule = "A rule forbids it.";
    world.forge.failing.set("react 101", new Down("no reactions", 9));
    world.forge.failing.set("perform check-run", new Down("no check runs", 60));
    const outcome = await turn();
    expect(outcome).toMatchObject({ settled: false, after: 60 });
    expect(outcome.settled ? "" : outcome.why).toMatch(/^no reactions; (.*; )?check-run: no check runs/u);
  });

  it("comes back for a single thing that GitHub would not take", async () => {
    world.forge.failing.set("perform check-run", new Down("no check runs", 60));
    expect(await turn()).toEqual({ settled: false, why: "check-run: no check runs", after: 60 });
  });

  it("comes back for a check that is tried again", async () => {
    world.checked({ ok: false, problem: { code: "x", text: "PuppetDB is away.", hint: "" } });
    expect(await turn()).toEqual({ settled: false, why: "the check failed: PuppetDB is away.", after: 15 });
  });

  it("comes back for what could not be learnt, and not for ever", async () => {
    world.show({ commits: unknown("GitHub answered 502") });
    expect(await turn()).toMatchObject({ settled: false, why: "GitHub answered 502" });
    expect(await turn(5)).toEqual(settled);
  });

  it("acknowledges what it hears", async () => {
    world.show({ comments: known([w.comment(w.bob, "/why", { id: 102 })]) });
    await turn();
    expect(world.forge.asked).toContain("react 102");
    expect(answers()).toMatchObject([{ comment: 102 }]);
  });
});

it("a turn reads its change from its own repository", async () => {
  const seen: unknown[] = [];
  const snapshot = world.forge.snapshot.bind(world.forge);
  world.forge.snapshot = (given, number) => {
    seen.push(given, number);
    return snapshot(given, number);
  };
  await turn();
  expect(seen).toEqual([origin, 7]);
});
