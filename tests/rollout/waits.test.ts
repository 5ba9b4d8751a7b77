import { describe, expect, it } from "vitest";
import type { Event } from "../../src/rollout/effects.ts";
import type { Halt } from "../../src/rollout/state.ts";
import { type SeenLine, waitsOf } from "../../src/rollout/waits.ts";

const lanes = ["canary", "lon", "rest"];
/** A commit each ten minutes, of pull request 1, 2, …; the first was there before. */
const line: SeenLine = Array.from({ length: 6 }, (_, at) => ({ sha: `c${at}`, number: at === 0 ? null : at, seenAt: at * 10 }));
const who = { id: 7, name: "sre" };
const halt: Halt = { why: { kind: "person", by: who, reason: "odd" }, at: 0 };

type Happened = [at: number, event: Event];
const entered = (at: number, lane: string, release: string): Happened => [at, { kind: "entered", lane, release, before: "", let: null }];
const passed = (at: number, lane: string, release: string): Happened => [
  at,
  { kind: "passed", lane, release, verdict: { kind: "passed", counts: {} } },
];
const halted = (at: number, lane: string, release: string, ...over: number[]): Happened => [
  at,
  {
    kind: "halted",
    lane,
    release,
    halt,
    suspects: over.map((number) => ({ commit: `c${number}`, number, score: 1, why: [] })),
  },
];
const superseded = (at: number, lane: string, release: string, by: string): Happened => [at, { kind: "superseded", lane, release, by }];
const returning = (at: number, lane: string, release: string, before: string): Happened => [
  at,
  { kind: "returning", lane, release, before, by: who, reason: "odd" },
];

/** `#3 for canary over c1 (#1): 30 to 50`. */
const told = (happened: readonly Happened[], of = line): string[] =>
  waitsOf(
    lanes,
    of,
    happened.map(([at, event]) => ({ at, event })),
  ).map(
    ({ number, lane, release, over, from, to }) =>
      `#${number} for ${lane} over ${release} (${over.map((each) => `#${each}`).join(" ")}): ${from} to ${to ?? "now"}`,
  );

describe("waiting over somebody else's release", () => {
  it.each<[string, Happened[], string[]]>([
    ["is nobody's where nothing stands still", [entered(11, "canary", "c1"), passed(40, "canary", "c1"), entered(41, "lon", "c1")], []],
    [
      "is that of whatever landed later, from when it did, until now",
      [entered(11, "canary", "c1"), halted(25, "canary", "c1", 1)],
      [
        "#2 for canary over c1 (#1): 25 to now",
        "#3 for canary over c1 (#1): 30 to now",
        "#4 for canary over c1 (#1): 40 to now",
        "#5 for canary over c1 (#1): 50 to now",
      ],
    ],
    [
      "ends where a later release enters",
      [entered(11, "canary", "c1"), halted(15, "canary", "c1", 1), superseded(45, "canary", "c1", "c4"), entered(45, "canary", "c4")],
      ["#2 for canary over c1 (#1): 20 to 45", "#3 for canary over c1 (#1): 30 to 45", "#4 for canary over c1 (#1): 40 to 45"],
    ],
    [
      "ends where a person takes it for good",
      [
        entered(11, "canary", "c1"),
        halted(15, "canary", "c1"),
        [27, { kind: "promoted", lane: "canary", release: "c1", by: who, reason: "odd" }],
        passed(27, "canary", "c1"),
      ],
      ["#2 for canary over c1 (): 20 to 27"],
    ],
    [
      "ends where a person has it go on",
      [entered(11, "canary", "c1"), halted(15, "canary", "c1"), [23, { kind: "resumed", lane: "canary", by: who }]],
      ["#2 for canary over c1 (): 20 to 23"],
    ],
    [
      "goes on where the pause of all lanes is over",
      [entered(11, "canary", "c4"), halted(45, "canary", "c4"), [48, { kind: "resumed", lane: null, by: null }]],
      ["#5 for canary over c4 (): 50 to now"],
    ],
    [
      "ends where the lane goes back",
      [entered(11, "canary", "c1"), halted(15, "canary", "c1", 1), returning(35, "canary", "c0", "c1")],
      ["#2 for canary over c1 (#1): 20 to 35", "#3 for canary over c1 (#1): 30 to 35"],
    ],
    [
      "begins for a later lane when it was found good in the one before",
      [
        entered(11, "canary", "c1"),
        passed(12, "canary", "c1"),
        entered(13, "lon", "c1"),
        halted(15, "lon", "c1", 1),
        entered(21, "canary", "c2"),
        passed(24, "canary", "c2"),
        superseded(60, "lon", "c1", "c2"),
        entered(60, "lon", "c2"),
      ],
      ["#2 for lon over c1 (#1): 24 to 60"],
    ],
    [
      "is counted anew where the same stands still again",
      [
        entered(11, "canary", "c1"),
        halted(15, "canary", "c1"),
        [21, { kind: "resumed", lane: "canary", by: who }] as Happened,
        halted(25, "canary", "c1"),
        [26, { kind: "resumed", lane: "canary", by: who }],
      ],
      ["#2 for canary over c1 (): 20 to 21", "#2 for canary over c1 (): 25 to 26"],
    ],
    [
      "is nobody's of the release itself, nor of a lane without one",
      [entered(55, "canary", "c5"), halted(56, "canary", "c5", 5), [57, { kind: "halted", lane: "lon", release: null, halt }]],
      [],
    ],
    ["is nobody's in a lane that there is not", [halted(15, "gone", "c1", 1)], []],
  ])("%s", (_, happened, expected) => {
    expect(told(happened)).toEqual(expected);
  });

  it("is that of pull requests alone", () => {
    const pushed = line.map((one) => ({ ...one, number: null }));
    expect(told([entered(11, "canary", "c1"), halted(15, "canary", "c1")], pushed)).toEqual([]);
  });
});
