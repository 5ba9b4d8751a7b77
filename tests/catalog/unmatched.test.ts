import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { known, unknown } from "../../src/policy/known.ts";
import { type ChangeInput, evaluateWhen } from "../../src/policy/when.ts";

/** A policy's conditions match titles to the letter, and so does what it leaves out (`ignored.test.ts`). */
const group: EffectGroup = {
  type: "File",
  title: "/etc/Motd",
  attribute: "mode",
  change: "changed",
  kind: "system",
  before: "1",
  after: "2",
  nodes: ["web1"],
  source: null,
};
const input: ChangeInput = {
  change: {
    author: known("ann"),
    labels: known([]),
    paths: known([]),
    base: known("main"),
    fork: known(false),
    policy: known("same"),
    links: known([]),
  },
  radius: unknown("not asked for"),
  groups: known([group]),
  findings: known([]),
};

describe("matching by title", () => {
  it("case 6: a title is matched to the letter", () => {
    const holds = (title: string): unknown => evaluateWhen(`groups.exists(group, group.title == "${title}")`, input);
    expect(["/etc/Motd", "/etc/motd", "/etc/Mot"].map(holds)).toEqual([known(true), known(false), known(false)]);
  });
});
