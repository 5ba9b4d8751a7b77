import { beforeEach, describe, expect, it } from "vitest";
import { pushesOf, type PushPorts } from "../../src/engine/pushes.ts";
import { ofThisHead } from "../../src/gate/commands/standing.ts";
import type { Push } from "../../src/gate/event.ts";
import { known, unknown, type Facts, type Known, type Person, type Receipt, type Snapshot } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";
import { newWorld, snapshot, type World } from "./stand-ins/world.ts";

/** Since when a head is there that no delivery told of: a fork's, of which GitHub keeps no record that could be read. */
const origin = { installation: 1, repository: { id: 5, owner: "acme", name: "control" } };
const at = (second: number): string => `2026-03-01T12:30:0${second}.000Z`;
const command = w.comment(w.alice, "/merge", { createdAt: at(5) });

function ports(told: string | null): { given: PushPorts; kept: Push[] } {
  const kept: Push[] = [];
  const records = {
    pushedAt: async (_repository: number, sha: string) => (sha === w.head ? told : null),
    pushersOf: async () => [],
    addPush: async (_repository: number, push: Push) => void kept.push(push),
  };
  const forge = { pushesTo: async () => known([]) };
  return { given: { store: { records }, forge } as unknown as PushPorts, kept };
}

describe("a command that a head nobody told of is first read for", () => {
  it.each<[string, string | null, Partial<Snapshot>, string, boolean]>([
    ["counts where the last push into the fork came before it", null, { headPushedAt: at(2) }, at(2), true],
    ["is refused where one came in its own second", null, { headPushedAt: at(5) }, at(5), false],
    ["is refused where the fork is gone", null, {}, at(5), false],
    ["is not helped by a push after the change was touched last", null, { headPushedAt: at(9) }, at(5), false],
    ["is judged by what a delivery told, where one did", at(7), { headPushedAt: at(2) }, at(7), false],
  ])("%s", async (_name, told, snapshot, since, counts) => {
    const { given, kept } = ports(told);
    const facts = w.facts({ fork: true, updatedAt: at(5), ...snapshot });
    const { headSince } = await pushesOf(given, origin, facts, []);
    expect(headSince).toBe(since);
    expect(kept).toEqual(told === null ? [{ sha: w.head, by: null, at: since }] : []);
    expect(ofThisHead(command, { ...facts, headSince }) === null).toBe(counts);
  });
});

describe("when base moved", () => {
  const bobs = w.review(w.bob);
  const recorded = (sha: string): Push => ({ sha, by: w.carol, at: at(3) });
  const none = unknown("nobody asked when", "its reviewer: approve again");
  it.each<
    [string, { told?: string; record?: Known<Push[]>; reviews?: Facts["reviews"]; receipts?: Receipt[] }, Facts["baseSince"], boolean]
  >([
    ["is what a delivery told of, where the record is older", { told: at(7), record: known([recorded(w.base)]) }, known(at(7)), true],
    [
      "is when it came back, where a delivery told only of the first time that it was there",
      { told: at(1), record: known([recorded(w.base), recorded(w.older)]) },
      known(at(3)),
      true,
    ],
    [
      "is not known yet, where a delivery told of it and the record is empty",
      { told: at(7), record: known([]) },
      unknown("GitHub's record of main does not have its tip yet"),
      true,
    ],
    ["is what GitHub's record has, where none did", { record: known([recorded(w.base), recorded(w.older)]) }, known(at(3)), true],
    ["is never, where the record has no push of the branch", { record: known([]) }, known(null), true],
    [
      "is not known yet, where the record lags",
      { record: known([recorded(w.older)]) },
      unknown("GitHub's record of main does not have its tip yet"),
      true,
    ],
    ["is not known, where GitHub does not say", { record: unknown("GitHub answered 502") }, unknown("GitHub answered 502"), true],
    ["is nobody's business without an approval", { reviews: known([w.review(w.bob, "commented")]) }, none, false],
    ["nor where its check was shown with it", { receipts: [w.receipt(bobs)] }, none, false],
    ["nor where its base was", { receipts: [w.receipt(bobs, { bound: null, shown: { base: w.base, baseRef: "main" } })] }, none, false],
    [
      "and is asked for one that was kept before its base was",
      { receipts: [w.receipt(bobs, { bound: null })], record: known([]) },
      known(null),
      true,
    ],
    [
      "and is asked for one of which neither is known",
      { receipts: [w.receipt(bobs, { bound: null, shown: null })], record: known([]) },
      known(null),
      true,
    ],
  ])("%s", async (_, { told, record = known([]), reviews = known([bobs]), receipts = [] }, expected, isAsked) => {
    const { given, kept } = ports(at(1));
    const asked: string[] = [];
    const before = given.store.records;
    const pushedAt = async (repository: number, sha: string): Promise<string | null> =>
      sha === w.base ? (told ?? null) : before.pushedAt(repository, sha);
    given.store = { ...given.store, records: { ...before, pushedAt } };
    given.forge.pushesTo = async (_origin, branch) => {
      asked.push(branch);
      return branch === "main" ? record : known([]);
    };
    const { baseSince } = await pushesOf(given, origin, w.facts({ reviews }), receipts);
    expect(baseSince).toEqual(expected);
    expect(asked.includes("main")).toBe(isAsked);
    expect(kept).toEqual([]);
  });
});

/** Who pushed, over what deliveries told and what GitHub's record of the branch has. */
describe("who pushed", () => {
  let world: World;
  beforeEach(() => {
    world = newWorld();
    world.store.book.pushes = [];
  });
  const nobody = unknown(
    "no delivery told of its push, and GitHub's record of the branch does not have it",
    "its author: push again; or an owner of the App: redeliver the push, if its delivery failed",
  );
  const pushed = (sha: string, by: Person | null = w.bob): Push => ({ sha, by, at: at(1) });
  const told = (push: Push): void => void world.store.book.pushes.push({ repository: 5, ...push });
  const first = w.commit([], w.older);
  const asked = (more: Partial<Snapshot> = {}): ReturnType<typeof pushesOf> =>
    pushesOf(world.ports, origin, snapshot({ reviews: known([]), commits: known([first, w.commit()]), ...more }), []);

  it("is what deliveries told of each commit, and nobody is asked then", async () => {
    told(pushed(w.head));
    told(pushed(w.older, w.carol));
    told(pushed(w.tree, w.dave));
    const { pushers, headPusher, headSince } = await asked();
    expect([pushers, headPusher, headSince]).toEqual([[w.bob, w.carol], known(w.bob), at(1)]);
    expect(world.forge.asked).toEqual([]);
  });

  it("is what deliveries told of the head, where the commits are unknown", async () => {
    told(pushed(w.head));
    told(pushed(w.older, w.carol));
    expect((await asked({ commits: unknown("GitHub answered 502") })).pushers).toEqual([w.bob]);
  });

  it("is what GitHub's record of the branch says of these commits, where no delivery told of the head", async () => {
    told(pushed(w.older, w.carol));
    world.forge.pushes.set("change", known([pushed(w.head), pushed(w.older, w.dave), pushed(w.tree, w.alice)]));
    const { pushers, headPusher, headSince } = await asked();
    expect([pushers, headPusher, headSince]).toEqual([[w.bob, w.carol, w.dave], known(w.bob), at(1)]);
    // Once: it is kept beside what deliveries tell.
    await asked();
    expect(world.forge.asked).toEqual(["pushesTo change"]);
    expect(world.store.book.pushes.map(({ sha }) => sha)).not.toContain(w.tree);
  });

  it.each<[string, Known<Push[]>, Facts["headPusher"]]>([
    ["is nobody's to tell, where the record does not have it either", known([]), nobody],
    ["is nobody's to tell, where the record names nobody", known([pushed(w.head, null)]), nobody],
    ["is not known yet, where GitHub does not say", unknown("GitHub answered 502"), unknown("GitHub answered 502")],
  ])("%s", async (_, record, expected) => {
    world.forge.pushes.set("change", record);
    expect((await asked()).headPusher).toEqual(expected);
  });

  it.each<[string, Partial<Snapshot>]>([
    ["a change that is not open", { state: "closed" }],
    ["a fork's", { fork: true }],
  ])("is not asked for of %s", async (_, more) => {
    expect((await asked(more)).headPusher).toEqual(nobody);
    expect(world.forge.asked).toEqual([]);
  });

  it("is not asked for where the branch is gone", async () => {
    const { headRef: _, ...shown } = snapshot({ reviews: known([]) });
    await pushesOf(world.ports, origin, shown, []);
    expect(world.forge.asked).toEqual([]);
  });

  it("is kept with the time that it was heard of first, which later looks do not put off", async () => {
    expect((await asked({ updatedAt: at(5) })).headSince).toBe(at(5));
    expect((await asked({ updatedAt: at(9) })).headSince).toBe(at(5));
  });
});

describe("when base moved is not asked", () => {
  const none = unknown("nobody asked when", "its reviewer: approve again");
  it.each<[string, Partial<Snapshot>, Facts["baseSince"]]>([
    ["of a change that is closed", { state: "closed" }, none],
    ["of reviews that are unknown", { reviews: unknown("GitHub answered 502") }, none],
    ["of a tip that is unknown", { base: { ref: "main", tip: unknown("GitHub answered 502") } }, unknown("GitHub answered 502")],
  ])("%s", async (_, more, expected) => {
    const world = newWorld();
    const shown = snapshot({ reviews: known([w.review(w.bob)]), ...more });
    expect((await pushesOf(world.ports, origin, shown, [])).baseSince).toEqual(expected);
    expect(world.forge.asked).toEqual([]);
  });

  it("is not known yet, where the record does not say when its latest push was", async () => {
    const world = newWorld();
    world.forge.pushes.set("main", known([{ sha: w.base, by: w.carol, at: null }]));
    const shown = snapshot({ reviews: known([w.review(w.bob)]) });
    const lags = unknown("GitHub's record of main does not have its tip yet");
    expect((await pushesOf(world.ports, origin, shown, [])).baseSince).toEqual(lags);
  });
});
