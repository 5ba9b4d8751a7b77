import { beforeEach, describe, expect, it } from "vitest";
import { accept, type Accepted } from "../../src/engine/accept.ts";
import type { Event } from "../../src/gate/event.ts";
import * as w from "../gate/world.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** What follows from a delivery: what is kept of it, and who gets a turn. */
let world: World;
beforeEach(() => {
  world = newWorld();
});
const at = new Date("2026-03-01T12:50:00.000Z");
const accepted = (event: Event | null, id = "d1"): Promise<Accepted> => accept(world.store.inbox, { id, name: "x", event, receivedAt: at });
const touched = (more: object = {}): Event => ({ ...origin, kind: "change-touched", number: 7, push: null, ...more });
const push = { sha: w.older, by: w.bob, at: "2026-03-01T12:49:00.000Z" };
const pushed = (more: object = {}): Event => ({ ...origin, kind: "branch-pushed", branch: "main", push, ...more });
const installed = (more: object = {}): Event => ({
  installation: 1,
  kind: "installation",
  state: "active",
  added: [],
  removed: [],
  ...more,
});
const news = { isNews: true, gone: [], back: [] };
const isGone = (): void => void world.store.book.repositories.set(5, { ...origin, goneAt: at, sweptAt: null });
const other = { ...change, number: 8, head: w.older };

describe("a delivery", () => {
  it.each<[string, Event | null]>([
    ["that means nothing", null],
    ["of a change that was touched", touched()],
    ["of an approval", touched({ review: { id: 1, reviewer: 2, commit: w.head, submittedAt: push.at, state: "approved" } })],
    ["of an installation", installed()],
  ])("%s is news once", async (_, event) => {
    expect((await accepted(event)).isNews).toBe(true);
    const after = structuredClone(world.store.book);
    expect(await accepted(event)).toEqual({ ...news, isNews: false });
    expect(world.store.book).toEqual(after);
  });

  it.each<[string, Event, string[]]>([
    ["of a change wakes it", touched(), ["5#7"]],
    ["of a comment wakes its change", touched({ comment: 101 }), ["5#7"]],
    ["of a check run wakes the open changes with that head", { ...origin, kind: "head-touched", head: w.head }, ["5#7"]],
    ["of a check run of no change wakes nobody", { ...origin, kind: "head-touched", head: w.base }, []],
    ["of a push wakes those that go into the branch", pushed({ push: { ...push, sha: w.base } }), ["5#7", "5#8"]],
    ["of a push wakes those whose head that is", pushed({ branch: "topic" }), ["5#8"]],
    ["of new permissions wakes every open change", { ...origin, kind: "repository-touched" }, ["5#7", "5#8"]],
    ["of a merge queue wakes nobody", { ...origin, kind: "merge-group", head: w.base }, []],
    ["of a re-run wakes the open changes with that head", { ...origin, kind: "recheck-asked", head: w.older }, ["5#8"]],
  ])("%s", async (_, event, woken) => {
    world.decided(other);
    expect(await accepted(event)).toEqual(news);
    expect(world.store.book.woken).toEqual(woken);
    expect(world.told()).toEqual([]);
  });

  it("of a re-run forgets the checks of that head and of no other", async () => {
    world.store.book.checks.set("5#8 x..y", { attempts: 1, endedAt: at, grounds: "", result: { ok: true, checked: w.checked() } });
    await accepted({ ...origin, kind: "recheck-asked", head: w.head });
    expect([...world.store.book.checks.keys()]).toEqual(["5#8 x..y"]);
    world.checked();
    await accepted({ ...origin, kind: "head-touched", head: w.head }, "d2");
    // Whose name has changed: then it is not taken in by one statement.
    await accepted({ ...origin, repository: { ...origin.repository, name: "renamed" }, kind: "head-touched", head: w.head }, "d3");
    expect(world.store.book.checks.size).toBe(2);
  });

  it("of a merge queue keeps the commit that is to be refused", async () => {
    await accepted({ ...origin, kind: "merge-group", head: w.base });
    expect(world.store.book.mergeGroups).toEqual([{ repository: 5, head: w.base }]);
  });

  it.each([
    ["known", () => undefined],
    ["new", () => world.store.book.repositories.clear()],
    ["known by another name", () => void world.store.book.repositories.set(5, { ...origin, installation: 2, goneAt: null, sweptAt: null })],
  ])("tells who pushed, to a repository that is %s", async (_, given) => {
    given();
    expect(await accepted(touched({ push }))).toEqual(news);
    expect(world.store.book.pushes).toContainEqual({ repository: 5, ...push });
    expect(world.store.book.woken).toEqual(["5#7"]);
    expect(await world.store.records.originOf(5)).toEqual(origin);
  });

  it("tells of an edited comment, and who did that", async () => {
    await accepted(touched({ edited: { comment: 101, by: w.bob } }));
    expect([...world.store.book.edits]).toEqual([[101, w.bob]]);
    expect(world.store.book.woken).toEqual(["5#7"]);
  });

  it.each<[string, Event]>([
    ["is touched", touched()],
    ["gets a push", pushed()],
  ])("of a repository that is back, and %s, tells since when it was blind, and looks at everything", async (_, event) => {
    world.decided(other);
    isGone();
    expect(await accepted(event)).toEqual({ isNews: true, gone: [], back: [{ origin, since: at }] });
    expect(world.store.book.woken).toEqual(["5#7", "5#8"]);
    expect(world.store.book.isSweepAsked).toBe(true);
  });

  it("of a repository that was there all the time asks for no sweep", async () => {
    await accepted(pushed());
    expect(world.store.book.isSweepAsked).toBe(false);
  });
});

describe("a push", () => {
  const rewritten = [{ repository: 5, at, kind: "history-rewritten", subject: "branch/main" }];
  it.each<[string, Event, string | null, object[]]>([
    ["has the first look begin where the branch was before", pushed({ before: w.head }), w.head, []],
    ["that is new says nothing of before", pushed({ before: null }), null, []],
    ["that does not say what was before", pushed(), null, []],
    ["into a branch that no change goes into is nobody's first look", pushed({ branch: "topic", before: w.head }), null, []],
    ["that is forced, and is looked at for the first time, begins", pushed({ before: w.head, forced: true }), w.head, []],
  ])("%s", async (_, event, tip, entries) => {
    world.store.book.tips.clear();
    await accepted(event);
    expect(world.store.book.tips.get("5:main") ?? null).toBe(tip);
    expect(world.store.book.tips.size).toBe(tip === null ? 0 : 1);
    expect(world.store.book.entries).toEqual(entries);
    expect(world.store.book.pushes).toContainEqual({ repository: 5, ...push });
  });

  it.each<[string, object, number | null, boolean]>([
    ["forced", { before: w.base, forced: true }, 2, true],
    ["forced, of nobody known", { before: w.base, forced: true, push: { ...push, by: null } }, null, true],
    ["not forced", { before: w.base, forced: false }, null, false],
    ["of which it is not told whether it was forced", { before: w.base }, null, false],
    ["forced, of which is not told what was before", { forced: true }, null, false],
  ])("into a branch that is looked at, %s, is told to the ledger where it rewrote history", async (_, more, actor, isTold) => {
    await accepted(pushed(more));
    const key = `history-rewritten:main:${w.base}:${w.older}`;
    const evidence = [JSON.stringify({ branch: "main", from: w.base, to: w.older })];
    expect(world.store.book.entries).toEqual(isTold ? [{ ...rewritten[0], actor, evidence, key }] : []);
    expect(world.store.book.tips.get("5:main")).toBe(w.base);
  });
});

describe("an installation", () => {
  const here = origin.repository;
  const policies = { id: 6, owner: "acme", name: ".github" };
  interface After {
    gone?: number[];
    back?: number[];
    discovery?: boolean;
    due?: boolean;
    sweep?: boolean;
    woken?: string[];
  }
  it.each<[string, Event, After]>([
    ["that is new has its repositories asked for", installed(), { discovery: true, sweep: true }],
    ["that gets a repository has a sweep", installed({ added: [{ ...here, id: 9 }] }), { sweep: true }],
    ["that gets one back says so", installed({ added: [here] }), { back: [5], sweep: true, woken: ["5#7"] }],
    ["that gets the one with policies looks at all changes", installed({ added: [policies] }), { due: true, sweep: true }],
    ["that gets that among others does, too", installed({ added: [{ ...here, id: 9 }, policies] }), { due: true, sweep: true }],
    ["that loses one asks nothing of it any more", installed({ removed: [5] }), { gone: [5], sweep: true }],
    ["that loses one that nobody knew", installed({ removed: [9] }), { sweep: true }],
    ["that is suspended", installed({ state: "suspended" }), { gone: [5] }],
    ["that is deleted", installed({ state: "deleted" }), { gone: [5] }],
    ["that is another", { ...installed({ state: "deleted" }), installation: 2 }, {}],
    ["with other people has every open change looked at", { installation: 1, kind: "people-changed" }, { due: true, sweep: true }],
  ])("%s", async (_, event, { gone = [], back = [], discovery = false, due = false, sweep = false, woken = [] }) => {
    world.store.book.discoveredAt = at;
    if (back.length > 0) isGone();
    const result = await accepted(event);
    expect(result.isNews).toBe(true);
    expect(result.gone).toEqual(gone.map(() => origin));
    expect(result.back).toEqual(back.map(() => ({ origin, since: at })));
    expect(world.store.book.discoveredAt).toEqual(discovery ? null : at);
    expect(world.store.book.changes.get("5#7")?.due ?? null).toEqual(due ? at : null);
    expect(world.store.book.isSweepAsked).toBe(sweep);
    expect(world.store.book.woken).toEqual(woken);
    expect(await world.store.records.originOf(5)).toEqual(gone.length > 0 ? null : origin);
    for (const { id } of event.kind === "installation" ? event.added : []) expect(world.store.book.repositories.get(id)?.goneAt).toBeNull();
  });
});

describe("an approval", () => {
  const review = { id: 31, reviewer: w.bob.id, commit: w.head, submittedAt: "2026-03-01T12:49:59Z", state: "approved" };
  const received = { repository: 5, at, kind: "approval-received", subject: "pull/7", actor: 2, key: "approval-received:31" };
  const evidence = [JSON.stringify({ commit: w.head, review: 31, submittedAt: review.submittedAt })];
  const bound = { ...w.binding(), permission: null };
  const kept = (): unknown => world.store.book.receipts.map(({ receipt }) => receipt);
  const receipt = { review: 31, reviewer: 2, commit: w.head, source: "delivery" };

  it("is kept with the head that it is of and the base that was shown, and bound to what was checked", async () => {
    expect(await accepted(touched({ review }))).toEqual(news);
    expect(kept()).toEqual([{ ...receipt, bound, shown: { base: w.base, baseRef: "main" } }]);
    expect(world.store.book.receipts[0]?.submittedAt).toBe(review.submittedAt);
    const of = [JSON.stringify({ review: 31, commit: w.head, source: "delivery", binding: bound })];
    expect(world.store.book.entries).toEqual([
      { ...received, evidence },
      { ...received, kind: "approval-bound", evidence: of, key: "approval-bound:pull/7:31" },
    ]);
    expect(world.store.book.woken).toEqual(["5#7"]);
  });

  it.each<[string, () => void, object]>([
    ["of another head than was shown", () => world.decided({ head: w.older }), { shown: { base: w.base, baseRef: "main" } }],
    ["of a check that is not done", () => world.store.book.checks.clear(), { shown: { base: w.base, baseRef: "main" } }],
    ["of a change that nobody decided on", () => void world.decided({ base: null, head: null, baseRef: null }), { shown: null }],
    ["of a change that nobody heard of", () => world.store.book.changes.clear(), { shown: null }],
  ])("%s is bound to nothing yet", async (_, given, more) => {
    given();
    await accepted(touched({ review }));
    expect(kept()).toEqual([{ ...receipt, bound: null, ...more }]);
    expect(world.store.book.entries).toEqual([{ ...received, evidence }]);
  });

  it("that was read before is bound by whoever decides: it may be of an earlier base", async () => {
    await world.store.transaction((records) =>
      records.addReceipt(change, { review: 31, reviewer: 2, commit: w.head, source: "api", submittedAt: review.submittedAt, shown: null }),
    );
    await accepted(touched({ review }));
    expect(kept()).toEqual([{ ...receipt, bound: null, shown: { base: w.base, baseRef: "main" } }]);
    expect(world.told()).toEqual(["approval-received"]);
  });

  it.each(["changes-requested", "commented"])("is no review that %s", async (state) => {
    await accepted(touched({ review: { ...review, state } }));
    expect(kept()).toEqual([]);
    expect(world.told()).toEqual([]);
    expect(world.store.book.woken).toEqual(["5#7"]);
  });

  it("of a repository that nobody heard of takes its change in", async () => {
    world.store.book.repositories.clear();
    await accepted(touched({ review: { ...review, state: "commented" }, push }));
    expect(kept()).toEqual([]);
    expect(world.told()).toEqual([]);
    expect(world.store.book.woken).toEqual(["5#7"]);
  });
});
