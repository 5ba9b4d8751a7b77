import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { toFamilies } from "../../src/catalog/families.ts";
import { editsOf } from "../../src/gate/explain.ts";

const content = (before: EffectGroup["before"], after: EffectGroup["after"], ...nodes: string[]): EffectGroup => ({
  type: "File",
  title: "/etc/app",
  attribute: "content",
  change: "changed",
  kind: "system",
  before,
  after,
  nodes,
  source: null,
});
const edits = (...groups: EffectGroup[]): unknown =>
  toFamilies(groups).map((family) => editsOf(family).map(({ removed, added, nodes }) => [removed, added, nodes]));

describe("edits of a family", () => {
  it("are one where hosts differ and the edit does not", () => {
    expect(edits(content("host a\nport 1\n", "host a\nport 2\n", "a"), content("host b\nport 1\n", "host b\nport 2\n", "b"))).toEqual([
      [[["port 1"], ["port 2"], ["a", "b"]]],
    ]);
  });

  it("are told apart where they differ, the widest first", () => {
    expect(edits(content("x\nq\n", "x\nr\n", "c"), content("x\n1\n", "x\n2\n", "a", "b"))).toEqual([
      [
        [["1"], ["2"], ["a", "b"]],
        [["q"], ["r"], ["c"]],
      ],
    ]);
  });

  it("show a line that is there less often, and nothing of lines in another order", () => {
    expect(edits(content("a\na\n", "a\n\n", "n"))).toEqual([[[["a"], [""], ["n"]]]]);
    expect(edits(content("a\nb\n", "b\na\n", "n"))).toEqual([[[[], [], ["n"]]]]);
  });

  it("show other values as JSON", () => {
    expect(edits(content(["a"], true, "n"))).toEqual([[[['["a"]'], ["true"], ["n"]]]]);
  });
});
