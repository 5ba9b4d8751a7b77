import { beforeEach, describe, expect, it } from "vitest";
import { nameReverts } from "../../src/engine/expect/reverted.ts";
import { explainBranch, explainBranches } from "../../src/engine/explain-branch.ts";
import type { IntendedMerge } from "../../src/engine/ports/change-records.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Landing } from "../../src/gate/view.ts";
import * as w from "../gate/world.ts";
import { away } from "./stand-ins/git.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** Whose doing each commit on a base branch is. */
let world: World;
beforeEach(() => {
  world = newWorld();
});
const sha = (digit: number): string => digit.toString(16).padStart(40, "0");
const tip = (): string => world.git.branches.get("main") ?? "";
const explain = (): Promise<readonly number[]> => explainBranch(world.ports, origin, "main", tip());
const explained = (): unknown => world.store.book.tips.get("5:main");
const told = (): unknown => world.store.book.entries.map(({ kind, subject, actor, key }) => [kind, subject, actor, key]);
const evidence = (): unknown => world.store.book.entries.map((one) => JSON.parse(one.evidence[0] ?? ""));
const pull = (number: number, more: object = {}) => known([{ number, merged: true, base: "main", ...more }]);
const intend = (merge: IntendedMerge, of = change): Promise<void> =>
  world.store.held(world.store.lease, (records) => records.intendMerge(of, merge, world.time.now));
const refuse = (of = change): Promise<void> =>
  world.store.held(world.store.lease, (records) => records.refuseMerge(of, "", world.time.now));
const exact = (commit: string): IntendedMerge => ({ ...w.merge({ comment: 101 }), commit });
const api = (): IntendedMerge => ({ ...w.merge({ comment: 101, landing: "api" }), commit: null });
const direct = (digit: number, actor: number | null = null): unknown => [
  "direct-push",
  "branch/main",
  actor,
  `direct-push:main:${sha(digit)}`,
];

describe("a look at a branch", () => {
  it("asks nothing where nothing came", async () => {
    expect(await explain()).toEqual([]);
    expect(world.git.asked).toEqual([]);
  });

  it("begins, the first time: what was there before is nobody's doing", async () => {
    world.store.book.tips.clear();
    world.git.commit("main", sha(1));
    expect(await explain()).toEqual([]);
    expect(explained()).toBe(sha(1));
    expect(told()).toEqual([]);
    expect(world.git.asked).toEqual([]);
  });

  it("finds a push around the gate, and who did it", async () => {
    world.git.commit("main", sha(1));
    world.git.commit("main", sha(2));
    world.store.book.pushes.push({ repository: 5, sha: sha(2), by: w.carol, at: null });
    expect(await explain()).toEqual([]);
    expect(explained()).toBe(sha(2));
    expect(told()).toEqual([direct(1), direct(2, 3)]);
    expect(evidence()).toEqual([
      { branch: "main", commit: sha(1), parents: [w.base], pull: null },
      { branch: "main", commit: sha(2), parents: [sha(1)], pull: null },
    ]);
    expect(world.store.book.woken).toEqual([]);
    const said = { repository: origin.repository, kind: "direct-push", subject: "branch/main" };
    expect(world.said).toMatchObject(
      [1, 2].map((at) => ({ level: "warn", message: "landed around the gate", fields: { ...said, key: `direct-push:main:${sha(at)}` } })),
    );
    expect(world.git.openNow).toBe(0);
  });

  it.each<[string, object]>([
    ["is not merged", { merged: false }],
    ["is merged into another branch", { base: "stable" }],
  ])("takes a commit for a push where its pull request %s", async (_, more) => {
    world.git.commit("main", sha(1));
    world.forge.pulls.set(sha(1), pull(8, more));
    await explain();
    expect(told()).toEqual([direct(1)]);
  });

  it("finds a merge by somebody else, and wakes its change", async () => {
    world.git.commit("main", sha(1), [w.base, w.older]);
    world.forge.pulls.set(
      sha(1),
      known([
        { number: 3, merged: false, base: "main" },
        { number: 8, merged: true, base: "main" },
      ]),
    );
    world.forge.mergers.set(8, known(3));
    expect(await explain()).toEqual([]);
    expect(told()).toEqual([["landed-outside", "pull/8", 3, "landed-outside:pull/8"]]);
    expect(evidence()).toEqual([{ branch: "main", commit: sha(1), parents: [w.base, w.older], pull: 8 }]);
    expect(world.store.book.woken).toEqual(["5#8"]);
  });

  it.each<[string, () => void, number[]]>([
    ["a pull request that somebody merged", () => world.forge.pulls.set(sha(2), pull(9)), [9]],
    ["a push around the gate", () => undefined, []],
    ["of which nothing can be told", () => world.forge.pulls.set(sha(2), unknown("away", "")), []],
  ])("notes a revert of %s, once", async (_, setUp, of) => {
    world.git.commit("main", sha(2));
    await explain();
    setUp();
    world.git.reverts.set(sha(3), [sha(2)]);
    world.git.commit("main", sha(3));
    world.forge.pulls.set(sha(3), pull(12));
    world.forge.mergers.set(12, known(3));
    await explain();
    await explain();
    expect(world.store.book.reverts).toEqual(of.map((number) => ({ number, commit: sha(3), by: 12 })));
    const noted = world.store.book.entries.filter(({ kind }) => kind === "reverted");
    expect(noted.map(({ subject, actor }) => [subject, actor])).toEqual(of.map((number) => [`pull/${number}`, null]));
    expect(explained()).toBe(sha(3));
  });

  it("notes a revert of which nothing could be told later, when it can", async () => {
    world.git.commit("main", sha(2));
    await explain();
    world.git.reverts.set(sha(3), [sha(2), sha(4)]);
    world.git.commit("main", sha(3));
    world.forge.pulls.set(sha(3), pull(12));
    world.forge.mergers.set(12, known(3));
    const away = unknown("away", "");
    for (const of of [sha(2), sha(4)]) world.forge.pulls.set(of, away);
    await explain();
    const { book } = world.store;
    const waiting = (): string[] => book.unnamed.map(({ reverted, tries }) => `${reverted} ${tries}`);
    expect([book.reverts, waiting()]).toEqual([[], [`${sha(2)} 0`, `${sha(4)} 0`]]);
    const name = (): Promise<void> => nameReverts({ ...world.ports, now: () => at }, origin);
    let at = world.time.now;
    await name();
    expect(waiting()).toEqual([`${sha(2)} 1`, `${sha(4)} 1`]);
    // Not before its time.
    world.forge.pulls.set(sha(2), pull(9));
    await name();
    expect(waiting()).toHaveLength(2);
    at = new Date(at.getTime() + 60_000);
    await name();
    expect([book.reverts, waiting()]).toEqual([[{ number: 9, commit: sha(3), by: 12 }], [`${sha(4)} 2`]]);
    expect(book.entries.filter(({ kind }) => kind === "reverted").map(({ subject }) => subject)).toEqual(["pull/9"]);
    // What GitHub never tells is given up after a day.
    let days = 0;
    for (; book.unnamed.length > 0 && days < 48; days += 1 / 24) {
      at = new Date(at.getTime() + 3_600_000);
      await name();
    }
    expect(days).toBeGreaterThan(0.9);
    expect(days).toBeLessThan(2);
    expect(book.reverts).toHaveLength(1);
  });

  it("notes no revert within one pull request, nor more than twenty of one commit", async () => {
    world.git.reverts.set(sha(3), [sha(2), ...Array.from({ length: 100 }, (_, at) => sha(100 + at))]);
    world.git.commit("main", sha(3));
    for (const of of [sha(2), sha(3)]) world.forge.pulls.set(of, pull(12));
    world.forge.mergers.set(12, known(3));
    await explain();
    expect(world.store.book.reverts).toEqual([]);
    expect(world.forge.asked.length).toBeLessThan(50);
  });

  it("says that history was rewritten, and goes on from there", async () => {
    world.git.branches.set("main", w.older);
    expect(await explain()).toEqual([]);
    expect(explained()).toBe(w.older);
    expect(told()).toEqual([["history-rewritten", "branch/main", null, `history-rewritten:main:${w.base}:${w.older}`]]);
    expect(evidence()).toEqual([{ branch: "main", from: w.base, to: w.older }]);
    expect(world.forge.asked).toEqual([]);
  });

  it("goes on the next time where more came than twenty", async () => {
    for (let at = 1; at <= 21; at += 1) world.git.commit("main", sha(at));
    await explain();
    expect(explained()).toBe(sha(20));
    expect(world.forge.asked).toHaveLength(20);
    await explain();
    expect(explained()).toBe(sha(21));
    expect(world.forge.asked).toHaveLength(21);
  });

  it("is done with exactly twenty", async () => {
    for (let at = 1; at <= 20; at += 1) world.git.commit("main", sha(at));
    await explain();
    expect(explained()).toBe(sha(20));
    // Another one came while it looked.
    world.git.commit("main", sha(21));
    expect(await explainBranch(world.ports, origin, "main", sha(20))).toEqual([]);
    expect(world.forge.asked).toHaveLength(20);
  });

  it("goes as far as the branch is by the time of the look", async () => {
    world.git.commit("main", sha(1));
    world.git.commit("main", sha(2));
    await explainBranch(world.ports, origin, "main", sha(1));
    expect(explained()).toBe(sha(2));
  });
});

describe("a landing of ours", () => {
  const landed: Landing = { by: "gate", who: null, sha: sha(1), trees: { checked: w.tree, landed: known(w.tree) } };
  beforeEach(() => world.git.commit("main", sha(1), [w.base, w.head], w.tree));

  it("that is known is nothing to be told", async () => {
    await intend(exact(sha(1)));
    await world.store.transaction((records) => records.saveLanding(change, landed, world.time.now));
    expect(await explain()).toEqual([]);
    expect(told()).toEqual([]);
    expect(explained()).toBe(sha(1));
    expect(world.forge.asked).toEqual([]);
  });

  it.each<[string, () => Promise<void>]>([
    ["lost", async () => undefined],
    ["taken for a refusal", () => refuse()],
  ])("whose answer was %s is found by its commit, and kept", async (_, given) => {
    await intend(exact(sha(1)));
    await given();
    expect(await explain()).toEqual([7]);
    expect(world.store.book.landings).toMatchObject([{ state: "landed", commit: sha(1), unread: true }]);
    expect(told()).toEqual([["landed", "pull/7", null, `landed:pull/7:${sha(1)}`]]);
    expect(world.store.book.woken).toEqual(["5#7"]);
    expect([...(world.store.book.answered.get("5#7") ?? [])]).toEqual([101]);
    expect(world.said).toEqual([]);
  });

  it("is found besides another intention of the same change", async () => {
    await intend(exact(sha(1)));
    await intend(exact(sha(9)));
    await explain();
    expect(world.store.book.landings).toMatchObject([
      { state: "landed", commit: sha(1) },
      { state: "intended", commit: sha(9) },
    ]);
  });

  it.each<[string, () => Promise<void>]>([
    ["was intended", async () => undefined],
    ["is known", () => world.store.transaction((records) => records.saveLanding(change, { ...landed, sha: sha(9) }, world.time.now))],
  ])("made by GitHub, which %s, is nobody else's", async (_, given) => {
    await intend(api());
    await given();
    world.forge.pulls.set(sha(1), pull(7));
    expect(await explain()).toEqual([]);
    expect(told()).toEqual([]);
    expect(world.store.book.woken).toEqual([]);
    expect(world.forge.asked).toEqual([`pullsOf ${sha(1)}`]);
  });

  it("made by GitHub, which was refused, is for the change's own turn to find out", async () => {
    await intend(api());
    await refuse();
    world.forge.pulls.set(sha(1), pull(7));
    await explain();
    expect(told()).toEqual([]);
    expect(world.store.book.woken).toEqual(["5#7"]);
    expect(world.forge.asked).toEqual([`pullsOf ${sha(1)}`]);
  });

  it("of another commit does not make this one ours", async () => {
    await intend(exact(sha(9)));
    world.forge.pulls.set(sha(1), pull(7));
    world.forge.mergers.set(7, known(3));
    await explain();
    expect(told()).toEqual([["landed-outside", "pull/7", 3, "landed-outside:pull/7"]]);
    expect(world.store.book.woken).toEqual(["5#7"]);
  });

  it("comes before what else came in", async () => {
    await intend(exact(sha(1)));
    world.git.commit("main", sha(2));
    world.decided({ number: 8 });
    expect(await explain()).toEqual([7]);
    expect(told()).toEqual([direct(2), ["landed", "pull/7", null, `landed:pull/7:${sha(1)}`]]);
  });
});

describe("what can't be told now", () => {
  beforeEach(() => {
    world.git.commit("main", sha(1));
    world.git.commit("main", sha(2));
  });

  it.each<[string, () => void, object]>([
    [
      "to which pull request a commit belongs",
      () => world.forge.pulls.set(sha(2), unknown("GitHub answered 502")),
      { message: "to which pull request a commit belongs can't be told now: GitHub answered 502", fields: { sha: sha(2) } },
    ],
    [
      "who merged it",
      () => {
        world.forge.pulls.set(sha(2), pull(8));
        world.forge.mergers.set(8, unknown("GitHub answered 502"));
      },
      { message: "who merged it can't be told now: GitHub answered 502", fields: { pull: 8 } },
    ],
    [
      "what came",
      () => world.git.failing.set("lineOf main", away("The disk is full.")),
      {
        message: "what came into the branch can't be told now: The disk is full.",
        fields: { branch: "main", after: w.base, tip: sha(2) },
      },
    ],
  ])("is looked at the next time, whole: %s", async (_, given, said) => {
    given();
    expect(await explain()).toEqual([]);
    expect(explained()).toBe(w.base);
    expect(told()).toEqual([]);
    expect(world.said).toMatchObject([{ level: "warn", ...said }]);
    expect(world.said[0]?.fields).toMatchObject({ repository: origin.repository });
    expect(world.git.openNow).toBe(0);
  });

  it("is no fault of the gate, which is told as one", async () => {
    world.git.failing.set("lineOf main", new TypeError("x is not a function"));
    await expect(explain()).rejects.toThrow("x is not a function");
  });
});

describe("a look at all branches", () => {
  it("is at those that changes go into or went into, by the tips that are known or asked for", async () => {
    world.git.commit("stable", sha(1));
    world.store.book.tips.set("5:stable", sha(1));
    world.git.commit("stable", sha(2));
    world.git.commit("main", sha(3));
    await explainBranches(world.ports, origin, new Map([["main", sha(3)]]));
    expect(told()).toEqual([direct(3), ["direct-push", "branch/stable", null, `direct-push:stable:${sha(2)}`]]);
    expect(world.git.asked).toEqual(["lineOf main", "tipOf stable", "lineOf stable"]);
  });

  it("leaves one whose tip can't be told, and says so", async () => {
    world.store.book.tips.set("5:gone", sha(1));
    world.git.commit("main", sha(3));
    await explainBranches(world.ports, origin, new Map([["main", sha(3)]]));
    expect(told()).toEqual([direct(3)]);
    expect(world.said).toMatchObject([
      {
        level: "warn",
        message: "where the branch is can't be told now: There is no branch gone.",
        fields: { repository: origin.repository, branch: "gone" },
      },
      { message: "landed around the gate" },
    ]);
  });

  it("ends over a fault of the gate", async () => {
    world.git.failing.set("tipOf main", new TypeError("x is not a function"));
    await expect(explainBranches(world.ports, origin, new Map())).rejects.toThrow("x is not a function");
  });
});
