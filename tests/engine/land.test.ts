import { beforeEach, describe, expect, it } from "vitest";
import { land, type LandingOutcome } from "../../src/engine/land.ts";
import type { MergeOutcome } from "../../src/engine/ports/forge.ts";
import type { Merge } from "../../src/gate/decide.ts";
import { known, unknown, type Facts, type Frozen, type Glass, type Snapshot } from "../../src/gate/facts.ts";
import { LeaseLost } from "../../src/problem.ts";
import * as w from "../gate/world.ts";
import { away } from "./stand-ins/git.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** A landing that was decided on, in memory: what is read once more, what is kept, and what its turn is told. */
let world: World;
const asked = w.comment(w.alice, "/merge", { id: 101 });
const approval = w.review(w.bob, "approved", w.head);
beforeEach(() => {
  world = newWorld();
  world.show({ comments: known([asked]), reviews: known([approval]) });
  world.forge.trees.set(landed, known(w.tree));
});
const landed = "9".repeat(40);
const merged: MergeOutcome = { kind: "merged", sha: landed };
const glass: Glass = { comment: 91, by: w.carol, reason: "down", head: w.head, expiresAt: "2026-03-01T13:00:00.000Z" };
const frozen: Frozen = { number: 3, why: "what landed is not what was checked", since: "2026-03-01T10:00:00.000Z" };
const debt = {
  number: 3,
  by: "carol",
  byId: 3,
  reason: "down",
  since: "2026-03-01T10:00:00.000Z",
  baseRef: "main",
  landing: w.older,
  seen: [],
};

const landing = (
  more: Partial<Merge> = {},
  { attempts = 0, facts = {} }: { attempts?: number; facts?: Partial<Facts> } = {},
): Promise<LandingOutcome> =>
  land(
    world.ports,
    {
      lease: world.store.lease,
      origin,
      change,
      facts: w.facts({ comments: known([asked]), reviews: known([approval]), ...facts }),
      memory: w.memory(),
      report: null,
    },
    w.merge({ comment: 101, ...more }),
    world.turn(attempts),
  );
const again = (why: string, after = 0): LandingOutcome => ({ kind: "again", why, after });
const rows = (): unknown => world.store.book.landings.map(({ state, why, commit }) => [state, why, commit]);

describe("a landing", () => {
  it("that is exact is kept with its commit before it is pushed, and with its tree after", async () => {
    expect(await landing()).toEqual({ kind: "landed" });
    const sha = world.git.branches.get("main") ?? "";
    expect(sha).not.toBe(w.base);
    expect(world.store.book.landings).toMatchObject([
      { state: "landed", commit: sha, merge: { commit: sha }, landing: { by: "gate", who: null, sha } },
    ]);
    expect(world.forge.asked).toEqual(["snapshot 7", `treeOf ${sha}`]);
    expect(world.store.book.entries.map(({ key }) => key)).toContain(`landed:pull/7:${sha}`);
    expect(world.said[0]).toMatchObject({
      level: "info",
      message: "asked GitHub to merge",
      fields: { ...change, outcome: { kind: "merged", sha } },
    });
  });

  it("by GitHub's API is kept before it is asked for, and found by its head", async () => {
    world.forge.onMerge = () => {
      expect(rows()).toEqual([["intended", null, null]]);
      return merged;
    };
    expect(await landing({ landing: "api", method: "squash" })).toEqual({ kind: "landed" });
    expect(world.store.book.landings).toMatchObject([{ state: "landed", commit: landed, merge: { commit: null }, unread: false }]);
    expect(world.told()).toEqual(["landed"]);
    expect(world.store.book.entries[0]?.key).toBe(`landed:pull/7:${w.head}`);
  });

  it.each<[string, Partial<Snapshot>, string]>([
    ["whose head moved", { head: w.older }, "the head moved in between"],
    ["whose change was closed", { state: "closed" }, "the pull request is closed by now"],
    ["whose base moved", { base: { ref: "main", tip: known(w.older) } }, "the base branch moved in between"],
    ["whose title was edited", { title: "Lower the limit" }, "title or description were edited in between"],
    ["that was called off", { comments: known([asked, w.comment(w.alice, "/cancel", { id: 102 })]) }, "somebody said /cancel in between"],
    ["whose approval is gone", { reviews: known([]) }, "what the verdict rests on changed in between"],
  ])("%s in between is not asked for", async (_, now, why) => {
    world.show(now);
    expect(await landing()).toEqual(again(why));
    expect(await landing({ landing: "api" })).toEqual(again(why));
    expect(rows()).toEqual([]);
    expect(world.git.asked).toEqual([]);
    expect(world.forge.asked).toEqual(["snapshot 7", "snapshot 7"]);
  });

  it("into a branch that was frozen in between is not asked for", async () => {
    world.store.book.frozen.set("5:main", frozen);
    expect(await landing()).toEqual(again("what the verdict rests on changed in between"));
    expect(rows()).toEqual([]);
  });

  it("into a branch that is frozen no more goes on", async () => {
    expect(await landing({}, { facts: { frozen, debts: [debt] } })).toEqual({ kind: "landed" });
  });

  it("is not called off by a /cancel that was heard before it was decided", async () => {
    const before = w.comment(w.alice, "/cancel", { id: 99 });
    world.show({ comments: known([before, asked]) });
    expect(await landing({}, { facts: { comments: known([before, asked]) } })).toEqual({ kind: "landed" });
  });

  it("counts everything as unheard where the comments were unknown", async () => {
    world.show({ comments: known([w.comment(w.alice, "/cancel", { id: 99 }), asked]) });
    expect(await landing({}, { facts: { comments: unknown("GitHub answered 502") } })).toEqual(again("somebody said /cancel in between"));
  });

  it.each(["exact", "api"] as const)("that is %s is not asked for by whoever lost the lease", async (how) => {
    world.store.lose();
    await expect(landing({ landing: how })).rejects.toThrow(LeaseLost);
    expect(world.git.branches.get("main")).toBe(w.base);
    expect(world.forge.asked).toEqual(["snapshot 7"]);
  });
});

describe("a landing that came to nothing", () => {
  const unclear: MergeOutcome = { kind: "unclear", text: "GitHub answered 502" };
  const baseMoved: MergeOutcome = { kind: "refused", reason: "base-moved", text: "Base branch was modified" };
  const refused: MergeOutcome = { kind: "refused", reason: "other", text: "a rule forbids it" };
  const lost = "GitHub did not say whether it merged (GitHub answered 502); say /merge again if it has not";
  it.each<[string, MergeOutcome, number, LandingOutcome]>([
    ["whose answer was lost is read again", unclear, 0, again("GitHub answered 502")],
    ["whose answer was lost twice is read again", unclear, 1, again("GitHub answered 502")],
    ["whose answer was lost three times", unclear, 2, { kind: "refused", text: lost }],
    ["since base moved is tried in a while", baseMoved, 0, again("Base branch was modified", 4)],
    ["since base moved again is tried later", baseMoved, 1, again("Base branch was modified", 8)],
    ["since base moved three times", baseMoved, 2, { kind: "refused", text: "Base branch was modified" }],
    ["since a rule forbids it", refused, 0, { kind: "refused", text: "a rule forbids it" }],
    ["since the head moved", { ...refused, reason: "head-moved" }, 0, { kind: "refused", text: "a rule forbids it" }],
  ])("%s", async (_, outcome, attempts, expected) => {
    world.forge.onMerge = () => outcome;
    expect(await landing({ landing: "api" }, { attempts })).toEqual(expected);
    const isOver = expected.kind === "refused";
    expect(rows()).toEqual([isOver ? ["refused", expected.text, null] : ["intended", null, null]]);
    const at = world.time.now;
    const entry = { repository: 5, at, kind: "merge-refused", subject: "pull/7", actor: null };
    expect(world.store.book.entries).toEqual(
      isOver ? [{ ...entry, evidence: [expected.text], key: `merge-refused:pull/7:${at.toISOString()}` }] : [],
    );
  });

  it("by git, of which no commit was made, was not intended", async () => {
    world.git.merges.clear();
    expect(await landing()).toEqual(again("git makes another merge result than the one that was checked", 4));
    expect(rows()).toEqual([]);
  });

  it("by git, since base moved at that moment, is tried in a while and stays known by its commit", async () => {
    world.git.failing.set("push main", away("The line broke."));
    expect(await landing()).toEqual(again("The line broke."));
    expect(rows()).toEqual([["intended", null, world.git.commits.size === 4 ? [...world.git.commits.keys()].at(-1) : ""]]);
  });
});

describe("a landing that a break-glass stands in for", () => {
  const breaks = w.comment(w.carol, "/break-glass down", { id: 91 });
  const facts: Partial<Facts> = {
    check: w.doneWith({ breakGlass: { users: ["carol"], teams: [], hours: 4 } }),
    comments: known([asked, breaks]),
  };
  beforeEach(() => world.show({ reviews: known([]), comments: known([asked, breaks]) }));

  it("goes without the approval, and owes one", async () => {
    expect(await landing({ glass, seen: [31] }, { facts })).toEqual({ kind: "landed" });
    expect(world.store.book.debts).toMatchObject([{ number: 7, by: "carol", baseRef: "main", seen: [31], paid: null }]);
  });

  it("does not go where one of that branch is owed still, as is known only now", async () => {
    world.store.book.debts.push({ repository: 5, paid: null, ...debt });
    expect(await landing({ glass, seen: [31] }, { facts })).toEqual(again("what the verdict rests on changed in between"));
    expect(rows()).toEqual([]);
  });

  it("goes where one is owed in another branch", async () => {
    world.store.book.debts.push({ repository: 5, paid: null, ...debt, baseRef: "stable" });
    expect(await landing({ glass, seen: [31] }, { facts })).toEqual({ kind: "landed" });
  });
});
