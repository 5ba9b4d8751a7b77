import { expect, it } from "vitest";
import { stopwatch } from "../../src/engine/stopwatch.ts";

it("a check's steps are told in milliseconds: one after the other, and those beside them by themselves", async () => {
  let now = 1_000;
  const clock = stopwatch(() => now);
  now += 10.4;
  clock.lap("read");
  now += 3;
  clock.lap("plan");
  const work = Promise.withResolvers<string>();
  const timed = clock.time("compile", work.promise);
  now += 500;
  work.resolve("done");
  expect(await timed).toBe("done");
  now += 20;
  clock.lap("diff");
  now += 5;
  expect(clock.read()).toEqual({ read: 10, plan: 3, compile: 500, diff: 20, total: 538 });
});
