import { describe, expect, it } from "vitest";
import { doesAgain, type Fingerprint } from "../../src/rollout/copies.ts";
import type { LineStep } from "../../src/rollout/line.ts";
import { carriesBad, nextRelease } from "../../src/rollout/train.ts";

const print = (whole: string | null, parts: string[] = [], tree = `${whole} ${parts.join()}`): Fingerprint => ({ tree, whole, parts });

describe("whether a commit does again what another one did", () => {
  it.each<[string, Fingerprint, Fingerprint, boolean]>([
    ["the same patch", print("p"), print("p", [], "other"), true],
    ["another patch", print("q"), print("p"), false],
    ["the same patch, squashed", print("p"), print("p", ["a", "b"]), true],
    ["all of its parts, picked beside others", print("q", ["a", "b", "c"]), print("p", ["a", "b"]), true],
    ["some of its parts", print("q", ["a", "c"]), print("p", ["a", "b"]), false],
    ["one commit, picked into a larger pull request", print("q", ["x", "p"]), print("p"), true],
    ["the same tree, by another way", print("q", [], "t"), print("p", [], "t"), true],
    ["nothing, as a commit without a change did", print(null, [], "t"), print(null, [], "t"), false],
    ["the tree of a commit without a change", print("q", [], "t"), print(null, [], "t"), false],
  ])("%s", (_, one, bad, expected) => expect(doesAgain(one, bad)).toBe(expected));
});

describe("the train", () => {
  const step = (sha: string, more: Partial<LineStep> = {}): LineStep => ({ sha, number: null, solo: false, reverts: null, ...more });
  const quarantined = [{ commit: "bad" }];

  it.each<[string, LineStep[], string | null]>([
    ["takes what takes it back (case 59)", [step("c0"), step("bad"), step("back", { reverts: "bad" })], "back"],
    [
      "does not take the revert of that (case 59)",
      [step("c0"), step("bad"), step("back", { reverts: "bad" }), step("again", { reverts: "back" })],
      "back",
    ],
    [
      "takes the revert of the revert of the revert (case 59)",
      [step("c0"), step("bad"), step("back", { reverts: "bad" }), step("again", { reverts: "back" }), step("gone", { reverts: "again" })],
      "gone",
    ],
    [
      "does not take it picked (case 64)",
      [step("c0"), step("bad"), step("back", { reverts: "bad" }), step("picked", { copies: "bad" })],
      "back",
    ],
    [
      "takes what takes the picked one back (case 64)",
      [step("c0"), step("bad"), step("back", { reverts: "bad" }), step("picked", { copies: "bad" }), step("more", { reverts: "picked" })],
      "more",
    ],
    [
      "takes the fix of it, which is another patch, with its revert",
      [step("c0"), step("bad"), step("back", { reverts: "bad" }), step("fixed")],
      "fixed",
    ],
    ["does not take what was picked where the line begins later", [step("c0"), step("picked", { copies: "bad" })], null],
  ])("%s", (_, line, expected) => expect(nextRelease(line, "c0", quarantined)).toBe(expected));

  it("takes it where nobody keeps it back any more", () => {
    expect(carriesBad([step("c0"), step("picked", { copies: "bad" })], 1, [])).toBe(false);
    expect(carriesBad([step("c0"), step("picked", { copies: "bad" })], 1, [{ commit: "other" }])).toBe(false);
  });
});
