import { describe, expect, it } from "vitest";
import { nightOf } from "../../../src/engine/night/when.ts";

describe("a repository's night", () => {
  // 0 has no share of the spread: its nights begin on the minute.
  it.each([
    ["2026-03-10T01:59:59Z", "2026-03-09"],
    ["2026-03-10T02:00:00Z", "2026-03-10"],
    ["2026-03-10T23:59:59Z", "2026-03-10"],
    ["2026-03-11T01:59:59Z", "2026-03-10"],
  ])("at %s is that of %s", (now, night) => expect(nightOf(new Date(now), 120, 0)).toBe(night));

  it("begins at other times for others, within two hours", () => {
    const beginnings = Array.from({ length: 200 }, (_, repository) => {
      const minutes = Array.from({ length: 24 * 60 }, (__, minute) => minute);
      return minutes.find((minute) => nightOf(new Date(Date.UTC(2026, 2, 10, 0, minute)), 120, 700_000 + repository) === "2026-03-10");
    });
    expect(Math.min(...beginnings.map(Number))).toBeGreaterThanOrEqual(120);
    expect(Math.max(...beginnings.map(Number))).toBeLessThanOrEqual(240);
    expect(new Set(beginnings).size).toBeGreaterThan(60);
  });
});
