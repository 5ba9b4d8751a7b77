import { describe, expect, it } from "vitest";
import { known, unknown } from "../../../src/policy/known.ts";
import { Problem } from "../../../src/problem.ts";
import { lanes, member, minute, rolloutOf, RollWorld, runOf, stageOf, start, stepOf } from "./world.ts";

const pushes = ({ asked }: RollWorld): string[] => asked.filter((what) => what.startsWith("push "));
/** How each node ended is an entry of its own, beside what happened. */
const events = ({ entries }: RollWorld): string[] =>
  entries.flatMap(({ kind, subject }) => (kind === "lane-nodes" ? [] : [`${kind} ${subject}`]));
const warned = ({ log }: RollWorld): string[] => log.lines().filter((line) => line.startsWith("warn: "));
const problem = new Problem({ code: "git", text: "the remote is away", hint: "Bring it back." });

/** At rest at c0, while the base branch is at c1. */
function resting(): RollWorld {
  const world = new RollWorld();
  world.kept = { rollout: rolloutOf(null) };
  return world;
}
/** Whose first lane has c1 on its branch, and is watched. */
function watching(phase: "moved" | "watched" = "watched"): RollWorld {
  const world = resting();
  world.kept = { rollout: rolloutOf(stageOf({ phase, readyAt: phase === "moved" ? null : start.getTime() })) };
  world.tips.set("production_canary", "c1");
  return world;
}

describe("a look", () => {
  it.each<[string, (world: RollWorld) => void, object]>([
    [
      "without knowing whether the organisation has a policy",
      (world) => (world.organisation = unknown("GitHub does not answer")),
      { kind: "waits", why: "whether the organisation has a policy can't be told now: GitHub does not answer", hint: null },
    ],
    [
      "at a policy without lanes",
      (world) => {
        world.kept = null;
        world.policy = { ...world.policy, lanes: [] };
      },
      { kind: "no-lanes" },
    ],
    [
      "at a policy that had lanes, all of which have the same",
      (world) => {
        world.kept = { rollout: rolloutOf(null) };
        world.policy = { ...world.policy, lanes: [] };
      },
      { kind: "no-lanes" },
    ],
    [
      "at a policy that had lanes, one of which has a release under way",
      (world) => {
        world.kept = { rollout: rolloutOf(stageOf()) };
        world.policy = { ...world.policy, lanes: [] };
      },
      { kind: "waits", why: "the policy has no lanes any more", hint: "Put them back until all of them have the same release." },
    ],
    [
      "at a base branch that does not lead on",
      (world) => (world.line = [stepOf("c1")]),
      { kind: "waits", why: "main does not lead to c0, where production is: nothing moves until it does", hint: null },
    ],
    [
      "at the first, whose lanes can't be begun with",
      (world) => {
        world.kept = null;
        world.tips.delete("production_canary");
      },
      {
        kind: "waits",
        why: "the lane canary has no branch",
        hint: "Make production_canary at the commit that the last lane has.",
      },
    ],
  ])("%s keeps and does nothing", async (_, change, expected) => {
    const world = resting();
    change(world);
    const before = structuredClone(world.kept);
    expect(await world.look()).toEqual(expected);
    expect([world.kept, world.assigned, world.entries, pushes(world)]).toEqual([before, [], [], []]);
    expect(world.closed).toBe(world.opened);
  });

  it("over which something is away waits, and says for what", async () => {
    const world = resting();
    world.line = new Proxy([], {
      get: () => {
        throw problem;
      },
    });
    expect(await world.look()).toEqual({ kind: "waits", why: "the remote is away", hint: "Bring it back." });
    expect(world.closed).toBe(1);
  });

  it("over which the gate itself is wrong is thrown, and so is all that comes of an end", async () => {
    const [wrong, ended] = [resting(), resting()];
    wrong.prediction = async () => Promise.reject(new Error("a fault"));
    await expect(wrong.look()).rejects.toThrow("a fault");
    const controller = new AbortController();
    Object.defineProperty(ended, "tips", {
      get: () => {
        controller.abort(new Error("the server stops"));
        throw problem;
      },
    });
    await expect(ended.look(controller.signal)).rejects.toThrow("the remote is away");
    expect([wrong.closed, ended.closed]).toEqual([1, 1]);
  });

  it("that is ended keeps what was decided, and does nothing of it", async () => {
    const world = resting();
    await expect(world.look(AbortSignal.abort(new Error("the server stops")))).rejects.toThrow("the server stops");
    expect(world.kept?.rollout.lanes[0]?.stage).toMatchObject({ phase: "intended", release: "c1" });
    expect(world.predicted).toEqual([]);
  });

  it("at first takes the lanes as they are, by the policy of the base branch", async () => {
    const world = resting();
    world.kept = null;
    world.line = [stepOf("c0")];
    expect(await world.look()).toEqual({ kind: "looked", rollout: rolloutOf(null), held: [], isDone: false });
    expect(world.surveyed).toMatchObject([{ repository: 5, commit: "c0", organisation: null }]);
    expect(world.kept).toEqual({ rollout: rolloutOf(null) });
    expect(world.assigned).toEqual([
      [
        ["canary", ["canary1"]],
        ["rest", ["web1"]],
      ],
    ]);
  });

  it("is governed by the policy that the last lane has, as the organisation's has it", async () => {
    const world = resting();
    world.organisation = known({ path: "acme/.github/puppet-gate.yml", text: "version: 1\n" });
    world.line.push(stepOf("c2"));
    expect(await world.look()).toMatchObject({ kind: "looked", held: [] });
    const organisation = { path: "acme/.github/puppet-gate.yml", text: "version: 1\n" };
    expect(world.surveyed).toMatchObject([{ commit: "c0", organisation }]);
    expect(world.predicted).toMatchObject([{ repository: 5, before: "c0", organisation }]);
  });

  it("at the first of which lanes are further than the base's policy governs nothing that brings it", async () => {
    const world = resting();
    world.kept = null;
    const looked = await world.look();
    const text = "the policy was read at c1, which the lane rest does not have yet";
    const hint = "The policy that was carried out last governs: a change may not loosen its own rollout.";
    expect(looked).toMatchObject({ held: [`${text}: ${hint}`], isDone: false });
    expect(pushes(world)).toEqual([]);
  });
});

describe("what holds a release", () => {
  const freeze = (binding: boolean) => ({
    name: "year end",
    reason: "books are closed",
    binding,
    when: { from: "2026-11-22T00:00:00Z", to: "2026-11-23T00:00:00Z" },
  });
  const service = { ...({} as RollWorld["policy"]["services"][number]), name: "web", lanePercent: 10 };
  it.each<[string, (world: RollWorld) => void, string[], boolean]>([
    ["nothing", () => undefined, [], true],
    ["a lane without a node", (world) => (world.members = [member("web1")]), ["the lane canary has no node"], false],
    [
      "too many of a service in one lane",
      (world) => {
        world.policy = { ...world.policy, services: [service] };
        world.members = ["canary1", "web1", "web2"].map((name) => ({ ...member(name), services: known(["web"]) }));
      },
      ["the lane rest holds 2 of the 3 nodes of web, which allows 10 percent in one"],
      true,
    ],
    [
      "a binding freeze",
      (world) => (world.policy = { ...world.policy, freezes: [freeze(true)] }),
      ["freeze year end holds until 2026-11-23 00:00 UTC: books are closed"],
      true,
    ],
    ["no freeze that does not bind", (world) => (world.policy = { ...world.policy, freezes: [freeze(false)] }), [], true],
  ])("is %s", async (_, change, held, isAssigned) => {
    const world = resting();
    change(world);
    const looked = await world.look();
    expect(looked).toMatchObject({ kind: "looked", isDone: held.length === 0 });
    expect(looked.kind === "looked" && looked.held).toEqual(held);
    expect(pushes(world)).toHaveLength(held.length === 0 ? 1 : 0);
    expect(world.assigned).toHaveLength(isAssigned ? 1 : 0);
  });
});

describe("a release", () => {
  it("enters once it is kept what it will be judged by, each part once", async () => {
    const world = resting();
    world.runs = [runOf("canary1", { producedAt: start.getTime() - 1 }), runOf("web1", { producedAt: start.getTime() - 1 })];
    expect(await world.look()).toMatchObject({ kind: "looked", isDone: true });
    expect(world.asked.slice(1)).toEqual([
      "saveRollout",
      "predict",
      "savePrediction",
      "since production_canary",
      "saveBaseline",
      "push production_canary c0..c1",
    ]);
    expect(world.sinces).toEqual([{ environment: "production_canary", since: start.getTime() - 2 * 20 * minute }]);
    expect([...world.predictions.keys()]).toEqual(["c0..c1"]);
    const [[name, taken] = []] = world.baselines;
    expect(name).toBe(`canary c1@${start.getTime()}`);
    expect(taken).toMatchObject({ canary1: { reported: true, runs: 1 } });
    expect(Object.keys(taken ?? {})).toEqual(["canary1"]);
    expect(events(world)).toEqual(["lane-entered lane/canary"]);
    expect(world.log.said).toMatchObject([
      { level: "info", message: "rollout: entered", fields: { repository: { id: 5 }, lane: "canary", release: "c1" } },
    ]);

    world.asked = [];
    world.tips.set("production_canary", "c0");
    await world.look();
    expect(world.asked.slice(1)).toEqual(["saveRollout", "push production_canary c0..c1"]);
    expect(events(world)).toEqual(["lane-entered lane/canary"]);
  });

  it("has its lane's nodes taken for what they are when none of them ever ran", async () => {
    const world = resting();
    await world.look();
    expect([...world.baselines.values()]).toMatchObject([{ canary1: { reported: false, runs: 0 } }]);
  });

  it.each<[string, (world: RollWorld) => void, string]>([
    ["what it changes", (world) => (world.prediction = () => Promise.reject(problem)), "the remote is away"],
    ["its lane's nodes", (world) => (world.reports = unknown("PuppetDB does not answer")), "PuppetDB does not answer"],
  ])("does not enter while nobody can tell %s", async (_, change, why) => {
    const world = resting();
    change(world);
    expect(await world.look()).toMatchObject({ kind: "looked", isDone: false });
    expect(pushes(world)).toEqual([]);
    expect(world.baselines.size).toBe(0);
    expect(world.log.said.at(-1)).toMatchObject({
      level: "warn",
      message: `the lane's branch is not moved yet: ${why}`,
      fields: { repository: { id: 5 }, lane: "canary" },
    });
  });

  it.each(["refused", "unclear"] as const)("whose push is %s is looked at again", async (kind) => {
    const world = resting();
    world.outcome = kind === "unclear" ? { kind, text: "the line broke" } : { kind, reason: "other", text: "the line broke" };
    expect(await world.look()).toMatchObject({ kind: "looked", isDone: false });
    expect(world.log.said.at(-1)).toMatchObject({
      level: "warn",
      message: "the lane's branch may not have moved: the line broke",
      fields: { lane: "canary", outcome: world.outcome },
    });
  });

  it("is deployed where its lane's branch has it, and watched once all compilers serve it", async () => {
    const world = resting();
    await world.look();
    expect(await world.look()).toMatchObject({ isDone: true });
    expect(world.deployed).toEqual(["production_canary"]);
    expect(await world.look()).toMatchObject({ isDone: false });
    expect(events(world)).toEqual(["entered", "moved", "ready"].map((kind) => `lane-${kind} lane/canary`));
    expect(world.kept?.rollout.lanes[0]?.stage?.phase).toBe("watched");
    expect(warned(world)).toEqual([]);
  });

  it("whose deploy fails on a compiler is said to, and is not done", async () => {
    const world = watching("moved");
    world.predictions.set("c0..c1", { classes: [] });
    world.baselines.set("canary taken", {});
    world.served.set("production_canary", known([]));
    world.troubles = ["puppet1: no space left", "puppet2: no space left"];
    expect(await world.look()).toMatchObject({ isDone: false });
    expect(warned(world)).toEqual(world.troubles.map((trouble) => `warn: not deployed: ${trouble}`));
    expect(world.log.said.at(-1)?.fields).toMatchObject({ lane: "canary", environment: "production_canary" });
  });

  it("is found good by its own lane's runs, and goes on to the next lane", async () => {
    const world = resting();
    world.runs = [runOf("canary1", { producedAt: start.getTime() - 1 })];
    for (let at = 0; at < 3; at += 1) await world.look();
    for (let passed = 0; passed < 70; passed += 5) {
      world.at = new Date(world.at.getTime() + 5 * minute);
      world.runs.push(runOf("canary1", { producedAt: world.at.getTime() - 1, took: 1000 }));
      await world.look();
    }
    expect(events(world).slice(0, 5)).toEqual([
      ...["entered", "moved", "ready", "passed"].map((kind) => `lane-${kind} lane/canary`),
      "lane-entered lane/rest",
    ]);
    expect(world.predicted).toHaveLength(1);
    expect(Object.keys(world.baselines.get([...world.baselines.keys()][1] ?? "") ?? {})).toEqual(["web1"]);
  });

  it("of which one of two effects fails is not done", async () => {
    const world = watching("moved");
    world.policy = { ...world.policy, lanes };
    const [canary] = rolloutOf(stageOf({ phase: "intended", readyAt: null, before: "c1", release: "c2" })).lanes;
    const rest = { ...rolloutOf(null).lanes[1], stage: stageOf({ phase: "intended", readyAt: null, before: "c0", release: "c1" }) };
    world.line.push(stepOf("c2"));
    world.kept = { rollout: { ...rolloutOf(null), lanes: [canary, rest] as ReturnType<typeof rolloutOf>["lanes"] } };
    let count = 0;
    world.prediction = async () => {
      count += 1;
      if (count === 1) throw problem;
      return { classes: [] };
    };
    expect(await world.look()).toMatchObject({ isDone: false });
    expect(pushes(world)).toHaveLength(1);
  });

  it("has it said which reports of its lane can't be read", async () => {
    const world = watching();
    world.predictions.set("c0..c1", { classes: [] });
    world.baselines.set("canary taken", {});
    world.reports = known({ active: null, unread: new Map([["canary1", "it is no YAML"]]) });
    await world.look();
    expect(world.log.said[0]).toMatchObject({
      message: "a report can't be read: it is no YAML",
      fields: { repository: { id: 5 }, node: "canary1" },
    });
  });
});

describe("a lane that a person had return before its branch was moved", () => {
  const back = { way: "back", before: "c1", release: "c0", mayBeAt: ["c0"] } as const;

  it("is watched by what its nodes are like, and is good in the end", async () => {
    const world = resting();
    world.kept = { rollout: rolloutOf(stageOf({ ...back, phase: "intended", readyAt: null })) };
    world.line = [stepOf("c0")];
    world.line.push(stepOf("c1"));
    world.kept.rollout = { ...world.kept.rollout, quarantined: [{ commit: "c1", lane: "canary", at: 0 }] };
    world.runs = [runOf("canary1", { producedAt: start.getTime() - 1, version: "c0" })];
    for (let at = 0; at < 3; at += 1) await world.look();
    expect([...world.predictions.keys()]).toEqual(["c1..c0"]);
    expect([...world.baselines]).toMatchObject([["canary taken", { canary1: { reported: true, runs: 1 } }]]);
    for (let passed = 0; passed < 70; passed += 5) {
      world.at = new Date(world.at.getTime() + 5 * minute);
      world.runs.push(runOf("canary1", { producedAt: world.at.getTime() - 1, version: "c0" }));
      await world.look();
    }
    expect(events(world)).toEqual(["moved", "ready", "returned"].map((kind) => `lane-${kind} lane/canary`));
    // What a return changes is what the release changed: merged into it, what it had before would change nothing.
    expect(world.predicted).toMatchObject([{ before: "c0", release: "c1" }]);
  });

  it("is no longer judged by runs of after it was ready", async () => {
    const world = watching();
    world.at = new Date(start.getTime() + 10 * minute);
    world.runs = [runOf("canary1", { producedAt: start.getTime() + 1 })];
    await world.look();
    expect([...world.baselines.values()]).toMatchObject([{ canary1: { reported: false, runs: 0 } }]);
    expect(world.sinces[0]).toEqual({ environment: "production_canary", since: start.getTime() - 40 * minute });
  });

  it("waits, and says why, while what it is judged by can't be had", async () => {
    const world = watching();
    world.kept = { rollout: rolloutOf(stageOf({ ...back, before: "c0", release: "c1" })) };
    world.prediction = () => Promise.reject(problem);
    expect(await world.look()).toMatchObject({ kind: "looked" });
    expect(warned(world)).toEqual(["warn: what the lane is judged by is not known yet: the remote is away"]);
    expect(world.kept?.rollout.lanes[0]?.stage?.phase).toBe("watched");
  });

  it("asks for nothing while it stands still", async () => {
    const world = watching();
    const halt = { why: { kind: "person" as const, by: { id: 7, name: "sre" }, reason: "wait" }, at: 0 };
    world.kept = { rollout: rolloutOf(stageOf(), { halt }) };
    await world.look();
    expect(world.predicted).toEqual([]);
  });
});

describe("a deploy that does not come off", () => {
  const frozen = "puppet1: deploying is frozen there (`write_lock` of r10k): Reason: holidays";
  const said = async (world: RollWorld): Promise<readonly string[] | undefined> => {
    await world.look();
    const { undeployed, behind } = world.sight?.lanes["canary"] ?? {};
    return undeployed ?? behind;
  };
  const behind = (): RollWorld => {
    const world = watching("moved");
    world.served.set("production_canary", known([{ compiler: "puppet1", commit: null, why: "its deploy did not end well", modules: [] }]));
    return world;
  };

  it("is tried again with every look, moves nothing, and the status says why until one does", async () => {
    const world = behind();
    expect(await said(world)).toEqual(["puppet1: its deploy did not end well"]);
    world.troubles = [frozen];
    expect(await said(world)).toEqual([frozen]);
    // One that ended well, and that nobody serves all the same, has no more to say than they do.
    world.troubles = [];
    expect(await said(world)).toEqual(["puppet1: its deploy did not end well"]);
    expect(world.deployed).toHaveLength(3);
    world.troubles = [frozen];
    await world.look();
    world.served.delete("production_canary");
    expect(await said(world)).toBeUndefined();
    expect(pushes(world)).toEqual([]);
  });

  it("says it in few words, however many compilers say however much", async () => {
    const world = behind();
    world.troubles = Array.from({ length: 40 }, (_, at) => `puppet${at}: ${"x".repeat(4_000)}`);
    const shown = await said(world);
    expect(shown).toHaveLength(5);
    expect(Math.max(...(shown ?? []).map((text) => text.length))).toBe(300);
  });
});

describe("a share of the fleet", () => {
  const shared = (): RollWorld => {
    const world = resting();
    world.policy = { ...world.policy, lanes: lanes.map((lane, at) => (at === 0 ? { ...lane, members: { percent: 20 } } : lane)) };
    // By their digests: 1217 and 2927 of 10,000.
    world.members = ["web1.example", "db1.example"].map(member);
    return world;
  };
  const inCanary = (world: RollWorld): unknown => (world.assigned.at(-1) as [string, string[]][])[0]?.[1];

  it("is counted when a node is seen first, and kept", async () => {
    const world = shared();
    await world.look();
    expect([...world.buckets]).toEqual([
      ["web1.example", 1217],
      ["db1.example", 2927],
    ]);
    expect(inCanary(world)).toEqual(["web1.example"]);
  });

  it("stays what it was, however nodes are counted later", async () => {
    const world = shared();
    world.buckets.set("db1.example", 1).set("web1.example", 9_999);
    await world.look();
    expect([...world.buckets.values()]).toEqual([1, 9_999]);
    expect(inCanary(world)).toEqual(["db1.example"]);
  });

  it("is asked of nobody where no lane has one", async () => {
    const world = resting();
    await world.look();
    expect(world.buckets.size).toBe(0);
  });
});

describe("2 another controller", () => {
  /** Somebody else looks at the same, and does first what this one was about to do. */
  class Doubled extends RollWorld {
    override mirror(): ReturnType<RollWorld["mirror"]> {
      const mirror = super.mirror();
      return { ...mirror, push: async (move) => (await mirror.push(move), mirror.push(move)) };
    }
  }
  it("that moved the branch already is no harm: this one's move is refused, and the next look finds it moved", async () => {
    const world = new Doubled();
    world.kept = { rollout: rolloutOf(null) };
    await world.look();
    expect(pushes(world)).toEqual(["push production_canary c0..c1", "push production_canary c0..c1"]);
    expect(warned(world)).toEqual(["warn: the lane's branch may not have moved: it is elsewhere"]);
    await world.look();
    expect(world.kept?.rollout.lanes[0]).toMatchObject({ halt: null, stage: { phase: "moved", release: "c1" } });
    expect(events(world)).toEqual(["lane-entered lane/canary", "lane-moved lane/canary"]);
  });
});
