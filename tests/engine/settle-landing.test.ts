import { beforeEach, describe, expect, it } from "vitest";
import type { IntendedMerge } from "../../src/engine/ports/change-records.ts";
import { settleLandings } from "../../src/engine/settle-landing.ts";
import { known, unknown, type Snapshot } from "../../src/gate/facts.ts";
import type { Landing } from "../../src/gate/view.ts";
import { LeaseLost } from "../../src/problem.ts";
import * as w from "../gate/world.ts";
import { change, newWorld, origin, snapshot, type World } from "./stand-ins/world.ts";

/** By which landing a change is merged, after answers that were lost. */
let world: World;
beforeEach(() => {
  world = newWorld();
  world.forge.trees.set(sha, known(w.tree));
});
const sha = "9".repeat(40);
const other = "8".repeat(40);
const exact = (more: Partial<IntendedMerge> = {}): IntendedMerge => ({ ...w.merge({ comment: 101 }), commit: sha, ...more });
const api = (more: Partial<IntendedMerge> = {}): IntendedMerge => exact({ landing: "api", commit: null, ...more });
const merged = (more: Partial<NonNullable<Snapshot["merged"]>> = {}): Partial<Snapshot> => ({
  state: "merged",
  merged: { by: w.carol, byGate: false, sha, ...more },
});
const settle = (more: Partial<Snapshot> = {}): Promise<Landing | null> =>
  settleLandings(world.ports, world.store.lease, origin, change, snapshot(more));
const intend = (merge: IntendedMerge): Promise<void> =>
  world.store.held(world.store.lease, (records) => records.intendMerge(change, merge, world.time.now));
const refuse = (): Promise<void> => world.store.held(world.store.lease, (records) => records.refuseMerge(change, "", world.time.now));
const keep = (landing: Landing): Promise<void> =>
  world.store.transaction((records) => records.saveLanding(change, landing, world.time.now));
const ours = (more: Partial<Landing> = {}): Landing => ({
  by: "gate",
  who: null,
  sha,
  trees: { checked: w.tree, landed: known(w.tree) },
  ...more,
});
const unread = { checked: w.tree, landed: unknown("GitHub answered 502") };
const landOnMain = (): void => world.git.commit("main", sha, [w.base, w.head], w.tree);

describe("a change that is not merged", () => {
  it.each<[string, Partial<Snapshot>]>([
    ["open", {}],
    ["closed", { state: "closed" }],
  ])("and is %s has no landing, whatever was intended", async (_, more) => {
    await intend(exact());
    landOnMain();
    expect(await settle(more)).toBeNull();
    expect(world.store.book.landings).toMatchObject([{ state: "intended" }]);
    expect(world.told()).toEqual([]);
  });

  it("has a tree read that could not be, of a landing of an earlier head", async () => {
    await intend(exact({ head: w.older }));
    await keep(ours({ trees: unread }));
    expect(await settle()).toBeNull();
    expect(world.store.book.landings).toMatchObject([{ unread: false, landing: ours() }]);
    expect(world.forge.asked).toEqual([`treeOf ${sha}`]);
  });

  it("has no tree read twice", async () => {
    await intend(exact());
    await keep(ours());
    expect(await settle(merged())).toEqual(ours());
    expect(world.forge.asked).toEqual([]);
  });
});

describe("a change that is merged", () => {
  it("by a landing that is known has that, and nothing is recorded again", async () => {
    await intend(exact());
    await keep(ours({ who: "alice" }));
    expect(await settle(merged())).toEqual(ours({ who: "alice" }));
    expect(world.told()).toEqual([]);
    expect(world.store.book.woken).toEqual([]);
  });

  it.each<[string, () => Promise<void>]>([
    ["is open", () => intend(exact())],
    ["was refused, since our own merge had moved base", () => intend(exact()).then(refuse)],
  ])("is ours where the commit that was intended is on the branch and its intention %s", async (_, given) => {
    await given();
    landOnMain();
    expect(await settle(merged())).toEqual(ours({ who: "carol" }));
    expect(world.store.book.landings).toMatchObject([{ state: "landed", commit: sha }]);
    expect(world.told()).toEqual(["landed"]);
    expect(world.git.openNow).toBe(0);
  });

  it("by a landing that is known has that, whatever was intended since", async () => {
    await intend(exact());
    await keep(ours());
    await intend(exact({ commit: other }));
    expect(await settle(merged())).toEqual(ours());
    expect(world.told()).toEqual([]);
  });

  it("is known by the commit that was intended, whatever GitHub names", async () => {
    await intend(exact());
    landOnMain();
    expect(await settle(merged({ sha: other }))).toEqual(ours({ who: "carol" }));
  });

  it("is somebody else's where that commit is not on the branch, though this App had been at it", async () => {
    await intend(exact());
    const landing = { by: "other", who: "carol", sha: other, trees: null };
    expect(await settle(merged({ sha: other, byGate: true }))).toEqual(landing);
    expect(world.store.book.landings).toMatchObject([{ state: "intended" }, { state: "outside", landing }]);
    expect(world.store.book.entries).toMatchObject([
      { kind: "landed-outside", subject: "pull/7", actor: 3, key: "landed-outside:pull/7", evidence: [JSON.stringify({ commit: other })] },
    ]);
    expect(world.said).toMatchObject([
      { level: "warn", message: "merged by somebody else, not by this gate", fields: { ...change, landing } },
    ]);
  });

  it("is ours where GitHub was to make the commit and says that this App merged it", async () => {
    await intend(api());
    expect(await settle(merged({ byGate: true }))).toEqual(ours({ who: "carol" }));
    expect(world.store.book.landings).toMatchObject([{ state: "landed", commit: sha, merge: { commit: null } }]);
  });

  it.each<[string, Partial<Snapshot>]>([
    ["GitHub says somebody else did", merged()],
    ["GitHub does not say how", { state: "merged", merged: null }],
  ])("is somebody else's where GitHub was to make the commit and %s", async (_, more) => {
    await intend(api());
    expect(await settle(more)).toMatchObject({
      by: "other",
      who: more.merged === null ? null : "carol",
      sha: more.merged === null ? null : sha,
    });
    expect(world.told()).toEqual(["landed-outside"]);
  });

  it("is not ours by an intention for another head", async () => {
    await intend(exact({ head: w.older }));
    await intend(api({ head: w.older }));
    landOnMain();
    expect(await settle(merged({ byGate: true }))).toMatchObject({ by: "other" });
  });

  it("is not merged by a landing of another head that is known", async () => {
    await intend(exact({ head: w.older }));
    await keep(ours());
    expect(await settle(merged({ sha: other }))).toMatchObject({ by: "other", sha: other });
  });

  it("is somebody else's once, whoever of nobody it was", async () => {
    const landing = { by: "other", who: null, sha, trees: null };
    expect(await settle(merged({ by: null }))).toEqual(landing);
    expect(await settle(merged({ by: w.carol }))).toEqual(landing);
    expect(world.store.book.entries).toMatchObject([{ kind: "landed-outside", actor: null }]);
    expect(world.store.book.landings).toHaveLength(1);
  });

  it("has its tree read where that could not be, by the commit that GitHub names now", async () => {
    await intend(api());
    await keep(ours({ sha: null, trees: unread }));
    expect(await settle(merged({ byGate: true }))).toEqual(ours());
    expect(world.forge.asked).toEqual([`treeOf ${sha}`]);
    expect(world.store.book.landings).toMatchObject([{ unread: false, commit: sha }]);
  });

  it("by another head says nothing of which commit an earlier landing was", async () => {
    await intend(api({ head: w.older }));
    await keep(ours({ sha: null, trees: unread }));
    await settle(merged({ byGate: false }));
    expect(world.store.book.landings[0]).toMatchObject({ unread: true, landing: { sha: null } });
  });

  it("by a commit that is kept has that read, and not what GitHub names now", async () => {
    await intend(exact());
    await keep(ours({ trees: unread }));
    await settle(merged({ sha: other }));
    expect(world.forge.asked).toEqual([`treeOf ${sha}`]);
  });

  it("is told under the lease alone", async () => {
    world.store.lose();
    await expect(settle(merged())).rejects.toThrow(LeaseLost);
    expect(world.store.book.landings).toEqual([]);
  });
});
