import { beforeEach, describe, expect, it } from "vitest";
import { landExactly } from "../../src/engine/exact.ts";
import type { MergeOutcome } from "../../src/engine/ports/forge.ts";
import type { Merge } from "../../src/gate/decide.ts";
import { known, unknown, type Facts } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";
import { away } from "./stand-ins/git.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** A landing of exactly what was checked, over a git in memory. */
let world: World;
let intended: string[];
beforeEach(() => {
  world = newWorld();
  intended = [];
});
const land = (more: Partial<Merge> = {}, facts: Partial<Facts> = {}): Promise<MergeOutcome> =>
  landExactly(
    world.ports,
    { lease: world.store.lease, origin, change, facts: w.facts(facts), memory: w.memory(), report: null },
    w.merge({ comment: 101, ...more }),
    async (commit) => {
      intended.push(commit);
      // Before anything is pushed.
      expect(world.git.asked.at(-1)).toBe("makeMerge");
    },
  );
const tip = (): string | undefined => world.git.branches.get("main");
const moved = (text: string): MergeOutcome => ({ kind: "refused", reason: "base-moved", text });

describe("an exact landing", () => {
  it("makes a merge over the checked tree, keeps its id, and moves the branch to it", async () => {
    const outcome = await land();
    expect(outcome).toEqual({ kind: "merged", sha: tip() });
    expect(intended).toEqual([tip()]);
    expect(world.git.commits.get(tip() ?? "")).toEqual({ parents: [w.base, w.head], tree: w.tree });
    expect(world.git.kept).toEqual([{ number: 7, commits: [w.base, w.head], seconds: undefined }]);
    expect(world.git.asked).toEqual(["keep 7", "makeMerge", "push main"]);
    expect(world.git.openNow).toBe(0);
  });

  it.each<[string, () => void, string]>([
    ["a commit that was checked is gone", () => void world.git.commits.delete(w.head), "the checked commits are not there any more"],
    ["the two conflict", () => world.git.merges.clear(), "git makes another merge result than the one that was checked"],
    [
      "git makes another tree of them",
      () => void world.git.merges.set(`${w.base}..${w.head}`, w.older),
      "git makes another merge result than the one that was checked",
    ],
  ])("pushes nothing where %s", async (_, given, text) => {
    given();
    expect(await land()).toEqual(moved(text));
    expect(intended).toEqual([]);
    expect(tip()).toBe(w.base);
  });

  it("is refused where base has moved", async () => {
    world.git.commit("main", "9".repeat(40));
    expect(await land()).toEqual(moved("main has moved"));
    expect(world.forge.asked).toEqual([]);
  });

  it.each<[string, () => void, MergeOutcome | "merged"]>([
    [
      "was lost on its way",
      () => world.git.failing.set("push main", away("The line broke.")),
      { kind: "unclear", text: "The line broke." },
    ],
    ["had its answer lost", () => world.git.failingAfter.set("push main", away("The line broke.")), "merged"],
    [
      "had its answer lost, and nobody can look",
      () => {
        world.git.failingAfter.set("push main", away("The line broke."));
        world.git.failing.set("isReachable main", away("The disk is full."));
      },
      { kind: "unclear", text: "The line broke." },
    ],
    ["could not begin", () => world.git.failing.set("keep 7", away("The disk is full.")), { kind: "unclear", text: "The disk is full." }],
    [
      "could not be merged",
      () => world.git.failing.set("makeMerge", away("The disk is full.")),
      { kind: "unclear", text: "The disk is full." },
    ],
  ])("whose push %s says where the commit is", async (_, given, outcome) => {
    given();
    const said = await land();
    expect(said).toEqual(outcome === "merged" ? { kind: "merged", sha: tip() } : outcome);
    expect(world.git.openNow).toBe(0);
  });

  it.each(["keep 7", "makeMerge", "push main", "isReachable main"])("fails over a fault of the gate at %s", async (where) => {
    if (where.startsWith("isReachable")) world.git.rule = "no";
    world.git.failing.set(where, new TypeError("x is not a function"));
    await expect(land()).rejects.toThrow("x is not a function");
    expect(world.git.openNow).toBe(0);
  });

  it.each<[string, string | null, string]>([
    ["Rule 7 forbids it.", "Let the App around it.", "Rule 7 forbids it. Let the App around it."],
    ["Rule 7 forbids it", "Let the App around it.", "Rule 7 forbids it. Let the App around it."],
    ["Rule 7 forbids it", null, "Rule 7 forbids it"],
  ])("that GitHub refuses by a rule says %j, and what to do: %j", async (rule, wayOut, text) => {
    world.git.rule = rule;
    world.forge.wayOutOf = wayOut;
    expect(await land()).toEqual({ kind: "refused", reason: "other", text });
    expect(world.forge.asked).toEqual([`wayOut ${rule}`]);
  });
});

describe("the commit of an exact landing", () => {
  const said = w.comment(w.alice, "/merge", { id: 101, createdAt: "2026-03-01T12:31:00.000Z" });
  it.each<[string, Partial<Merge>, Partial<Facts>, object]>([
    [
      "is its author's, by the address that GitHub keeps for them",
      {},
      {},
      {
        author: { name: "alice", email: "1+alice@noreply.example" },
        committer: { name: "gate[bot]", email: "gate@noreply.example" },
        message: "Raise the limit (#7)",
      },
    ],
    ["is the App's, where the account is gone", { author: null }, {}, { author: { name: "gate[bot]", email: "gate@noreply.example" } }],
    [
      "has the description behind a blank line",
      { message: { title: "Raise", body: "\n It was too low.\n\n" } },
      {},
      { message: "Raise (#7)\n\nIt was too low." },
    ],
    ["is of the moment of its command", {}, { comments: known([w.comment(w.bob, "hm", { id: 100 }), said]) }, { date: said.createdAt }],
    [
      "is of the head's, where nobody knows the command",
      {},
      { headSince: "2026-03-01T12:01:00.000Z" },
      { date: "2026-03-01T12:01:00.000Z" },
    ],
    [
      "is of the head's, where the comments are unknown",
      {},
      { comments: unknown("GitHub answered 502"), headSince: "2026-03-01T12:01:00.000Z" },
      { date: "2026-03-01T12:01:00.000Z" },
    ],
  ])("%s", async (_, merge, facts, expected) => {
    await land(merge, facts);
    expect(world.git.made).toMatchObject([{ base: w.base, head: w.head, ...expected }]);
  });
});
