import { describe, expect, it } from "vitest";
import { isWorse } from "../../src/gate/view.ts";

describe("how far a change is from landing", () => {
  it("is told by an order in which each is further than the one before", () => {
    const fromBest = ["pass", "observed", "waiting", "checking", "unknown", "blocked"] as const;
    for (const [at, one] of fromBest.entries())
      for (const [other, before] of fromBest.entries()) expect([one, before, isWorse(one, before)]).toEqual([one, before, at > other]);
  });
});
