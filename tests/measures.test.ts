import { describe, expect, it } from "vitest";
import type { Entry, EntryKind } from "../src/ledger/entry.ts";
import type { Told } from "../src/ledger/questions/trail.ts";
import { byName, byWeek, weekOf } from "../src/measures/groups.ts";
import type { MeasuredChange, MeasuredRelease } from "../src/measures/rows.ts";
import { spreadOf } from "../src/measures/spread.ts";
import { stepsOf, type Step } from "../src/measures/steps.ts";
import { summaryOf } from "../src/measures/summary.ts";

const hour = 3_600_000;
const day = 24 * hour;
/** A Monday. */
const start = Date.parse("2026-11-02T00:00:00Z");
const period = { from: start, to: start + 14 * day };
const assumed = { minutes: 30, hours: 10 };

const change = (more: Partial<MeasuredChange>): MeasuredChange => ({
  number: 1,
  openedAt: start,
  reviewedAt: null,
  landedAt: null,
  everywhereAt: null,
  own: null,
  glass: false,
  outside: false,
  services: [],
  teams: [],
  ...more,
});
const release = (more: Partial<MeasuredRelease>): MeasuredRelease => ({
  release: "r",
  enteredAt: start,
  failedAt: null,
  restoredAt: null,
  doneAt: null,
  revertedAt: null,
  hotfixedAt: null,
  services: [],
  teams: [],
  ...more,
});
const summary = (changes: Partial<MeasuredChange>[], releases: Partial<MeasuredRelease>[] = []): ReturnType<typeof summaryOf> =>
  summaryOf({ changes: changes.map(change), releases: releases.map(release) }, period, assumed);

describe("a spread", () => {
  it.each<[string, number[], number | null, number | null]>([
    ["of nothing is nothing", [], null, null],
    ["of one is that", [7], 7, 7],
    ["of two has the lower as its median", [9, 1], 1, 9],
    ["of ten has the ninth", [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 5, 9],
  ])("%s", (_name, durations, median, ninth) => {
    expect(spreadOf(durations)).toEqual({ count: durations.length, median, ninth });
  });
});

describe("the measures of a period", () => {
  it("count what ended in it, and leave out what is under way or whose beginning nobody knows", () => {
    const { review, toLanded, toEverywhere } = summary([
      { reviewedAt: start + 2 * hour, landedAt: start + 3 * hour, everywhereAt: start + 9 * hour },
      { reviewedAt: start + 4 * hour, landedAt: period.to },
      { openedAt: null, reviewedAt: start + hour, landedAt: start + 2 * hour },
      { openedAt: start - 30 * day, landedAt: start },
    ]);
    expect([review.count, review.median]).toEqual([2, 2 * hour]);
    expect([toLanded.count, toLanded.median, toLanded.ninth]).toEqual([2, 3 * hour, 30 * day]);
    expect([toEverywhere.count, toEverywhere.median]).toEqual([1, 9 * hour]);
  });

  it("share self-merges among those of which it is known who asked", () => {
    const landedAt = start + hour;
    const { selfMerges, landed, outside, glass } = summary([
      { landedAt, own: true },
      { landedAt, own: false },
      { landedAt, own: null },
      { landedAt, own: true, glass: true },
      { landedAt, outside: true },
    ]);
    expect(selfMerges).toEqual({ part: 2, whole: 3, share: 2 / 3 });
    expect([landed, outside, glass]).toEqual([4, 1, 1]);
  });

  it("tell releases that failed of those that began, each once, and how long until their lane was well", () => {
    const { failures, ways, restore, unrestored, done } = summary(
      [],
      [
        { failedAt: start + hour, restoredAt: start + 3 * hour },
        { failedAt: start + 13 * day },
        { doneAt: start + day },
        { revertedAt: start + day, hotfixedAt: start + 2 * day },
        { enteredAt: start - day, failedAt: start - hour, restoredAt: start + hour },
      ],
    );
    expect(failures).toEqual({ part: 3, whole: 4, share: 3 / 4 });
    expect(ways).toEqual({ halted: 2, reverted: 1, hotfixed: 1 });
    expect([restore.count, restore.median, unrestored, done]).toEqual([2, 2 * hour, 1, 1]);
  });

  it("reckon the toil that a central review would have cost, as somebody assumes it, and nothing for who waited longer for a peer", () => {
    const landedAt = start + 5 * day;
    expect(
      summary([
        { landedAt, own: true, reviewedAt: start + 4 * hour },
        { landedAt, own: true, reviewedAt: start + 40 * hour },
        { landedAt, own: true, glass: true, reviewedAt: start },
        { landedAt, own: false, reviewedAt: start },
      ]).toil,
    ).toEqual({ changes: 2, work: 1, wait: 6 });
  });

  it("are made of each service that a change reaches, by name", () => {
    const changes = [
      change({ landedAt: start, services: ["web", "db"] }),
      change({ landedAt: start, services: ["web"] }),
      change({ landedAt: start }),
    ];
    const groups = byName("services", { changes, releases: [release({ services: ["cache"] })] }, period, assumed);
    expect(groups.map(({ name, summary: { landed, failures } }) => [name, landed, failures.whole])).toEqual([
      ["cache", 0, 1],
      ["db", 1, 0],
      ["web", 2, 0],
    ]);
  });

  it("go week by week from Monday on", () => {
    expect(new Date(weekOf(start + 6 * day + 23 * hour)).toISOString()).toBe("2026-11-02T00:00:00.000Z");
    const changes = [change({ landedAt: start + hour }), change({ landedAt: start + 8 * day, reviewedAt: start + 7 * day })];
    const weeks = byWeek(
      { changes, releases: [release({ enteredAt: start + 7 * day, failedAt: start + 8 * day })] },
      { from: start + hour, to: start + 9 * day },
    );
    expect(
      weeks.map(({ from, to, landed, toLanded, review, begun, failed }) => [
        from,
        to,
        landed,
        toLanded.median,
        review.count,
        begun,
        failed,
      ]),
    ).toEqual([
      [start + hour, start + 7 * day, 1, hour, 0, 0, 0],
      [start + 7 * day, start + 9 * day, 1, 8 * day, 1, 1, 1],
    ]);
  });
});

describe("steps of the ledger", () => {
  const at = "2026-11-02T09:00:00.000Z";
  const told = (index: number, kind: EntryKind, subject: string, about: object = {}, actor: string | null = null): Told => {
    const entry: Entry = { v: 1, kind, at, repo: 5, subject, actor, evidence: [], idempotencyKey: `${index}` };
    return { index, entry, about: about as Told["about"] };
  };
  const intended = [
    told(1, "contributed", "pull/7", { head: "h" }, "ann"),
    told(2, "merge-intended", "pull/7", { head: "h", glass: null }, "ann"),
  ];

  it.each<[string, Told, readonly Told[], Partial<Step> | null]>([
    [
      "a review at GitHub's time",
      told(3, "approval-received", "pull/7", { submittedAt: "2026-11-02T08:00:00Z" }),
      [],
      { kind: "reviewed", at: "2026-11-02T08:00:00.000Z" },
    ],
    ["a review whose time is none", told(3, "approval-received", "pull/7", { submittedAt: "soon" }), [], { kind: "reviewed", at }],
    ["one that was only bound", told(3, "approval-bound", "pull/7"), [], { kind: "reviewed", number: 7 }],
    ["a landing on its author's word", told(3, "landed", "pull/7", { head: "h" }), intended, { kind: "landed", own: true, glass: false }],
    [
      "a hotfix by its label",
      told(3, "landed", "pull/7", { head: "h" }),
      [told(2, "merge-intended", "pull/7", { head: "h", glass: null, hotfix: true })],
      { kind: "landed", glass: false, hotfix: true },
    ],
    [
      "a hotfix by a break-glass",
      told(3, "landed", "pull/7", { head: "h" }),
      [told(2, "merge-intended", "pull/7", { head: "h", glass: {} })],
      { kind: "landed", glass: true, hotfix: true },
    ],
    ["a change that was taken back", told(3, "reverted", "pull/7", { commit: "c" }), [], { kind: "reverted", number: 7 }],
    ["a landing of another head", told(3, "landed", "pull/7", { head: "x" }), intended, { kind: "landed", own: null }],
    [
      "a landing of before contributors were recorded",
      told(3, "landed", "pull/7", { head: "h" }),
      intended.slice(1),
      { kind: "landed", own: null },
    ],
    [
      "a lane that the fleet halted",
      told(3, "lane-halted", "lane/a", { release: "r", halt: { why: { kind: "verdict" } } }),
      [],
      { kind: "failed", lane: "a" },
    ],
    ["a lane that somebody halted", told(3, "lane-halted", "lane/a", { release: "r", halt: { why: { kind: "person" } } }), [], null],
    ["a lane that goes back", told(3, "lane-returning", "lane/a", { release: "r" }), [], { kind: "failed" }],
    ["a release that is everywhere", told(3, "rollout-done", "rollout", { release: "r" }), [], { kind: "done", release: "r" }],
    ["what a forgotten text said", told(3, "rollout-done", "rollout"), [], null],
    ["a subject that is no change", told(3, "landed", "pull/7x", { head: "h" }), [], null],
  ])("%s", (_name, one, behind, expected) => {
    expect(stepsOf([one], behind)).toMatchObject(expected === null ? [] : [expected]);
  });
});

it("a median and a ninth of ten are by rank, whatever the order", () => {
  const next = createChance();
  for (let time = 0; time < 500; time += 1) {
    const durations = Array.from({ length: next() % 30 }, () => next() % 8);
    const sorted = durations.toSorted((one, other) => one - other);
    const at = (share: number): number | null => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
    expect(spreadOf(durations)).toEqual({ count: durations.length, median: at(0.5), ninth: at(0.9) });
  }
});

/** Numbers that are the same in every run: https://en.wikipedia.org/wiki/Linear_congruential_generator, its higher bits. */
function createChance(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
