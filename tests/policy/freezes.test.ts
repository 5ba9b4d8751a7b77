import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freezesAt } from "../../src/policy/freezes.ts";
import type { Freeze, FreezeWeekly, Weekday } from "../../src/policy/requirement.ts";

const freeze = (when: Freeze["when"], name = "x"): Freeze => ({ name, reason: "because", binding: false, when });
const weekly = (days: Weekday[], from: string, to: string, timezone = "Europe/Stockholm"): FreezeWeekly => ({ days, from, to, timezone });
/** When what holds at `now` ends; null where nothing holds. */
const end = (when: Freeze["when"], now: string): string | null => freezesAt([freeze(when)], now)[0]?.endsAt ?? null;

describe("a freeze that comes once", () => {
  const christmas = { from: "2026-12-20T00:00:00+01:00", to: "2027-01-07T00:00:00+01:00" };
  it.each<[string, string | null]>([
    ["2026-12-19T22:59:59.999Z", null],
    ["2026-12-19T23:00:00.000Z", "2027-01-06T23:00:00.000Z"],
    ["2027-01-06T22:59:59.999Z", "2027-01-06T23:00:00.000Z"],
    ["2027-01-06T23:00:00.000Z", null],
  ])("at %s: %s", (now, expected) => {
    expect(end(christmas, now)).toBe(expected);
  });
});

describe("a freeze that comes every week", () => {
  it.each<[string, FreezeWeekly, string, string | null]>([
    // 2026-03-06 is a Friday; Stockholm is an hour ahead of UTC then.
    ["before it", weekly(["fri"], "15:00", "24:00"), "2026-03-06T13:59:59Z", null],
    ["at its beginning", weekly(["fri"], "15:00", "24:00"), "2026-03-06T14:00:00Z", "2026-03-06T23:00:00.000Z"],
    ["at its end", weekly(["fri"], "15:00", "24:00"), "2026-03-06T23:00:00Z", null],
    ["each day by itself", weekly(["fri", "sat"], "15:00", "24:00"), "2026-03-06T20:00:00Z", "2026-03-06T23:00:00.000Z"],
    ["on through days that touch", weekly(["sat", "sun"], "00:00", "24:00"), "2026-03-07T10:00:00Z", "2026-03-08T23:00:00.000Z"],
    ["on another day", weekly(["thu"], "15:00", "24:00"), "2026-03-06T20:00:00Z", null],
    [
      "by the clock of its place, a day behind",
      weekly(["thu"], "18:00", "24:00", "America/Los_Angeles"),
      "2026-03-06T03:00:00Z",
      "2026-03-06T08:00:00.000Z",
    ],
    [
      "by the clock of its place, a day ahead",
      weekly(["sat"], "00:00", "06:00", "Pacific/Auckland"),
      "2026-03-06T12:00:00Z",
      "2026-03-06T17:00:00.000Z",
    ],
    [
      "with an offset of half an hour",
      weekly(["fri"], "15:00", "16:00", "Asia/Kolkata"),
      "2026-03-06T10:29:00Z",
      "2026-03-06T10:30:00.000Z",
    ],
    // Stockholm's summer begins on 2026-03-29 at 02:00, which becomes 03:00, and ends on 2026-10-25 at 03:00, which becomes 02:00.
    ["the day before summer", weekly(["sat", "sun"], "00:00", "24:00"), "2026-03-28T12:00:00Z", "2026-03-29T22:00:00.000Z"],
    ["a day of 23 hours", weekly(["sun"], "00:00", "24:00"), "2026-03-29T21:59:59Z", "2026-03-29T22:00:00.000Z"],
    ["an end in the hour that is skipped", weekly(["sun"], "01:00", "02:30"), "2026-03-29T00:59:59Z", "2026-03-29T01:00:00.000Z"],
    ["after that end", weekly(["sun"], "01:00", "02:30"), "2026-03-29T01:00:00Z", null],
    ["a beginning in the hour that is skipped", weekly(["sun"], "02:30", "04:00"), "2026-03-29T01:00:00Z", "2026-03-29T02:00:00.000Z"],
    ["before that beginning", weekly(["sun"], "02:30", "04:00"), "2026-03-29T00:59:59Z", null],
    ["wholly in the hour that is skipped", weekly(["sun"], "02:10", "02:50"), "2026-03-29T01:00:00Z", null],
    ["a day of 25 hours", weekly(["sun"], "00:00", "24:00"), "2026-10-25T22:59:59Z", "2026-10-25T23:00:00.000Z"],
    [
      "an end in the hour that comes twice, the first time",
      weekly(["sun"], "01:00", "02:30"),
      "2026-10-25T00:45:00Z",
      "2026-10-25T01:30:00.000Z",
    ],
    [
      "an end in the hour that comes twice, the second time",
      weekly(["sun"], "01:00", "02:30"),
      "2026-10-25T01:29:59Z",
      "2026-10-25T01:30:00.000Z",
    ],
    ["a beginning in the hour that comes twice", weekly(["sun"], "02:30", "04:00"), "2026-10-25T00:30:00Z", "2026-10-25T03:00:00.000Z"],
    // Havana puts its clock back from 01:00 to midnight: 2026-11-01.
    ["midnight twice", weekly(["sun"], "00:00", "24:00", "America/Havana"), "2026-11-01T04:00:00Z", "2026-11-02T05:00:00.000Z"],
    ["an end at that midnight", weekly(["sat"], "22:00", "24:00", "America/Havana"), "2026-11-01T04:30:00Z", "2026-11-01T05:00:00.000Z"],
    // São Paulo's summer began at midnight in 2018: 2018-11-04 had no midnight.
    ["midnight never", weekly(["sun"], "00:00", "24:00", "America/Sao_Paulo"), "2018-11-04T03:00:00Z", "2018-11-05T02:00:00.000Z"],
    ["the day before that", weekly(["sat"], "22:00", "24:00", "America/Sao_Paulo"), "2018-11-04T02:59:59Z", "2018-11-04T03:00:00.000Z"],
  ])("%s", (_, when, now, expected) => {
    expect(end(when, now)).toBe(expected);
  });

  it("holds whenever the clock shows a time in it, and does not hold any more when it ends", () => {
    const zones = [
      "Europe/Stockholm",
      "America/New_York",
      "America/Sao_Paulo",
      "Asia/Kolkata",
      "Australia/Lord_Howe",
      "Pacific/Apia",
      "UTC",
    ];
    const days: Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const time = fc.integer({ min: 0, max: 1439 });
    const shown = (clock: number): string => `${String(Math.floor(clock / 60)).padStart(2, "0")}:${String(clock % 60).padStart(2, "0")}`;
    fc.assert(
      fc.property(
        fc.date({ min: new Date("2010-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
        fc.constantFrom(...zones),
        fc.subarray(days, { minLength: 1, maxLength: 6 }),
        time,
        time,
        (date, zone, chosen, one, other) => {
          fc.pre(one !== other);
          const when = weekly(chosen, shown(Math.min(one, other)), shown(Math.max(one, other)), zone);
          const parts = new Intl.DateTimeFormat("en-GB", {
            timeZone: zone,
            weekday: "short",
            hour: "2-digit",
            minute: "2-digit",
            hourCycle: "h23",
          });
          const part = Object.fromEntries(parts.formatToParts(date).map(({ type, value }) => [type, value]));
          const clock = `${part["hour"]}:${part["minute"]}`;
          const inside = chosen.some((day) => day === part["weekday"]?.toLowerCase()) && when.from <= clock && clock < when.to;
          const ends = end(when, date.toISOString());
          expect(inside && ends === null).toBe(false);
          if (ends === null) return;
          expect(Date.parse(ends)).toBeGreaterThan(date.getTime());
          expect(end(when, ends)).toBeNull();
        },
      ),
      { numRuns: 400 },
    );
  });
});

it("tells all that hold, in the policy's order", () => {
  const span = { from: "2026-03-06T00:00:00Z", to: "2026-03-07T00:00:00Z" };
  const all = [
    freeze(span, "b"),
    freeze({ ...span, to: "2026-03-06T01:00:00Z" }, "over"),
    freeze(weekly(["fri"], "00:00", "24:00", "UTC"), "a"),
  ];
  expect(freezesAt(all, "2026-03-06T12:00:00Z").map(({ freeze: { name } }) => name)).toEqual(["b", "a"]);
});
