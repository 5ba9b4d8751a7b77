import { describe, expect, it } from "vitest";
import { pushesOf, type PushPorts } from "../../src/engine/pushes.ts";
import { ofThisHead } from "../../src/gate/commands/standing.ts";
import type { Push } from "../../src/gate/event.ts";
import { known, unknown, type Facts, type Known, type Receipt, type Snapshot } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";

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
