import { beforeEach, describe, expect, it } from "vitest";
import type { IntendedMerge } from "../../src/engine/ports/change-records.ts";
import { keepLanded, readTree, recordLanded } from "../../src/engine/landed.ts";
import { landingDrafts, landingId } from "../../src/engine/landing-drafts.ts";
import { known, unknown, type Glass, type Known } from "../../src/gate/facts.ts";
import type { Landing } from "../../src/gate/view.ts";
import { LeaseLost } from "../../src/problem.ts";
import * as w from "../gate/world.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** What is kept of a landing, and what follows from the tree that landed. */
let world: World;
beforeEach(() => {
  world = newWorld();
});
const sha = "9".repeat(40);
const glass: Glass = { comment: 91, by: w.carol, reason: "down", head: w.head, expiresAt: "2026-03-01T13:00:00.000Z" };
const merge = (more: Partial<IntendedMerge> = {}): IntendedMerge => ({ ...w.merge({ comment: 101 }), commit: sha, ...more });
const unread = unknown("it was not read yet");
const landing = (landed: Known<string> = unread): Landing => ({ by: "gate", who: null, sha, trees: { checked: w.tree, landed } });
const record = (of: IntendedMerge = merge(), at: string | null = sha): Promise<Landing> =>
  recordLanded(world.ports, world.store.lease, origin, { change, merge: of, who: null, sha: at });
const intended = (of: IntendedMerge): Promise<void> =>
  world.store.held(world.store.lease, (records) => records.intendMerge(change, of, world.time.now));
const evidenceOf = (kind: string): unknown =>
  world.store.book.entries.filter((one) => one.kind === kind).map(({ evidence }) => JSON.parse(evidence[0] ?? ""));

describe("a landing of ours", () => {
  it("is kept with its intention, answers its command, and wakes the change alone", async () => {
    await intended(merge());
    const kept = await world.store.transaction((records) =>
      keepLanded(records, { change, merge: merge(), who: "alice", sha }, world.time.now),
    );
    expect(kept).toEqual({
      landing: { ...landing(), who: "alice" },
      wake: [change],
      drafts: [
        {
          kind: "landed",
          subject: "pull/7",
          actor: null,
          evidence: [JSON.stringify({ commit: sha, head: w.head, base: "main", checked: w.tree })],
          key: `landed:pull/7:${sha}`,
        },
      ],
    });
    expect(world.store.book.landings).toMatchObject([{ state: "landed", commit: sha, unread: true }]);
    expect([...(world.store.book.answered.get("5#7") ?? [])]).toEqual([101]);
  });

  it.each([
    ["of its head", w.head, true],
    ["of what was pushed since", w.older, false],
  ])("ends a wish and a break-glass %s: %s", async (_, head, ends) => {
    world.store.book.wishes.set("5#7", w.wish({ head }));
    world.store.book.glasses.set("5#7", { ...glass, head });
    await record();
    expect(await world.store.records.wishOf(change)).toEqual(ends ? null : w.wish({ head }));
    expect(await world.store.records.glassOf(change)).toEqual(ends ? null : { ...glass, head });
  });

  it("of which nothing was checked says so", () => {
    const [draft] = landingDrafts(7, { ...landing(), trees: null }, merge());
    expect(draft?.evidence).toEqual([JSON.stringify({ commit: sha, head: w.head, base: "main", checked: null })]);
  });

  it("is known by its commit, or by its head where GitHub makes that", () => {
    expect([landingId(merge()), landingId(merge({ commit: null }))]).toEqual([sha, w.head]);
  });

  it("without an approval owes one, which every open change into that branch hears", async () => {
    world.forge.trees.set(sha, known(w.tree));
    world.decided({ number: 8 });
    world.decided({ number: 9, baseRef: "stable" });
    await record(merge({ glass, seen: [31] }));
    const owed = { number: 7, byId: 3, by: "carol", reason: "down", since: world.time.now.toISOString(), baseRef: "main" };
    expect(await world.store.records.debtsOf(change, "main")).toEqual([{ ...owed, landing: sha, seen: [31] }]);
    expect(world.store.book.woken).toEqual(["5#7", "5#8"]);
    expect(world.store.book.entries.map(({ kind, actor, key }) => [kind, actor, key])).toEqual([
      ["landed", null, `landed:pull/7:${sha}`],
      ["debt-owed", 3, `debt-owed:pull/7:${sha}`],
    ]);
    expect(evidenceOf("debt-owed")).toEqual([{ comment: 91, reason: "down" }]);
  });

  it("with an approval owes nothing, and wakes nobody else", async () => {
    world.decided({ number: 8 });
    await record();
    expect(world.store.book.debts).toEqual([]);
    expect(world.store.book.woken).toEqual(["5#7"]);
  });

  it("is kept by whoever holds the lease", async () => {
    world.store.lose();
    await expect(record()).rejects.toThrow(LeaseLost);
    expect(world.store.book.landings).toEqual([]);
  });
});

describe("the tree that landed", () => {
  const at = new Date("2026-03-01T12:45:00.000Z");
  it("is the one that was checked", async () => {
    world.forge.trees.set(sha, known(w.tree));
    expect(await record()).toEqual(landing(known(w.tree)));
    expect(world.store.book.landings).toMatchObject([{ unread: false, landing: landing(known(w.tree)) }]);
    expect(world.store.book.frozen.size).toBe(0);
    expect(world.told()).toEqual(["landed"]);
    expect(world.said.map(({ level, message }) => `${level}: ${message}`)).toEqual(["info: landed as checked"]);
    expect(world.said[0]?.fields).toMatchObject(change);
  });

  it("is another one: nothing more is merged into that branch, and everybody there hears", async () => {
    world.forge.trees.set(sha, known(w.older));
    world.decided({ number: 8 });
    world.decided({ number: 9, baseRef: "stable" });
    expect(await record()).toEqual(landing(known(w.older)));
    const why = "what landed is not what was checked";
    expect([...world.store.book.frozen]).toEqual([["5:main", { number: 7, why, since: at.toISOString() }]]);
    expect(world.store.book.woken).toEqual(["5#7", "5#8"]);
    expect(world.store.book.entries.map(({ kind, key, subject, actor }) => [kind, key, subject, actor])).toEqual(
      ["landed", "tree-differs", "frozen"].map((kind) => [kind, `${kind}:pull/7:${sha}`, "pull/7", null]),
    );
    expect(evidenceOf("tree-differs")).toEqual([{ commit: sha, trees: { checked: w.tree, landed: known(w.older) } }]);
    expect(evidenceOf("frozen")).toEqual([{ commit: sha, branch: "main" }]);
    expect(world.said).toMatchObject([{ level: "error", fields: change }]);
    expect(world.said[0]?.message).toMatch(/^WHAT LANDED IS NOT WHAT WAS CHECKED/u);
  });

  it.each<[string, string | null, Known<string> | undefined, string]>([
    ["can't be told now", sha, unknown("GitHub answered 502"), "GitHub answered 502"],
    ["is of no commit that GitHub names", null, known(w.older), "GitHub names no commit for this merge"],
  ])("%s: it is asked for again, and freezes nothing", async (_, commit, said, reason) => {
    if (said !== undefined) world.forge.trees.set(sha, said);
    await intended(merge({ commit: null }));
    const read = await record(merge({ commit: null }), commit);
    expect(read.trees?.landed).toEqual(unknown(reason));
    expect(world.store.book.landings).toMatchObject([{ unread: true, state: "landed" }]);
    expect(world.store.book.frozen.size).toBe(0);
    expect(world.told()).toEqual(["landed"]);
    expect(world.forge.asked).toEqual(commit === null ? [] : [`treeOf ${sha}`]);
    expect(world.said.map(({ level, message }) => `${level}: ${message}`)).toEqual(["info: landed; its tree is not known yet"]);
  });

  it("is read by whoever holds the lease", async () => {
    world.forge.trees.set(sha, known(w.older));
    world.store.lose();
    await expect(readTree(world.ports, world.store.lease, origin, change, { merge: merge(), landing: landing() })).rejects.toThrow(
      LeaseLost,
    );
    expect(world.store.book.frozen.size).toBe(0);
  });
});
