import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/policy/known.ts";
import type { RolloutCommand } from "../../src/rollout/obey.ts";
import { minute } from "./time.ts";
import { laneOf, look, merge, pass, perform, say, told, type World, worldOf } from "./world.ts";

/** canary, lon and rest, and where the first of them is with c1. */
const phases = {
  idle: (): World => worldOf("canary", "lon", "rest"),
  intended: (): World => {
    const world = phases.idle();
    merge(world);
    look(world);
    return world;
  },
  moved: (): World => {
    const world = phases.intended();
    world.undeployed.add("c1");
    for (const effect of look(world)) perform(world, effect);
    look(world);
    return world;
  },
  watched: (): World => {
    const world = phases.intended();
    pass(world, 3);
    return world;
  },
  halted: (): World => {
    const world = phases.watched();
    world.says.set("c1", "bad");
    look(world);
    return world;
  },
  aborted: (): World => {
    const world = phases.watched();
    say(world, { kind: "abort", lane: "canary", reason: "smoke" });
    return world;
  },
  elsewhere: (): World => {
    const world = phases.watched();
    world.tips.set("canary", "somebody's");
    look(world);
    return world;
  },
  "off the line": (): World => {
    const world = phases.watched();
    world.line.pop();
    look(world);
    return world;
  },
  "not in the policy": (): World => {
    const world = phases.watched();
    world.lanes = world.lanes.slice(1);
    look(world);
    return world;
  },
  returning: (): World => {
    const world = phases.halted();
    say(world, { kind: "return", lane: "canary", commits: ["c1"], reason: "bad" });
    return world;
  },
};
type Phase = keyof typeof phases;

const reason = "because";
const by = { id: 7, name: "sre" };
const commands = {
  resume: { kind: "resume", lane: "canary" },
  promote: { kind: "promote", lane: "canary", release: null, reason },
  abort: { kind: "abort", lane: "canary", reason },
  return: { kind: "return", lane: "canary", commits: [], reason },
} satisfies Record<string, RolloutCommand>;

const each = "`puppet-gate rollout status` says where each release is.";
const nothing = `the lane canary has nothing under way. ${each}`;
const still = "the lane canary stands still already. `puppet-gate rollout status` says why.";
const goes = "the lane canary does not stand still. `puppet-gate rollout status` says why a lane waits.";
const undeployed =
  "the release is not deployed in the lane canary yet. Wait until every compiler serves it; `resume` goes on after an abort.";
const leaving =
  "the lane canary is on its way back to c0, since somebody said so or the policy does. `puppet-gate rollout status` says why; `unquarantine` lets later releases bring along again what was taken back.";
const byFleet = "the fleet's own runs stopped the lane canary. Say `promote` or `return`, or land what takes the change back.";
const moved = "the branch of canary is not where the gate put it. Put it back, and say `resume`.";
const off = "the base branch does not lead to c1 any more. Put the base branch back, and say `resume`.";
const gone = "the policy has no lane canary any more. Put it back into the policy: then it goes on.";
const nowhere = `the lane canary has nothing to return from. ${each}`;
const nobody = `nothing waits to enter the lane canary. ${each}`;

const table: Record<Phase, Record<keyof typeof commands, string | null>> = {
  idle: { resume: goes, promote: nobody, abort: nothing, return: nowhere },
  intended: { resume: goes, promote: undeployed, abort: null, return: null },
  moved: { resume: goes, promote: undeployed, abort: null, return: null },
  watched: { resume: goes, promote: null, abort: null, return: null },
  halted: { resume: byFleet, promote: null, abort: still, return: null },
  aborted: { resume: null, promote: null, abort: still, return: null },
  elsewhere: { resume: null, promote: moved, abort: still, return: null },
  "off the line": { resume: null, promote: off, abort: still, return: null },
  "not in the policy": { resume: gone, promote: gone, abort: still, return: null },
  returning: { resume: goes, promote: leaving, abort: null, return: nowhere },
};

describe("every word in every phase", () => {
  const rows = (Object.keys(table) as Phase[]).flatMap((phase) =>
    (Object.keys(commands) as Array<keyof typeof commands>).map((word) => ({ phase, word, answer: table[phase][word] })),
  );
  it.each(rows)("$phase: $word", ({ phase, word, answer }) => {
    const world = phases[phase]();
    const before = structuredClone(world.rollout);
    expect(say(world, commands[word])).toBe(answer);
    const isSame = JSON.stringify(world.rollout) === JSON.stringify(before);
    expect(isSame).toBe(answer !== null);
  });
});

describe("going wider or around takes a second person", () => {
  const quarantined = (): World => {
    const world = phases.returning();
    pass(world, 30);
    return world;
  };
  const words: ReadonlyArray<readonly [RolloutCommand, () => World]> = [
    [commands.promote, phases.watched],
    [commands.resume, phases.aborted],
    [commands.return, phases.watched],
    [{ kind: "unquarantine", commit: "c1", reason }, quarantined],
  ];
  it.each(words)("%j", (command, phase) => {
    const world = phase();
    expect(say(world, command, known(true))).toBe(
      "you had a part in this release. Ask somebody who had none: going wider or around takes a second person.",
    );
    expect(say(world, command, unknown("GitHub does not answer"))).toBe(
      "whether you had a part in this release is not known: GitHub does not answer. Try again in a minute.",
    );
    expect(say(world, command)).toBeNull();
  });

  it("stopping takes anybody", () => {
    expect(say(phases.watched(), commands.abort, known(true))).toBeNull();
    const world = phases.watched();
    expect(say(world, { kind: "pause", until: world.now + minute, reason }, known(true))).toBeNull();
    expect(say(world, { kind: "resume", lane: null }, known(true))).toBeNull();
  });
});

describe("what becomes of it", () => {
  it("a lane that nobody knows", () => {
    expect(say(phases.idle(), { kind: "abort", lane: "prod", reason })).toBe("there is no lane prod. The lanes are canary, lon, rest.");
  });

  it("a lane that somebody took back by hand while nobody looked, as docs/when-the-gate-is-down.md says", () => {
    const world = phases.watched();
    world.tips.set("canary", "c0");
    look(world);
    expect(laneOf(world, "canary").halt?.why).toEqual({ kind: "moved-elsewhere", tip: "c0" });
    expect(say(world, commands.return)).toBeNull();
    expect(look(world)).toEqual([{ kind: "deploy", lane: "canary", environment: "production_canary", release: "c0" }]);
    expect(laneOf(world, "canary")).toMatchObject({ halt: null, stage: { way: "back", release: "c0", phase: "moved" } });
    expect(world.rollout.quarantined.map(({ commit }) => commit)).toEqual(["c1"]);
  });

  it("a pause that is not cut short by whoever pauses at the same time", () => {
    const world = phases.idle();
    const pause = (minutes: number, why: string): string | null =>
      say(world, { kind: "pause", until: world.now + minutes * minute, reason: why });
    expect(pause(120, "disks")).toBeNull();
    expect(pause(60, "graphs")).toMatch(
      /^it is paused until 2026-\d\d-\d\d \d\d:\d\d UTC already, which is longer, by sre: disks\. Nothing enters/u,
    );
    expect(world.rollout.paused?.reason).toBe("disks");
    expect(pause(180, "both")).toBeNull();
    expect(world.rollout.paused?.reason).toBe("both");
    pass(world, 200);
    expect(pause(1, "later")).toBeNull();
  });

  it("a pause with who, why and until when, and its end", () => {
    const world = phases.idle();
    expect(say(world, { kind: "resume", lane: null })).toBe("nothing is paused. `puppet-gate rollout status` says why a lane waits.");
    expect(say(world, { kind: "pause", until: world.now, reason })).toBe(
      "that pause would be over already. Give an end that is still to come.",
    );
    say(world, { kind: "pause", until: world.now + 1, reason });
    expect(world.rollout.paused).toEqual({ by, reason, at: world.now, until: world.now + 1 });
    expect(world.events.splice(0)).toEqual([{ kind: "paused", by, reason, until: world.now + 1 }]);
    say(world, { kind: "resume", lane: null });
    expect(world.rollout.paused).toBeNull();
    expect(world.events).toEqual([{ kind: "resumed", lane: null, by }]);
  });

  it("an abort with who and why, and going on where it was", () => {
    const world = phases.watched();
    const before = structuredClone(laneOf(world, "canary"));
    told(world);
    say(world, commands.abort);
    expect(laneOf(world, "canary").halt).toEqual({ why: { kind: "person", by: { id: 7, name: "sre" }, reason }, at: world.now });
    expect(told(world)).toEqual(["halted canary c1"]);
    say(world, commands.resume);
    expect(laneOf(world, "canary")).toEqual(before);
    expect(world.events).toEqual([{ kind: "resumed", lane: "canary", by: { id: 7, name: "sre" } }]);
  });

  it("a release that counts as good, with what the fleet said of it", () => {
    const world = phases.halted();
    told(world);
    const why = laneOf(world, "canary").halt?.why;
    say(world, commands.promote);
    expect(laneOf(world, "canary")).toMatchObject({ verified: "c1", stage: null, halt: null });
    expect(world.events).toEqual([
      { kind: "promoted", lane: "canary", release: "c1", by: { id: 7, name: "sre" }, reason },
      { kind: "passed", lane: "canary", release: "c1", verdict: why?.kind === "verdict" ? why.verdict : null },
    ]);
  });

  it("a release that counts as good before its time", () => {
    const world = phases.aborted();
    told(world);
    say(world, commands.promote);
    expect(world.events[1]).toEqual({ kind: "passed", lane: "canary", release: "c1", verdict: { kind: "passed", counts: {} } });
  });

  it("a lane that may be entered", () => {
    const world = phases.idle();
    const release = merge(world);
    expect(say(world, { kind: "promote", lane: "lon", release: null, reason })).toBe(`nothing waits to enter the lane lon. ${each}`);
    say(world, commands.promote);
    expect(laneOf(world, "canary").let).toEqual({ release, by: { id: 7, name: "sre" } });
    expect(world.events).toEqual([{ kind: "let-in", lane: "canary", release, by: { id: 7, name: "sre" }, reason }]);
  });

  it.each([
    ["that is under way", phases.watched, "c1"],
    [
      "that waits to enter",
      (): World => {
        const world = phases.idle();
        merge(world);
        return world;
      },
      "c1",
    ],
  ])("55: a word for another release than the one %s is refused, and one for it is not", (_, phase, release) => {
    const world = phase();
    const before = structuredClone(world.rollout);
    expect(say(world, { ...commands.promote, release: "c0" })).toBe(
      `you meant c0, and in the lane canary it is about ${release} now. Look at that one, and name it if you mean it.`,
    );
    expect(world.rollout).toEqual(before);
    expect(say(world, { ...commands.promote, release })).toBeNull();
  });

  it("a lane beside the line can't return", () => {
    const world = phases.watched();
    world.line.shift();
    expect(say(world, commands.return)).toBe("the base branch does not lead to c0 any more. Put the base branch back, and say `resume`.");
  });
});

describe("a return", () => {
  /** c1 is everywhere, c2 in canary and lon, c3 in canary. */
  const spread = (): World => {
    const world = phases.idle();
    for (const [commit, minutes] of [
      ["c1", 60],
      ["c2", 27],
      ["c3", 3],
    ] as const) {
      expect(merge(world)).toBe(commit);
      pass(world, minutes);
    }
    told(world);
    return world;
  };

  it("takes all lanes back that are further, and only these", () => {
    const world = spread();
    expect(world.rollout.lanes.map(({ verified, stage }) => [verified, stage?.release])).toEqual([
      ["c2", "c3"],
      ["c2", undefined],
      ["c1", "c2"],
    ]);
    expect(say(world, { kind: "return", lane: "lon", commits: [], reason })).toBeNull();
    expect(told(world)).toEqual(["returning canary c2", "quarantined lon c3"]);
    expect(say(world, { kind: "return", lane: "rest", commits: [], reason })).toBeNull();
    expect(world.events).toEqual([
      { kind: "returning", lane: "canary", release: "c1", before: "c2", by, reason },
      { kind: "returning", lane: "lon", release: "c1", before: "c2", by, reason },
      { kind: "returning", lane: "rest", release: "c1", before: "c2", by, reason },
      { kind: "quarantined", lane: "rest", commits: ["c2"], by, reason },
    ]);
    expect(world.rollout.lanes.map(({ stage }) => stage)).toMatchObject([
      {
        before: "c2",
        mayBeAt: ["c3"],
        way: "back",
        phase: "intended",
        intendedAt: world.now,
        readyAt: null,
        observedMinutes: 0,
        observedAt: null,
        seenSince: null,
      },
      { before: "c2", way: "back", policy: "", terms: null, baseline: `c1@${world.now}` },
      { before: "c2", way: "back", policy: "digest", terms: { bakeMinutes: 10 }, baseline: expect.stringMatching(/^c2@/u) as string },
    ]);
    world.events = [];
    pass(world, 20);
    expect(told(world).toSorted()).toEqual(
      ["canary", "lon", "rest"].flatMap((lane) => ["moved", "ready", "returned"].map((kind) => `${kind} ${lane} c1`)).toSorted(),
    );
    expect([...world.tips.values()]).toEqual(["c1", "c1", "c1"]);
  });

  it("puts what is named into quarantine, each once", () => {
    const world = spread();
    say(world, { kind: "return", lane: "rest", commits: ["c3", "c3"], reason });
    expect(world.rollout.quarantined).toEqual([{ commit: "c3", lane: "rest", at: world.now }]);
    pass(world, 60);
    expect([...world.tips.values()]).toEqual(["c2", "c2", "c2"]);
  });

  it("all that goes back, where nothing is named", () => {
    const world = spread();
    merge(world);
    world.rollout = { ...world.rollout, quarantined: [{ commit: "c2", lane: "lon", at: 0 }] };
    say(world, { kind: "return", lane: "rest", commits: [], reason });
    expect(world.rollout.quarantined).toEqual([
      { commit: "c2", lane: "lon", at: 0 },
      { commit: "c3", lane: "rest", at: world.now },
    ]);
    pass(world, 60);
    expect([...world.tips.values()]).toEqual(["c1", "c1", "c1"]);
    expect(say(world, { kind: "unquarantine", commit: "c1", reason })).toBe(
      "c1 is not in quarantine. `puppet-gate rollout status` names what is.",
    );
    say(world, { kind: "unquarantine", commit: "c2", reason });
    pass(world, 60);
    expect([...world.tips.values()]).toEqual(["c2", "c2", "c2"]);
    expect(world.rollout.quarantined.map(({ commit }) => commit)).toEqual(["c3"]);
  });

  it("twice keeps what is in quarantine as it was", () => {
    const world = spread();
    say(world, { kind: "return", lane: "lon", commits: ["c3"], reason });
    const [first] = world.rollout.quarantined;
    world.now += minute;
    say(world, { kind: "return", lane: "rest", commits: [], reason });
    expect(world.rollout.quarantined).toEqual([first, { commit: "c2", lane: "rest", at: world.now }]);
  });

  it("takes no name that does not go back", () => {
    const world = spread();
    expect(say(world, { kind: "return", lane: "rest", commits: ["c2", "c1"], reason })).toBe(
      "c1 is not among the commits that go back. Name some of these: c2, c3; or none for all of them.",
    );
  });

  it("does not wait for a move that is held, and finds the branch wherever it is", () => {
    for (const isMoved of [false, true]) {
      const world = spread();
      merge(world);
      world.now += 200 * minute;
      expect(look(world).map(({ kind }) => kind)).toEqual(["move"]);
      world.held = ["a freeze holds"];
      if (isMoved) world.tips.set("canary", "c4");
      say(world, { kind: "return", lane: "lon", commits: [], reason });
      expect(laneOf(world, "canary").stage).toMatchObject({ before: "c4", mayBeAt: ["c3"] });
      say(world, { kind: "return", lane: "rest", commits: [], reason });
      expect(laneOf(world, "canary").stage).toMatchObject({ before: "c2", mayBeAt: ["c3", "c4"] });
      pass(world, 30);
      expect([...world.tips.values()]).toEqual(["c1", "c1", "c1"]);
      expect(world.rollout.lanes.every(({ halt, stage }) => halt === null && stage === null)).toBe(true);
    }
  });
});
