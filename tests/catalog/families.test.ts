import { expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { toFamilies } from "../../src/catalog/families.ts";

const group = (title: string, after: string, nodes: string[]): EffectGroup => ({
  type: "File",
  title,
  attribute: "content",
  change: "changed",
  kind: "system",
  before: "x",
  after,
  nodes,
  source: null,
});

it("puts together what differs only in its values, and orders by reach", () => {
  const families = toFamilies([
    group("/etc/motd", "same everywhere", ["a", "b", "c"]),
    group("/etc/host", "I am d", ["d"]),
    group("/etc/host", "I am a or b", ["b", "a"]),
    group("/etc/host", "I am c", ["c"]),
  ]);
  expect(families.map(({ groups, nodes }) => [groups[0].title, groups[0].after, groups.length, nodes])).toEqual([
    ["/etc/host", "I am a or b", 3, ["a", "b", "c", "d"]],
    ["/etc/motd", "same everywhere", 1, ["a", "b", "c"]],
  ]);
});
