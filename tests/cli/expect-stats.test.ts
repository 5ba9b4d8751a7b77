import { describe, expect, it } from "vitest";
import { renderStats, statsJson } from "../../src/cli/expect/stats-words.ts";
import type { ExpectationCount, ExpectationStats } from "../../src/gate/expectation-stats.ts";

const count = (name: string, more: Partial<ExpectationCount> = {}): ExpectationCount => ({
  name,
  path: `expectations/${name}.yml`,
  severity: "block",
  changes: 1,
  caught: { blocked: 0, asked: 0, warned: 0 },
  became: { mended: 0, approved: 0, warned: 0, despite: 0, open: 0, closed: 0 },
  unknown: 0,
  already: 0,
  lastCaught: null,
  ...more,
});
const drafts: ExpectationStats["drafts"] = [
  { cause: "halt", happened: 0, drafted: 0, takenUp: 0 },
  { cause: "revert", happened: 0, drafted: 0, takenUp: 0 },
];
const render = (stats: Partial<ExpectationStats>): string => renderStats({ expectations: [], drafts, ...stats }, (_, text) => text);

describe("puppet-gate expect stats", () => {
  it("says what each caught, what became of that, and what none caught", () => {
    const playlist = count("playlist", {
      changes: 12,
      caught: { blocked: 3, asked: 1, warned: 0 },
      became: { mended: 2, approved: 1, warned: 0, despite: 1, open: 0, closed: 0 },
      already: 2,
      lastCaught: "2026-11-20T10:00:00.000Z",
    });
    const text = render({
      expectations: [playlist, count("quiet", { unknown: 1 })],
      drafts: [
        { cause: "halt", happened: 2, drafted: 1, takenUp: 1 },
        { cause: "revert", happened: 1, drafted: 0, takenUp: 0 },
      ],
    });
    expect(text).toBe(`playlist  3 blocked, 1 asked for an approval, last on 2026-11-20
  2 mended and landed, 1 landed with the approval, 1 landed all the same
  held against 12 changes, 2 found it broken on base; expectations/playlist.yml
Caught nothing: 1
  quiet  held against 1 change, 1 could not be told
What no expectation caught
  2 changes that a lane stood still over: 1 expectation drafted, 1 taken up
  1 change that was taken back: no expectation drafted
`);
  });

  it("says so where there is nothing, and gives the same as JSON", () => {
    expect(render({})).toBe("No change was held against an expectation yet.\n");
    expect(statsJson({ expectations: [], drafts }, { repository: 5, since: new Date(0) })).toEqual({
      schema: "puppet-gate/expect-stats@1",
      repository: 5,
      since: "1970-01-01T00:00:00.000Z",
      expectations: [],
      drafts,
    });
  });
});
