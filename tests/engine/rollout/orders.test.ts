import { describe, expect, it } from "vitest";
import { hearOrders, refuseOrders } from "../../../src/engine/rollout/orders.ts";
import { createRolls } from "../../../src/engine/rollout/rolls.ts";
import type { CommitFacts, Person } from "../../../src/gate/facts.ts";
import { known, unknown } from "../../../src/policy/known.ts";
import { Problem } from "../../../src/problem.ts";
import type { Order } from "../../../src/rollout/orders.ts";
import type { Verb } from "../../../src/rollout/word.ts";
import { classed, lease, minute, origin, rolloutOf, RollWorld, stageOf, start, stepOf } from "./world.ts";

const person = (id: number, login: string): Person => ({ id, login, bot: false });
const [alice, bob, carol, dora] = [person(1, "alice"), person(2, "bob"), person(3, "carol"), person(4, "dora")] as const;
const who = { id: 9, name: "sre" };

function order(world: RollWorld, said: string, more: Partial<Order> = {}): void {
  const [verb = "", ...words] = said.split(" ");
  const key = `comment/${world.orders.length}`;
  const at = start.toISOString();
  const one: Order = { key, number: 3, verb: verb as Verb, text: words.join(" "), who, via: "pull request", at, ...more };
  world.orders.push({ order: one, answer: null });
}
const commit = (sha: string, ...people: (Person | null)[]): CommitFacts => ({
  sha,
  contributions: people.map((person, at) => ({
    role: (["author", "committer", "co-author"] as const)[at] ?? "co-author",
    person,
    as: "x@y",
  })),
});

/** canary watches c1, which landed #7: alice's, written by bob and pushed by carol. */
function watching(): RollWorld {
  const world = new RollWorld();
  world.kept = { rollout: rolloutOf(stageOf()) };
  world.tips.set("production_canary", "c1");
  world.pulls.set("c1", known({ number: 7, labels: [] }));
  world.contributions.set(7, known({ number: 7, opener: alice, head: "h1", commits: known([commit("h1", bob, bob)]) }));
  world.pushers.set("h1", [carol]);
  return world;
}
const hear = (world: RollWorld): Promise<boolean> => hearOrders(world.ports(), origin, lease);
const answers = (world: RollWorld): unknown[] =>
  world.orders.map(({ answer }) => (answer === null ? null : [answer.ok, answer.text, ...answer.lines]));

describe("what somebody said", () => {
  it("is done once, with its answer in the same transaction, and its change is woken", async () => {
    const world = watching();
    order(world, "abort canary odd graphs");
    expect(await hear(world)).toBe(true);
    const text =
      "the lane canary stands still where it is. A deploy that is under way there comes to its end, because half of one is worse; nothing follows it until somebody says `resume`, `promote` or `return`";
    expect(answers(world)).toEqual([[true, text]]);
    expect(world.kept?.rollout.lanes[0]?.halt?.why).toEqual({ kind: "person", by: who, reason: "odd graphs" });
    expect(world.entries).toMatchObject([
      { kind: "rollout-ordered", subject: "pull/3", actor: 9, key: "rollout-ordered:comment/0" },
      { kind: "lane-halted", actor: 9 },
    ]);
    expect([world.woken, world.tells]).toEqual([[3], [[5]]]);
    expect(await hear(world)).toBe(false);
    expect(world.entries).toHaveLength(2);
  });

  it("on a shell wakes nobody", async () => {
    const world = watching();
    order(world, "pause for 2h holidays", { number: null, who: { id: null, name: "root" }, via: "shell" });
    expect(await hear(world)).toBe(true);
    expect(world.woken).toEqual([]);
    expect(world.kept?.rollout.paused).toEqual({
      by: { id: null, name: "root" },
      reason: "holidays",
      at: start.getTime(),
      until: start.getTime() + 120 * minute,
    });
  });

  it("is done in the order in which it was said", async () => {
    const world = watching();
    order(world, "abort smoke");
    order(world, "resume canary");
    order(world, "resume canary");
    await hear(world);
    expect(world.orders.map(({ answer }) => answer?.text.slice(0, 30))).toEqual([
      "the lane canary stands still w",
      "the lane canary goes on from w",
      "refused: the lane canary does ",
    ]);
  });

  it.each<[string, string, (world: RollWorld) => void, string, string]>([
    ["that nobody understands", "abort", () => undefined, "refused: it needs a reason", "Say `abort [LANE] REASON`."],
    [
      "about nothing",
      "abort rest smoke",
      () => undefined,
      "refused: the lane rest has nothing under way",
      "`puppet-gate rollout status` says where each release is.",
    ],
    [
      "before anything was rolled out",
      "abort canary smoke",
      (world) => (world.kept = null),
      "refused: nothing is rolled out here",
      "Name `lanes` in the policy, and PUPPET_GATE_ROLLOUT for the server.",
    ],
    [
      "while the base branch leads nowhere",
      "promote canary looked at the graphs",
      (world) => (world.line = [stepOf("c9")]),
      "refused: main does not lead to c0, where production is: nothing moves until it does",
      "Mend that first.",
    ],
    [
      "too long ago",
      "promote canary looked at the graphs",
      (world) => (world.at = new Date(start.getTime() + 61 * minute)),
      "refused: it was said more than an hour ago, and could not be heard until now",
      "Look again, and say it again if you still mean it.",
    ],
  ])("%s is refused, told the ledger, and changes nothing", async (_, said, change, text, hint) => {
    const world = watching();
    change(world);
    const before = structuredClone(world.kept);
    order(world, said);
    expect(await hear(world)).toBe(false);
    expect(answers(world)).toEqual([[false, text, hint]]);
    expect(world.kept).toEqual(before);
    expect(world.entries).toMatchObject([{ kind: "rollout-refused", subject: "pull/3", actor: 9, key: "rollout-refused:comment/0" }]);
    expect(world.woken).toEqual([3]);
  });

  it.each(["pause for 1d holidays", "abort canary smoke"])("`%s` needs neither git nor GitHub, however late it is heard", async (said) => {
    const world = watching();
    const at = new Date(start.getTime() + 61 * minute);
    world.at = at;
    order(world, said);
    const away = async (): Promise<never> => Promise.reject(new Problem({ code: "git", text: "the remote is away", hint: "" }));
    expect(await hearOrders({ ...world.ports(), openMirror: away }, origin, lease)).toBe(true);
    expect(world.told).toEqual([]);
  });

  it("that goes wider waits for git, and then is done", async () => {
    const world = watching();
    order(world, "promote canary looked at the graphs");
    const away = async (): Promise<never> => Promise.reject(new Problem({ code: "git", text: "the remote is away", hint: "" }));
    expect(await hearOrders({ ...world.ports(), openMirror: away }, origin, lease)).toBe(false);
    expect(answers(world)).toEqual([null]);
    expect(await hear(world)).toBe(true);
    expect(world.kept?.rollout.lanes[0]).toMatchObject({ verified: "c1", stage: null });
  });

  it("over which the gate itself fails is answered and logged, and nobody waits behind it", async () => {
    const world = watching();
    order(world, "promote canary looked at the graphs");
    order(world, "abort canary smoke");
    const wrong = async (): Promise<never> => Promise.reject(new TypeError("a fault"));
    expect(await hearOrders({ ...world.ports(), openMirror: wrong }, origin, lease)).toBe(true);
    expect(world.orders.map(({ answer }) => answer?.ok)).toEqual([false, true]);
    expect(answers(world)[0]).toEqual([
      false,
      "refused: it failed over a fault of the gate",
      "Its log has it. `status` says whether anything was done.",
    ]);
    expect(world.log.lines()[0]).toContain("error: an order failed over a fault of the gate");
  });

  it("is answered, too, by a server that rolls nothing out", async () => {
    const world = watching();
    order(world, "status");
    await refuseOrders(world.ports(), 5, lease);
    expect(answers(world)).toMatchObject([[false, "refused: nothing is rolled out here", expect.anything()]]);
  });
});

describe("56 who goes wider", () => {
  const said = "promote canary looked at the graphs";
  const part = "refused: you had a part in this release";
  const untold = (why: string): string => `refused: whether you had a part in this release is not known: ${why}`;
  const readable = (world: RollWorld): void => void world.contributions.set(7, unknown("GitHub answered 502"));
  it.each<[string, Person, (world: RollWorld) => void, string | null]>([
    ["somebody who had no part in it", dora, () => undefined, null],
    ["who opened the pull request", alice, () => undefined, part],
    ["who wrote a commit", bob, () => undefined, part],
    ["who pushed a fix", carol, () => undefined, part],
    [
      "anybody, where GitHub would not say whose it is",
      dora,
      readable,
      untold("who contributed to #7 can't be told now: GitHub answered 502"),
    ],
    [
      "anybody, where a commit is of no account",
      dora,
      (world) => world.contributions.set(7, known({ number: 7, opener: alice, head: "h1", commits: known([commit("h1", null, bob)]) })),
      untold("who contributed to #7 is not known: x@y, author of h1, belongs to no GitHub account"),
    ],
    [
      "anybody, where nobody knows who pushed it",
      dora,
      (world) => world.pushers.clear(),
      untold("who contributed to #7 is not known: who pushed h1 is unknown: no delivery told of its push"),
    ],
    [
      "anybody, where it was pushed around the gate",
      dora,
      (world) => world.pulls.clear(),
      untold("no pull request is known for c1, so that nobody can tell whose it is; a pull request that takes it back is let in"),
    ],
  ])("%s", async (_, { id, login }, change, refusal) => {
    const world = watching();
    change(world);
    order(world, said, { who: { id, name: login } });
    await hear(world);
    const text = refusal ?? "c1 counts as good in the lane canary, and goes on from there";
    expect(world.orders[0]?.answer?.text.slice(0, text.length)).toBe(text);
    expect(world.kept?.rollout.lanes[0]?.verified).toBe(refusal === null ? "c1" : "c0");
  });

  it("has an account", async () => {
    const world = watching();
    order(world, said, { who: { id: null, name: "root" } });
    await hear(world);
    expect(answers(world)).toMatchObject([[false, untold("nobody knows your GitHub account: name it"), expect.anything()]]);
  });
});

describe("the status", () => {
  it("says where each release is by what the last look saw, and changes nothing", async () => {
    const world = watching();
    await world.look();
    world.entries = [];
    order(world, "status");
    expect(await hear(world)).toBe(false);
    expect(answers(world)).toEqual([
      [
        true,
        "where each release is",
        "canary (production_canary): watches c1 (#7); 0 min of 10 min observed; nodes: 1 silent since before (canary1). It still takes 10 min more, one node that ran it well",
        "rest (production): has c0. 1 merged change waits to enter (#7), until canary is through",
        "Seen just now.",
      ],
    ]);
    expect(world.entries).toEqual([]);
  });

  it("says who waits over whose halt, as text and as a value", async () => {
    const world = watching();
    const seenAt = new Date(start.getTime() - 90 * minute);
    world.seenLine = ["c0", "c1", "c2"].map((sha, at) => ({ sha, place: at, number: at === 0 ? null : at, seenAt, reverts: null }));
    const halt = { why: { kind: "person" as const, by: who, reason: "odd" }, at: 0 };
    const suspects = [{ commit: "c1", number: 1, score: 1, why: [] }];
    world.happened = [
      { at: new Date(start.getTime() - 60 * minute), event: { kind: "halted", lane: "canary", release: "c1", halt, suspects } },
    ];
    order(world, "status");
    await hear(world);
    const answer = world.orders[0]?.answer;
    expect(answer?.lines).toContain("1 change waits for canary, which stands still over #1 (playlist): #2 1 h.");
    expect(answer?.status?.waited).toEqual([
      {
        lane: "canary",
        release: "c1",
        over: [{ number: 1, services: ["playlist"] }],
        from: start.getTime() - 60 * minute,
        to: null,
        changes: [{ number: 2, services: [], minutes: 60, waits: true }],
        minutes: 60,
      },
    ]);
  });
});

describe("a return", () => {
  it("is answered with what it will not undo", async () => {
    const world = watching();
    const ran = { kind: "ran" as const, resource: "Exec[migrate]", attribute: null, versions: null, classes: ["class"] };
    world.predictions.set("c0..c1", { ...classed, stayings: { items: [ran], more: 0 } });
    order(world, "return canary it broke the numbers");
    await hear(world);
    expect(world.kept?.rollout.lanes[0]?.stage).toMatchObject({ way: "back", release: "c0" });
    expect(world.orders[0]?.answer?.lines).toEqual([
      "Going back will not undo this:",
      "Exec[migrate] on 2 nodes: it was run",
      "What programs did with their data meanwhile, no catalog tells.",
    ]);
  });

  it.each([
    ["nobody looked", classed, /^What going back will not undo is not known: /u],
    ["it undoes all", { ...classed, stayings: { items: [], more: 0 } }, /^As far as the catalogs tell, going back undoes all of it\.$/u],
  ])("says so where %s", async (_, prediction, text) => {
    const world = watching();
    world.predictions.set("c0..c1", prediction);
    order(world, "return canary it broke the numbers");
    await hear(world);
    expect(world.orders[0]?.answer?.lines[0]).toMatch(text);
  });
});

it("the status is told while git is away, too", async () => {
  const world = watching();
  order(world, "status");
  const away = async (): Promise<never> => Promise.reject(new Problem({ code: "git", text: "the remote is away", hint: "" }));
  await hearOrders({ ...world.ports(), openMirror: away }, origin, lease);
  expect(answers(world)).toMatchObject([
    [
      true,
      "where each release is",
      "The base branch can't be read: the remote is away",
      expect.anything(),
      expect.anything(),
      "Nothing was looked at yet.",
    ],
  ]);
});

describe("57 a word while a deploy is under way", () => {
  it("is heard, and nothing follows that was decided before", async () => {
    const world = watching();
    world.kept = { rollout: rolloutOf(stageOf({ phase: "moved", readyAt: null })) };
    world.served.set("production_canary", known([]));
    const ports = world.ports();
    const deploy = ports.site.compilers.deploy.bind(ports.site.compilers);
    const rolls = createRolls({
      ...ports,
      forge: { ...ports.forge, explain: () => null, organisationPolicy: async () => known(null) },
      site: {
        ...ports.site,
        compilers: {
          ...ports.site.compilers,
          deploy: async (environment, signal) => {
            // The deploy does not end before the word is obeyed.
            order(world, "abort canary wrong one");
            while (world.orders[0]?.answer === null) await new Promise((resolve) => setTimeout(resolve, 20));
            return deploy(environment, signal);
          },
        },
      },
    });
    await rolls.perform({ queue: "roll", id: "1", data: { repository: 5 }, lease }, new AbortController().signal);
    expect(world.deployed).toEqual(["production_canary"]);
    expect(world.kept?.rollout.lanes[0]).toMatchObject({ stage: { phase: "moved" }, halt: { why: { kind: "person" } } });
  });

  it("before a branch is moved keeps it where it is", async () => {
    const world = watching();
    world.kept = { rollout: rolloutOf(null) };
    world.tips.set("production_canary", "c0");
    const ports = world.ports();
    world.prediction = async () => {
      order(world, "abort canary wrong one");
      return { classes: [] };
    };
    const rolls = createRolls({
      ...ports,
      forge: { ...ports.forge, explain: () => null, organisationPolicy: async () => known(null) },
    });
    await rolls.perform({ queue: "roll", id: "1", data: { repository: 5 }, lease }, new AbortController().signal);
    expect(world.tips.get("production_canary")).toBe("c0");
    expect(world.kept?.rollout.lanes[0]).toMatchObject({ stage: { phase: "intended" }, halt: { why: { kind: "person" } } });
    order(world, "resume canary", { who: { id: 9, name: "sre" } });
    await rolls.perform({ queue: "roll", id: "1", data: { repository: 5 }, lease }, new AbortController().signal);
    expect(world.tips.get("production_canary")).toBe("c1");
  });
});
