import { expect, it } from "vitest";
import { figures } from "./noise/figures.ts";

// With 200 of 5,000 nodes: noise/long.test.ts.
it("halts for nothing but what is wrong, in a small fleet that is never quiet", () => {
  const { wrong, line } = figures({ rollouts: 12, nodes: 400, seed: 1 });
  process.stdout.write(`${line}\n`);
  expect(wrong).toEqual([]);
});
