import { describe, expect, it } from "vitest";
import { beforeOf } from "../../src/rollout/before.ts";
import type { Before, Run } from "../../src/rollout/runs.ts";

const run = (producedAt: number, more: Partial<Run> = {}): Run => ({
  certname: "a.example",
  id: `at ${producedAt}`,
  environment: "canary",
  status: more.failed === undefined ? "unchanged" : "failed",
  version: "compiler-canary-0ddba1",
  cached: "not_used",
  noop: false,
  noopPending: false,
  producer: null,
  producedAt,
  took: 1,
  failed: [],
  changed: [],
  ...more,
});
const changed = (resource: string, property = "ensure"): Pick<Run, "changed"> => ({ changed: [{ resource, property }] });

/** At 100, with a deadline of 40. */
const cases: ReadonlyArray<readonly [what: string, runs: readonly Run[], before: Partial<Before>]> = [
  [
    "nothing was ever heard",
    [],
    { reported: false, noop: false, noopPending: false, failed: [], restless: [], uncompiled: false, pinned: false, changed: [], runs: 0 },
  ],
  ["heard just in time", [run(60)], { reported: true, runs: 1 }],
  ["heard too long ago", [run(59)], { reported: false, runs: 1 }],
  ["heard now", [run(100)], { reported: true }],
  ["what comes later is not before", [run(101, { failed: ["Exec[x]"] })], { reported: false, failed: [], runs: 0 }],
  ["the last run says whether it is noop", [run(70, { noop: true, noopPending: true }), run(90)], { noop: false, noopPending: false }],
  ["in whatever order they come", [run(90, { noop: true, noopPending: true }), run(70)], { noop: true, noopPending: true }],
  [
    "failures of the last two",
    [run(70, { failed: ["Exec[old]"] }), run(80, { failed: ["Exec[x]"] }), run(90, { failed: ["Exec[x]", "Exec[y]"] })],
    { failed: ["Exec[x]", "Exec[y]"] },
  ],
  ["failures that are over for a run", [run(80, { failed: ["Exec[x]"] }), run(90)], { failed: ["Exec[x]"] }],
  ["a run that failed as a whole", [run(90, { status: "failed" })], { failed: ["the run itself"], uncompiled: false }],
  [
    "what changed on both of the last",
    [run(80, changed("Exec[x]")), run(90, changed("Exec[x]"))],
    { restless: ["Exec[x]"], changed: ["Exec[x]"] },
  ],
  [
    "what changed on one of them only",
    [run(70, changed("Exec[x]")), run(80, changed("Exec[x]")), run(90)],
    { restless: [], changed: ["Exec[x]"], runs: 3 },
  ],
  [
    "another property is another change",
    [run(80, changed("File[/x]", "mode")), run(90, changed("File[/x]", "owner"))],
    { restless: [], changed: ["File[/x]"] },
  ],
  [
    "the same report twice is one run",
    [run(90, { ...changed("Exec[x]"), id: "same" }), run(90, { ...changed("Exec[x]"), id: "same" })],
    { restless: [], runs: 1 },
  ],
  ["an old catalog after a failed compile", [run(90, { cached: "on_failure" })], { uncompiled: true, pinned: false }],
  ["no catalog", [run(90, { status: "failed", version: "" })], { uncompiled: true }],
  ["a compile that works again", [run(80, { cached: "on_failure" }), run(90)], { uncompiled: false }],
  ["a catalog that it keeps to", [run(90, { cached: "explicitly_requested" })], { uncompiled: false, pinned: true }],
];

describe("what was so of a node before", () => {
  it.each(cases)("%s", (_, runs, before) => {
    expect(beforeOf(runs, 100, 40)).toMatchObject(before);
  });
});
