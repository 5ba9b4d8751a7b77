import { describe, expect, it } from "vitest";
import { isAdult, isOld, isRight, lengthOf, sum } from "./planted.ts";

/** Run by mutants.test.ts alone. */
describe("planted", () => {
  it("knows adults", () => expect([17, 18, 19].map(isAdult)).toEqual([false, true, true]));
  it("knows some that are old", () => expect(isOld(80)).toBe(true));
  it("knows rights", () => expect(["read", "write", "eat"].map(isRight)).toEqual([true, true, false]));
  it("adds up", () => expect(sum(4)).toBe(10));
  it("measures", () => expect([lengthOf("abc"), lengthOf("abc")]).toEqual([3, 3]));
});
