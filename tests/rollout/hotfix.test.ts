import { expect, it } from "vitest";
import { laneOf, merge, pass, tipsOf, told, worldOf, type World } from "./world.ts";

/** Case 60 of the design: a hotfix lands while a train is in the second lane. */
function inSecond(): World {
  const world = worldOf("canary", "lon", "rest");
  merge(world);
  while (laneOf(world, "lon").stage?.phase !== "watched") pass(world, 1);
  expect(tipsOf(world)).toEqual(["c1", "c1", "c0"]);
  told(world);
  return world;
}

it("takes the first lane at once, and each other one as soon as the train has left it", () => {
  const world = inSecond();
  merge(world);
  pass(world, 2);
  expect(tipsOf(world)).toEqual(["c2", "c1", "c0"]);
  pass(world, 60);
  expect(tipsOf(world)).toEqual(["c2", "c2", "c2"]);
  const words = told(world);
  const at = (word: string): number => words.indexOf(word);
  expect(words.filter((word) => word.startsWith("halted"))).toEqual([]);
  expect(at("passed lon c1")).toBeGreaterThan(at("entered canary c2"));
  expect(at("entered lon c2")).toBeGreaterThan(at("passed lon c1"));
});

it("follows at once where the fleet stopped the train there and it takes that back, once the first lane found it good", () => {
  const world = inSecond();
  world.says.set("c1", "bad");
  pass(world, 2);
  expect(laneOf(world, "lon").halt?.why.kind).toBe("verdict");
  merge(world, { reverts: "c1" });
  pass(world, 60);
  expect(tipsOf(world)).toEqual(["c2", "c2", "c2"]);
  const words = told(world);
  expect(words.indexOf("entered lon c2")).toBeGreaterThan(words.indexOf("passed canary c2"));
  expect(words).not.toContain("passed lon c1");
});

it("waits in the lane before where it takes nothing of that back: nobody goes around what stands still", () => {
  const world = inSecond();
  world.says.set("c1", "bad");
  pass(world, 2);
  merge(world);
  pass(world, 200);
  expect(tipsOf(world)).toEqual(["c2", "c1", "c0"]);
});
