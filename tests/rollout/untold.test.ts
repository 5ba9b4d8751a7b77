import { describe, expect, it } from "vitest";
import { statusOf, type Untold } from "../../src/rollout/status.ts";
import { statusLines } from "../../src/rollout/status-words.ts";

const status = (...untold: Untold[]) => statusOf({ lanes: [], quarantined: [], paused: null }, null, { line: [], now: 0, untold });

describe("what was not told", () => {
  it.each<[Untold, string]>([
    [
      { place: "deployments", waiting: 1, lost: 0, why: "GitHub is down" },
      "deployments was told 1 thing that happened not yet: GitHub is down",
    ],
    [{ place: "irc", waiting: 3, lost: 0, why: null }, "irc was told 3 things that happened not yet"],
    [{ place: "irc", waiting: 0, lost: 2, why: null }, "irc was told 2 never, because it could not be told for a day"],
    [
      { place: "irc", waiting: 3, lost: 2, why: "no route" },
      "irc was told 3 things that happened not yet, and 2 never, because it could not be told for a day: no route",
    ],
  ])("%o is said with the status", (untold, line) => {
    expect(statusLines(status(untold))).toEqual([line, "Nothing was looked at yet."]);
  });

  it("is nothing where all was told", () => {
    expect(status()).not.toHaveProperty("untold");
    expect(statusLines(status())).toEqual(["Nothing was looked at yet."]);
  });

  it("is told without what only the queue needs", () => {
    const behind = { place: "irc", waiting: 1, lost: 0, why: null, seq: 7, attempts: 2, nextAt: null };
    expect(status(behind).untold).toEqual([{ place: "irc", waiting: 1, lost: 0, why: null }]);
  });
});
