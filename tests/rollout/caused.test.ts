import { describe, expect, it } from "vitest";
import { causedWaits } from "../../src/rollout/caused.ts";
import { waitedTexts } from "../../src/rollout/waited-words.ts";
import type { Wait } from "../../src/rollout/waits.ts";

const minute = 60_000;
const now = 10_000 * minute;
const reached = new Map([
  [1, { services: ["playlist"], teams: ["acme/playlist"] }],
  [2, { services: ["search", "ads", "web", "dns"], teams: [] }],
]);
/** From so many minutes ago until so many minutes ago. */
const wait = (number: number, from: number, to: number | null, more: Partial<Wait> = {}): Wait => ({
  number,
  lane: "canary",
  release: "c1c1c1c1c1c1c1",
  over: [1],
  from: now - from * minute,
  to: to === null ? null : now - to * minute,
  ...more,
});
const told = (waits: readonly Wait[], days = 5_000): string[] =>
  waitedTexts(causedWaits(waits, { since: now - days * minute, now, reached }));

describe("waiting that a halt caused others", () => {
  it.each<[string, Wait[], string[]]>([
    ["is not told where there was none", [], []],
    ["is not told where it was hardly worth it", [wait(2, 10.5, 10)], []],
    [
      "lasts, with whose it is, who waits and how long",
      [wait(2, 125, null), wait(3, 60, null)],
      ["2 changes wait for canary, which stands still over #1 (playlist): #2 (search, ads, web) 2 h 5 min, #3 1 h."],
    ],
    [
      "is over, what cost most first",
      [
        wait(2, 100, 90),
        wait(2, 80, 70, { lane: "rest", release: "c4", over: [4] }),
        wait(3, 80, 70, { lane: "rest", release: "c4", over: [4] }),
      ],
      [
        "In the last 30 days changes waited 30 min in all over others' halts: #4 in rest, 20 min of #2 (search, ads, web) 10 min, #3 10 min; #1 (playlist) in canary, 10 min of #2 (search, ads, web) 10 min.",
      ],
    ],
    [
      "is summed up for who waited twice over the same",
      [wait(3, 100, 90), wait(3, 50, null)],
      ["1 change waits for canary, which stands still over #1 (playlist): #3 1 h."],
    ],
    [
      "is told by the commit where nothing points to a pull request",
      [wait(3, 100, null, { over: [] })],
      ["1 change waits for canary, which stands still over c1c1c1c1c1: #3 1 h 40 min."],
    ],
    [
      "names five of many, and three of many halts",
      [
        ...[11, 12, 13, 14, 15, 16, 17].map((number) => wait(number, 30, null)),
        ...[1, 2, 3, 4].map((each) => wait(20, 200, 200 - 10 * each, { release: `d${each}`, over: [] })),
      ],
      [
        "7 changes wait for canary, which stands still over #1 (playlist): #11 30 min, #12 30 min, #13 30 min, #14 30 min, #15 30 min and 2 more.",
        "In the last 30 days changes waited 1 h 40 min in all over others' halts: d4 in canary, 40 min of #20 40 min; d3 in canary, 30 min of #20 30 min; d2 in canary, 20 min of #20 20 min and 1 more.",
      ],
    ],
  ])("%s", (_, waits, expected) => {
    expect(told(waits)).toEqual(expected);
  });

  it("counts only what lies in the time that is asked about", () => {
    const [one] = causedWaits([wait(2, 100, 40), wait(3, 100, 60)], { since: now - 50 * minute, now, reached });
    expect(one).toEqual({
      lane: "canary",
      release: "c1c1c1c1c1c1c1",
      over: [{ number: 1, services: ["playlist"], teams: ["acme/playlist"] }],
      from: now - 50 * minute,
      to: now - 40 * minute,
      changes: [{ number: 2, services: ["search", "ads", "web", "dns"], minutes: 10, waits: false }],
      minutes: 10,
    });
  });

  it("asked until a moment of the past leaves out what came later, and lets what ended later wait still", () => {
    const until = now - 80 * minute;
    const [one, ...more] = causedWaits([wait(2, 100, 40), wait(3, 60, 50)], { since: now - 90 * minute, now: until, reached });
    expect(more).toEqual([]);
    expect(one).toMatchObject({ from: now - 90 * minute, to: null, minutes: 10, changes: [{ number: 2, minutes: 10, waits: true }] });
  });
});
