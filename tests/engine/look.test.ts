import { beforeEach, describe, expect, it } from "vitest";
import { lookAt, type Look } from "../../src/engine/look.ts";
import type { IntendedMerge } from "../../src/engine/ports/change-records.ts";
import type { TurnOutcome } from "../../src/engine/turns.ts";
import { known, unknown, type Facts, type Snapshot } from "../../src/gate/facts.ts";
import type { Landing } from "../../src/gate/view.ts";
import * as w from "../gate/world.ts";
import type { ChangeRow } from "./stand-ins/store.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** One look at a change: what is read of it from GitHub, and what from memory. */
let world: World;
beforeEach(() => {
  world = newWorld();
});
const looked = (attempts = 0): Promise<{ look: Look; check: TurnOutcome | null }> => lookAt(world.ports, origin, world.turn(attempts));
const look = async (): Promise<Look> => (await looked()).look;
const sha = "9".repeat(40);
const merge = (more: Partial<IntendedMerge> = {}): IntendedMerge => ({ ...w.merge({ comment: 101 }), commit: sha, ...more });
const landing: Landing = { by: "gate", who: null, sha, trees: { checked: w.tree, landed: known(w.tree) } };
const intend = (of: IntendedMerge): Promise<void> =>
  world.store.held(world.store.lease, (records) => records.intendMerge(change, of, world.time.now));
const land = (of: Landing = landing): Promise<void> =>
  world.store.transaction((records) => records.saveLanding(change, of, world.time.now));
const merged: Partial<Snapshot> = { state: "merged", merged: { by: w.carol, byGate: true, sha } };

describe("a look at a change", () => {
  it("gives what GitHub shows, what is remembered, and the report of its check", async () => {
    const { look: found, check } = await looked();
    expect(check).toBeNull();
    expect(found.report).toEqual(w.report({ verdict: w.checked().report.verdict }));
    expect(found).toMatchObject({ lease: world.store.lease, origin, change });
    const now = world.time.now.toISOString();
    const expected: Partial<Facts> = {
      ...w.facts({ reviews: found.facts.reviews, commits: found.facts.commits }),
      now,
      shown: null,
      pushers: [w.alice],
      headPusher: known(w.alice),
      baseSince: found.facts.baseSince,
      headRef: "change",
    };
    expect(found.facts).toEqual(expected);
    expect(found.memory).toEqual({
      ...w.memory(),
      earlier: [],
      orders: new Map(),
      previous: { base: w.base, head: w.head },
      verdict: world.decided().verdict,
    });
    expect(world.checks).toEqual({ started: [], ended: [] });
  });

  it("gives what a change nobody heard of has", async () => {
    world.store.book.changes.clear();
    expect((await look()).memory).toMatchObject({ answers: [], previous: null, verdict: null });
    expect((await look()).facts.shown).toBeNull();
  });

  it("gives what it told and did before", async () => {
    const { book } = world.store;
    const answer = { comment: 90, by: "alice", command: "/why", accepted: true, text: "So.", lines: [] };
    world.decided({ answers: [answer] });
    world.decided({ number: 8, standing: "blocked" });
    book.answered.set("5#7", new Set([90]));
    book.labels.set("5#7", new Set(["radius/small"]));
    book.told.set("5#7", new Map([[31, { state: "kept", why: "x" }]]));
    expect((await look()).memory).toMatchObject({
      answered: new Set([90]),
      answers: [answer],
      labels: ["radius/small"],
      siblings: [{ number: 8, standing: "blocked" }],
      told: new Map([[31, { state: "kept", why: "x" }]]),
      refusal: null,
    });
  });

  it("begins the check that is missing, and says of which pair it was decided last", async () => {
    world.store.book.checks.clear();
    world.decided({ base: w.older });
    world.checked(undefined, { base: w.older, head: w.head });
    const { look: found } = await looked();
    expect(found.facts.check).toEqual({ state: "running", previous: { base: w.older, head: w.head } });
    expect(found.report).toBeNull();
    expect(world.checks.started).toMatchObject([{ number: 7, base: { ref: "main", sha: w.base }, head: w.head }]);
  });

  it("says what the turn has to come back for", async () => {
    world.checked({ ok: false, problem: { code: "x", text: "PuppetDB is away.", hint: "" } });
    expect((await looked()).check).toEqual({ settled: false, why: "the check failed: PuppetDB is away.", after: 15 });
  });

  it("knows a comment for edited that a delivery told of", async () => {
    world.show({ comments: known([w.comment(w.alice, "/merge", { id: 101 })]) });
    world.store.book.edits.set(101, w.bob);
    const { comments } = (await look()).facts;
    expect(comments.known && comments.value[0]?.edited).toEqual(known({ by: w.bob, foreign: true }));
  });

  it("asks since when base is there for an approval that nothing places, and for no other", async () => {
    await look();
    expect(world.forge.asked).toContain("pushesTo main");
    world.forge.asked.length = 0;
    const approval = w.review(w.bob, "approved", w.head);
    world.show({ reviews: known([approval]) });
    world.store.book.receipts.push({
      ...change,
      receipt: { review: approval.id, reviewer: 2, commit: w.head, source: "delivery", bound: w.binding(), shown: null },
      submittedAt: "2026-03-01T12:20:00Z",
    });
    await look();
    expect(world.forge.asked).toEqual(["snapshot 7"]);
  });
});

describe("a change that is", () => {
  it.each<[string, Partial<Snapshot>, string[], number]>([
    ["open keeps its check", {}, [], 1],
    ["merged ends what is under way, and keeps what was found", merged, ["5#7"], 1],
    ["closed ends what is under way, and is checked anew once it is open again", { state: "closed" }, ["5#7"], 0],
  ])("%s", async (_, more, ended, kept) => {
    world.show(more);
    await look();
    expect(world.checks.ended).toEqual(ended);
    expect(world.store.book.checks.size).toBe(kept);
  });

  it("merged shows the report of the pair that landed, and by which landing", async () => {
    await intend(merge());
    await land();
    world.show(merged);
    const found = await look();
    expect(found.report).toEqual(w.checked().report);
    expect(found.facts.check).toEqual({ state: "impossible" });
    expect(found.memory).toMatchObject({ landing, earlier: [] });
  });

  it.each<[string, () => void, Partial<Snapshot>]>([
    ["merged, and was never decided on", () => world.store.book.changes.clear(), merged],
    ["merged, and its check failed", () => world.checked({ ok: false, problem: { code: "x", text: "", hint: "" } }), merged],
    ["merged, and its check is gone", () => world.store.book.checks.clear(), merged],
    ["closed", () => undefined, { state: "closed" }],
  ])("%s shows no report", async (_, given, more) => {
    await intend(merge());
    await land();
    given();
    world.show(more);
    expect((await look()).report).toBeNull();
  });
});

describe("landings of earlier heads", () => {
  const earlier = { comment: 101, head: w.older, sha };
  it.each<[string, IntendedMerge["commit"], () => Promise<void>, unknown]>([
    ["are told while the change is open", sha, () => land(), [earlier]],
    ["are told without a commit, where GitHub named none", null, () => land({ ...landing, sha: null }), [{ ...earlier, sha: null }]],
    ["are none that are only intended", sha, async () => undefined, []],
  ])("%s", async (_, commit, given, expected) => {
    await intend(merge({ head: w.older, commit }));
    await given();
    expect((await look()).memory.earlier).toEqual(expected);
  });

  it("are none of this head, and none by others", async () => {
    await intend(merge());
    await land();
    await land({ by: "other", who: null, sha: w.tree, trees: null });
    expect((await look()).memory.earlier).toEqual([]);
  });

  it("are not told of a change that is merged", async () => {
    await intend(merge({ head: w.older }));
    await land();
    world.show(merged);
    expect((await look()).memory.earlier).toEqual([]);
  });
});

describe("what was shown of this head until now", () => {
  const binding = { base: w.older, baseRef: "main", tree: w.tree, patch: "f".repeat(40), digest: "1".repeat(64), permission: null };
  it.each<[string, Partial<ChangeRow>, Facts["shown"]]>([
    ["is nothing, where it is the pair that stands", {}, null],
    ["is nothing of another head", { head: w.older, base: w.older }, null],
    ["is nothing, where nothing was decided", { base: null }, null],
    ["is nothing, where its branch is not known", { baseRef: null, base: w.older }, null],
    ["is another base, with what its check found", { base: w.older }, { base: w.older, baseRef: "main", binding }],
    [
      "is another branch, though its tip is the same",
      { baseRef: "stable" },
      { base: w.base, baseRef: "stable", binding: { ...binding, base: w.base, baseRef: "stable" } },
    ],
  ])("%s", async (_, row, shown) => {
    world.checked(undefined, { base: w.older, head: w.head });
    world.decided(row);
    expect((await look()).facts.shown).toEqual(shown);
  });

  it.each<[string, () => void]>([
    ["is not done", () => world.store.book.checks.delete(`5#7 ${w.older}..${w.head}`)],
    ["failed", () => world.checked({ ok: false, problem: { code: "x", text: "", hint: "" } }, { base: w.older, head: w.head })],
    [
      "found nothing that could land",
      () => world.checked({ ok: true, checked: w.checked({ tree: null }) }, { base: w.older, head: w.head }),
    ],
  ])("binds nothing where its check %s", async (_, given) => {
    world.checked(undefined, { base: w.older, head: w.head });
    given();
    world.decided({ base: w.older });
    expect((await look()).facts.shown).toEqual({ base: w.older, baseRef: "main", binding: null });
  });

  it("is what stood, where base's tip is not known now", async () => {
    world.show({ base: { ref: "main", tip: unknown("GitHub answered 502") } });
    expect((await look()).facts.shown).toMatchObject({ base: w.base, baseRef: "main" });
  });
});
