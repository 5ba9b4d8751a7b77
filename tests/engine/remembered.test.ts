import { beforeEach, describe, expect, it } from "vitest";
import { remembered } from "../../src/engine/remembered.ts";
import { known, unknown, type CheckState, type Glass, type Receipt, type Snapshot } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";
import { away } from "./stand-ins/git.ts";
import { change, newWorld, origin, snapshot, type World } from "./stand-ins/world.ts";

/** What the gate knows of a change besides what GitHub shows. */
let world: World;
beforeEach(() => {
  world = newWorld();
});
const look = (more: Partial<Snapshot> = {}, check: CheckState = w.done()): ReturnType<typeof remembered> =>
  remembered(world.ports, origin, change, snapshot(more), check);

describe("what is remembered", () => {
  it("is nothing, of a new change", async () => {
    expect(await look()).toEqual({ receipts: [], teams: new Map(), trusted: null, wish: null, glass: null, debts: [], frozen: null });
  });

  it("is who let it run, what was wished, broken, owed and frozen: of this change, this head and this branch", async () => {
    const { book } = world.store;
    const glass: Glass = { comment: 91, by: w.carol, reason: "down", head: w.head, expiresAt: "2026-03-01T13:00:00.000Z" };
    const frozen = { number: 3, why: "x", since: "2026-03-01T10:00:00.000Z" };
    const debt = { number: 3, by: "carol", byId: 3, reason: "down", since: "x", baseRef: "main", landing: w.older, seen: [] };
    book.trusts.set(`5#7 ${w.head}`, w.bob);
    book.trusts.set(`5#7 ${w.older}`, w.carol);
    book.wishes.set("5#7", w.wish());
    book.glasses.set("5#7", glass);
    book.debts.push({ repository: 5, paid: null, ...debt }, { repository: 5, paid: null, ...debt, baseRef: "stable" });
    book.frozen.set("5:main", frozen);
    book.frozen.set("5:stable", { ...frozen, number: 4 });
    expect(await look()).toMatchObject({ trusted: w.bob, wish: w.wish(), glass, debts: [debt], frozen });
  });
});

describe("the teams that rules name", () => {
  const check = w.done({}, [w.rule("sre", w.approvals(1, { teams: ["acme/sre"] }))]);
  it("are asked for once the check has told the rules", async () => {
    world.forge.members.set("acme/sre", known(new Set([2])));
    expect((await look({}, check)).teams).toEqual(new Map([["acme/sre", known(new Set([2]))]]));
    expect((await look({}, { state: "running", previous: null })).teams).toEqual(new Map());
    expect(world.forge.asked).toEqual(["teamMembers acme/sre"]);
  });

  it("are unknown where GitHub would not say", async () => {
    expect((await look({}, check)).teams.get("acme/sre")).toEqual(unknown("there is no team acme/sre"));
  });
});

describe("an approval", () => {
  const receipt = { review: 31, reviewer: 2, commit: w.older, source: "delivery", bound: w.binding(), shown: null } as const;
  const give = (more: Partial<Receipt> = {}): void =>
    void world.store.book.receipts.push({
      ...change,
      receipt: { ...receipt, ...more, shown: more.shown ?? null },
      submittedAt: "2026-03-01T12:20:00Z",
    });
  const from = { base: w.base, head: w.older };
  const to = { base: w.base, head: w.head };
  const moved = known({ kind: "changed", why: "the head moved on before what was approved was checked" });
  const untrusted = known({
    kind: "changed",
    why: "the new head comes from a fork, and is looked at once somebody with write access says /ok-to-test",
  });

  it.each<[string, Partial<Receipt>, Partial<Snapshot>, CheckState, unknown]>([
    ["of this head is compared with nothing", { commit: w.head }, {}, w.done(), null],
    ["of this head, bound to nothing yet", { commit: w.head, bound: null }, {}, w.done(), null],
    ["of a head that was never checked ends", { bound: null }, {}, w.done(), moved],
    ["that nobody bound ends before anything is fetched of a fork", { bound: null }, {}, { state: "untrusted" }, moved],
    ["waits where the new head may not be fetched", {}, {}, { state: "untrusted" }, untrusted],
    [
      "is not known to hold where base's tip is not",
      {},
      { base: { ref: "main", tip: unknown("the branch is gone", "its author: retarget") } },
      { state: "impossible" },
      unknown("the branch is gone", "its author: retarget"),
    ],
  ])("%s", async (_, given, more, check, carry) => {
    give(given);
    expect((await look(more, check)).receipts).toEqual([{ ...receipt, ...given, carry }]);
    expect(world.git.asked).toEqual([]);
  });

  it("of an earlier head is held against this one, by git, once", async () => {
    world.git.carry = (one, other) => ({ kind: "changed", why: JSON.stringify([one, other]) });
    give();
    const carry = known({ kind: "changed", why: JSON.stringify([from, to]) });
    expect((await look()).receipts).toEqual([{ ...receipt, carry }]);
    expect((await look()).receipts).toEqual([{ ...receipt, carry }]);
    expect(world.git.asked).toEqual(["keep 7", "compare"]);
    expect(world.git.kept).toEqual([{ number: 7, commits: [w.base, w.older, w.base, w.head], seconds: 20 }]);
    expect(world.git.openNow).toBe(0);
  });

  it.each<[string, () => void, string]>([
    ["the head moved meanwhile", () => void world.git.commits.delete(w.head), "The change moved while it was looked at."],
    ["base moved meanwhile", () => void world.git.commits.delete(w.base), "The change moved while it was looked at."],
    ["git fails", () => world.git.failing.set("compare", away("The disk is full.")), "The disk is full."],
  ])("is not known to hold where %s, and is compared again", async (_, given, why) => {
    give();
    given();
    expect((await look()).receipts[0]?.carry).toEqual(unknown(why));
    expect(world.store.book.carries.size).toBe(0);
    expect(world.git.openNow).toBe(0);
  });

  it("of a head that is gone at GitHub is compared all the same: git says what it can", async () => {
    give();
    world.git.commits.delete(w.older);
    world.git.carry = () => ({ kind: "changed", why: "the approved commit is gone" });
    expect((await look()).receipts[0]?.carry).toEqual(known({ kind: "changed", why: "the approved commit is gone" }));
  });

  it("of which the gate itself fails to tell ends the turn", async () => {
    give();
    world.git.failing.set("compare", new TypeError("x is not a function"));
    await expect(look()).rejects.toThrow("x is not a function");
  });
});
