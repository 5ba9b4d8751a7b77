import { expect, it } from "vitest";
import { figures } from "./figures.ts";

it("halts for nothing but what is wrong, in 200 rollouts of 5,000 nodes", { timeout: 1_800_000 }, () => {
  const { wrong, line } = figures({ rollouts: 200, nodes: 5000, seed: 1 });
  process.stdout.write(`${line}\n`);
  expect(wrong).toEqual([]);
});
