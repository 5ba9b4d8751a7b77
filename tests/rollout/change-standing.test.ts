import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { changeStandings, isSettled, type LaneStanding, type Seen } from "../../src/rollout/change-standing.ts";
import type { Halt, LaneState, Stage } from "../../src/rollout/state.ts";
import type { Wait } from "../../src/rollout/waits.ts";

const minute = 60_000;
const now = 1_000 * minute;
const who = { id: 7, name: "sre" };
const halt: Halt = { why: { kind: "person", by: who, reason: "odd" }, at: 500 };
const line = Array.from({ length: 5 }, (_, at) => ({ sha: `c${at}`, number: at, seenAt: at }));

const stage = (release: string, more: Partial<Stage> = {}): Stage => ({
  before: "c0",
  release,
  way: "forward",
  phase: "watched",
  policy: "digest",
  terms: { policy: defaultPolicy.rollout, bakeMinutes: 60, runsPerNode: 1 },
  intendedAt: 0,
  readyAt: 0,
  observedMinutes: 0,
  observedAt: null,
  baseline: "taken",
  seenSince: null,
  ...more,
});
const lane = (name: string, verified: string, more: Partial<LaneState> = {}): LaneState => ({
  lane: name,
  environment: name,
  verified,
  stage: null,
  halt: null,
  let: null,
  ...more,
});
const seen = (lanes: LaneState[], more: Partial<Seen> = {}): Seen => ({
  rollout: { lanes, quarantined: [], paused: null },
  sight: null,
  line,
  waits: [],
  now,
  ...more,
});
const sight = { held: [], waits: null, lanes: {}, manual: [] };
const of = (given: Seen, at: number): LaneStanding[] => changeStandings(given)(at).lanes.map(({ is }) => is);
const wait = (more: Partial<Wait> = {}): Wait => ({
  number: 3,
  lane: "canary",
  release: "c1",
  over: [1],
  from: 100 * minute,
  to: null,
  ...more,
});

/** The line, with what takes back what: pairs of places, the commit and its revert. */
const revertOf = (...places: number[]): Partial<Seen> => ({
  line: line.map((one, at) => {
    const pair = places.findIndex((place, index) => index % 2 === 1 && place === at);
    return { ...one, reverts: pair < 0 ? null : `c${places[pair - 1]}` };
  }),
});
const by4: LaneStanding = { kind: "taken-back", by: { sha: "c4", number: 4 } };

const train = { kind: "waits", for: { kind: "train" } } as const;
const after = (before: string): LaneStanding => ({ kind: "waits", for: { kind: "lane", lane: before } });

describe("where a change is", () => {
  it.each<[string, Seen, number, LaneStanding[]]>([
    ["everywhere", seen([lane("canary", "c3"), lane("rest", "c3")]), 2, [{ kind: "good" }, { kind: "good" }]],
    ["nowhere yet", seen([lane("canary", "c1"), lane("rest", "c1")]), 2, [train, after("canary")]],
    ["through the first", seen([lane("canary", "c2"), lane("rest", "c1")]), 2, [{ kind: "good" }, train]],
    ["entering", seen([lane("canary", "c1", { stage: stage("c2", { phase: "intended" }) })]), 2, [{ kind: "entering" }]],
    ["deployed", seen([lane("canary", "c1", { stage: stage("c3", { phase: "moved" }) })]), 2, [{ kind: "deploying" }]],
    ["watched", seen([lane("canary", "c1", { stage: stage("c3") })]), 2, [{ kind: "watched", minutes: 0, of: 60 }]],
    ["good already, while a later one is watched", seen([lane("canary", "c2", { stage: stage("c3") })]), 2, [{ kind: "good" }]],
    ["behind the one that is watched", seen([lane("canary", "c1", { stage: stage("c2") })]), 3, [train]],
    [
      "in a lane that stands still",
      seen([lane("canary", "c1", { stage: stage("c3"), halt })]),
      2,
      [{ kind: "halted", why: halt.why, at: 500 }],
    ],
    ["on its way back", seen([lane("canary", "c1", { stage: stage("c1", { way: "back", before: "c3" }) })]), 2, [{ kind: "going-back" }]],
    [
      "good, where later ones go back to it",
      seen([lane("canary", "c2", { stage: stage("c2", { way: "back", before: "c3" }) })]),
      2,
      [{ kind: "good" }],
    ],
    ["behind what goes back", seen([lane("canary", "c1", { stage: stage("c1", { way: "back", before: "c2" }) })]), 3, [train]],
    [
      "waiting for a lane that stands still over another",
      seen([lane("canary", "c0", { stage: stage("c1"), halt })], { waits: [wait()] }),
      3,
      [{ kind: "waits", for: { kind: "halt", over: [1], since: 100 * minute } }],
    ],
    [
      "waiting for a lane of which nothing was counted yet",
      seen([lane("canary", "c0", { stage: stage("c1"), halt })], { waits: [wait({ to: 5 }), wait({ lane: "rest" }), wait({ number: 4 })] }),
      3,
      [{ kind: "waits", for: { kind: "halt", over: [], since: 500 } }],
    ],
    [
      "in quarantine",
      {
        ...seen([lane("canary", "c1")]),
        rollout: { lanes: [lane("canary", "c1")], quarantined: [{ commit: "c3", lane: "canary", at: 0 }], paused: null },
      },
      3,
      [{ kind: "waits", for: { kind: "quarantine" } }],
    ],
    [
      "paused",
      {
        ...seen([]),
        rollout: { lanes: [lane("canary", "c1")], quarantined: [], paused: { by: who, reason: "odd", at: 0, until: now + 1 } },
      },
      3,
      [{ kind: "waits", for: { kind: "pause", by: "sre", until: now + 1 } }],
    ],
    [
      "paused until a while ago",
      { ...seen([]), rollout: { lanes: [lane("canary", "c1")], quarantined: [], paused: { by: who, reason: "odd", at: 0, until: now } } },
      3,
      [train],
    ],
    [
      "held",
      seen([lane("canary", "c1")], { sight: { ...sight, held: ["a freeze", "another"] } }),
      3,
      [{ kind: "waits", for: { kind: "held", why: "a freeze" } }],
    ],
    [
      "waiting for a word",
      seen([lane("canary", "c1")], { sight: { ...sight, manual: ["canary"] } }),
      3,
      [{ kind: "waits", for: { kind: "word" } }],
    ],
    ["let in", seen([lane("canary", "c1", { let: { release: "c3", by: who } })], { sight: { ...sight, manual: ["canary"] } }), 3, [train]],
    [
      "taken back, in a lane that has what takes it back",
      seen([lane("canary", "c4"), lane("rest", "c3")], revertOf(2, 4)),
      2,
      [by4, { kind: "good" }],
    ],
    ["taken back everywhere", seen([lane("canary", "c4"), lane("rest", "c4")], revertOf(2, 4)), 2, [by4, by4]],
    ["taken back before it ever came there", seen([lane("canary", "c1", { stage: stage("c4") })], revertOf(2, 4)), 2, [by4]],
    [
      "not taken back yet, where the branch has not moved",
      seen([lane("canary", "c1", { stage: stage("c4", { phase: "intended" }) })], revertOf(2, 4)),
      2,
      [{ kind: "entering" }],
    ],
    [
      "there still, where the lane that takes it back stands still before it has that",
      seen([lane("canary", "c2", { stage: stage("c4", { phase: "intended", before: "c2" }), halt })], revertOf(2, 4)),
      2,
      [{ kind: "good" }],
    ],
    ["there again, where what took it back was taken back", seen([lane("canary", "c4")], revertOf(1, 3, 3, 4)), 1, [{ kind: "good" }]],
    [
      "gone where its lane went back, and taken back by nothing",
      {
        ...seen([lane("canary", "c1")], revertOf(4, 4)),
        rollout: { lanes: [lane("canary", "c1")], quarantined: [{ commit: "c2", lane: "canary", at: 0 }], paused: null },
      },
      2,
      [{ kind: "waits", for: { kind: "quarantine" } }],
    ],
    ["behind all that is known of", seen([lane("canary", "older", { stage: stage("older") })]), 0, [train]],
  ])("%s", (_, given, at, expected) => {
    expect(of(given, at)).toEqual(expected);
  });

  it.each([
    [0, 0],
    [14.9, 0],
    [15, 15],
    [44, 30],
    [59, 45],
    [60, 60],
    [500, 60],
  ])("is told in quarters: %d minutes as %d", (observedMinutes, minutes) => {
    expect(of(seen([lane("canary", "c1", { stage: stage("c3", { observedMinutes }) })]), 2)).toEqual([
      { kind: "watched", minutes, of: 60 },
    ]);
  });

  it("is told without minutes where nobody knows yet how many it takes", () => {
    expect(of(seen([lane("canary", "c1", { stage: stage("c3", { terms: null }) })]), 2)).toEqual([
      { kind: "watched", minutes: 0, of: null },
    ]);
  });

  it("is settled once it is good in every lane", () => {
    const standingAt = changeStandings(seen([lane("canary", "c3"), lane("rest", "c2")]));
    expect([isSettled(standingAt(2)), isSettled(standingAt(3))]).toEqual([true, false]);
  });

  it.each<[string, string[], number[], boolean, number | undefined]>([
    ["good everywhere, and taken back on the base branch", ["c3", "c3"], [2, 4], false, 4],
    ["taken back in one lane", ["c4", "c3"], [2, 4], false, 4],
    ["taken back in all of them", ["c4", "c4"], [2, 4], true, 4],
    ["there again", ["c4", "c4"], [1, 3, 3, 4], true, undefined],
  ])("is settled or not where it is %s", (_, verified, reverts, settled, by) => {
    const lanes = verified.map((sha, at) => lane(`lane${at}`, sha));
    const standing = changeStandings(seen(lanes, revertOf(...reverts)))(reverts[0] ?? 0);
    expect([isSettled(standing), standing.takenBack?.number]).toEqual([settled, by]);
  });

  it("sums up what it waited for others, longest first, without what is hardly worth it", () => {
    const waits = [
      wait({ from: 0, to: 10 * minute }),
      wait({ from: 20 * minute, to: 25 * minute }),
      wait({ lane: "rest", over: [2], from: 0, to: 30 * minute }),
      wait({ lane: "lon", from: 0, to: 4 * minute }),
      wait({ number: 4, from: 0, to: 90 * minute }),
      wait({ lane: "open" }),
    ];
    expect(changeStandings(seen([lane("canary", "c3")], { waits }))(3).waited).toEqual([
      { lane: "rest", over: [2], minutes: 30 },
      { lane: "canary", over: [1], minutes: 15 },
    ]);
  });
});
