import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { toFamilies } from "../../src/catalog/families.ts";
import { editsOf, toldOf } from "../../src/gate/explain.ts";
import { report } from "./world.ts";

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

const whole = (change: "added" | "removed", attributes: EffectGroup["after"], ...nodes: string[]): EffectGroup => ({
  ...content(null, null, ...nodes),
  attribute: null,
  change,
  [change === "added" ? "after" : "before"]: attributes,
});

describe("what is told in little room", () => {
  it("is not every resource of a node that compiles again, which counts as new", () => {
    const motd = { ...whole("added", {}, "fixed1", "web1"), title: "/etc/motd" };
    const groups = [content("a", "b", "web1"), whole("added", {}, "fixed1"), motd];
    const node = (certname: string, outcome: "fixed" | "changed") => ({
      certname,
      outcome,
      reason: null,
      services: [],
      datacentre: null,
      cached: false,
    });
    const { families, afresh } = toldOf({ ...report(), nodes: [node("fixed1", "fixed"), node("web1", "changed")], groups });
    expect([families.map((family) => family.groups[0].title), afresh]).toEqual([["/etc/motd", "/etc/app"], 1]);
  });
});

describe("edits of a family", () => {
  it("are a resource's attributes where it comes or goes, and nothing of its secrets", () => {
    expect(edits(whole("added", { ensure: "file", mode: "0644", content: null }, "a"))).toEqual([
      [[[], ['ensure => "file"', 'mode => "0644"', "content => (secret)"], ["a"]]],
    ]);
    expect(edits(whole("removed", { ensure: "file" }, "a"))).toEqual([[[['ensure => "file"'], [], ["a"]]]]);
    expect(edits(whole("added", {}, "a"))).toEqual([[]]);
  });

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
