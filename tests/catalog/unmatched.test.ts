import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { known, unknown } from "../../src/policy/known.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import { type ChangeInput, evaluateWhen } from "../../src/policy/when.ts";

/** Nothing hides a difference by what it is called: a policy's conditions are the only words that match titles, and they match to the letter. */
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

describe("ignoring lines by pattern", () => {
  it("case 63: there is no way to hide a difference by a pattern, and a policy that asks for one does not load", () => {
    const loaded = loadPolicy("version: 1\nignore: ['File[*] content =~> /^#/']\n", ".github/puppet-gate.yml");
    expect(loaded).toMatchObject({ ok: false, problems: [{ line: 2, text: expect.stringContaining("`ignore` is not known") as string }] });
  });
});
