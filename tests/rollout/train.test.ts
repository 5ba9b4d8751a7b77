import { describe, expect, it } from "vitest";
import { brokenStair, type Line, placeOf } from "../../src/rollout/line.ts";
import { carriesBad, nextRelease } from "../../src/rollout/train.ts";

/** One word for each commit: `b` is plain, `b!` wants to be alone, of `b?` nobody knows, `c-b` takes b back. */
const lineOf = (words: string): Line =>
  words.split(" ").map((word, number) => {
    const [sha = "", reverts = null] = word.replace(/[!?]/u, "").split("-");
    return { sha, number, solo: word.includes("?") ? null : word.includes("!"), reverts };
  });
const bad = (...commits: string[]): { commit: string }[] => commits.map((commit) => ({ commit }));

const cases: ReadonlyArray<readonly [what: string, line: string, current: string, quarantined: readonly string[], next: string | null]> = [
  ["nothing new", "a b", "b", [], null],
  ["one", "a b", "a", [], "b"],
  ["all that landed, as one", "a b c d", "a", [], "d"],
  ["from where the lane is", "a b c d", "c", [], "d"],
  ["a lane beside the line", "a b", "x", [], null],
  ["up to one that wants to be alone", "a b c! d", "a", [], "b"],
  ["one that wants to be alone, alone", "a c! d", "a", [], "c"],
  ["two that want to, one after the other", "a c! d! e", "a", [], "c"],
  ["the second of them", "a c! d! e", "c", [], "d"],
  ["what came after them", "a c! d! e f", "d", [], "f"],
  ["up to what is in quarantine", "a b x d", "a", ["x"], "b"],
  ["nothing where that is the next", "a x d", "a", ["x"], null],
  ["over it once it is taken back", "a b x d r-x", "a", ["x"], "r"],
  ["and what came since", "a x r-x e", "a", ["x"], "e"],
  ["not over two of which one is taken back", "a x y r-x e", "a", ["x", "y"], null],
  ["over both", "a x y r-x s-y e", "a", ["x", "y"], "e"],
  ["59 not what brings it again", "a x r-x s-r", "a", ["x"], "r"],
  ["59 what takes that back, too", "a x r-x s-r t-s", "a", ["x"], "t"],
  ["taken back twice, one of them taken back", "a x r-x s-x t-s", "a", ["x"], "t"],
  ["what was taken back before holds nobody up", "a x r-x d", "r", ["x"], "d"],
  ["what the lane still has does", "a x c d", "c", ["x"], null],
  ["what is not on the line does not", "a b", "a", ["z"], "b"],
  ["one that wants to be alone in quarantine, with its way out", "a x! r-x d", "a", ["x"], "r"],
  ["one that wants to be alone behind it", "a x s! r-x d", "a", ["x"], "r"],
  ["before it what is free", "a b x s! r-x", "a", ["x"], "b"],
  ["up to what nobody knows of yet", "a b c? d", "a", [], "b"],
  ["nothing where that is the next", "a b? c! d", "a", [], null],
  ["what the lane has is no matter", "a? b? c d", "b", [], "d"],
  ["a revert of what is not bad is as any other", "a b r-b d", "a", [], "d"],
];

describe("the next train", () => {
  it.each(cases)("%s", (_, line, current, quarantined, next) => {
    expect(nextRelease(lineOf(line), current, bad(...quarantined))).toBe(next);
  });

  it("leaves nobody behind, however many want to be alone", () => {
    const line = lineOf("a b! c d! e! f g h! i");
    const taken: string[] = [];
    for (let at: string | null = "a"; at !== null; at = nextRelease(line, at, [])) taken.push(at);
    expect(taken).toEqual(["a", "b", "c", "d", "e", "g", "h", "i"]);
  });
});

describe("what is in quarantine", () => {
  it.each([
    ["a x b", 0, false],
    ["x b", 1, true],
    ["a x b", 1, true],
    ["a x b", 2, true],
    ["a x r-x b", 1, true],
    ["a x r-x b", 2, false],
    ["a x r-x s-r", 3, true],
  ])("in %s at %d is in effect: %s", (line, at, is) => {
    expect(carriesBad(lineOf(line), at, bad("x"))).toBe(is);
    expect(carriesBad(lineOf(line), at, [])).toBe(false);
  });
});

describe("the staircase", () => {
  it.each([
    [["d", "c", "a"], null],
    [["b", "b", "b"], null],
    [["a", "b", "b"], 1],
    [["d", "b", "c"], 2],
    [["x", "b", "b"], 0],
    [["d", "x", "a"], 1],
    [[], null],
  ])("%j breaks at %s", (commits, at) => {
    expect(brokenStair(lineOf("a b c d"), commits)).toBe(at);
  });

  it("places the first as 0", () => {
    expect(placeOf(lineOf("a b"), "a")).toBe(0);
    expect(placeOf(lineOf("a b"), "z")).toBeNull();
  });
});
