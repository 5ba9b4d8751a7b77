import { describe, expect, it } from "vitest";
import { contentOf, firstSight } from "../../src/gate/content.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts, History, Receipt, ReviewFacts } from "../../src/gate/facts.ts";
import { base, binding, bob, carol, done, facts, head, older, receipt, review } from "./world.ts";

/** What an approval is worth for what would land, each time with the one thing that makes the difference. */
const bobs = review(bob);
const before = "2026-03-01T12:10:00Z";
const after = "2026-03-01T12:31:00Z";
const history = (more: Partial<History>): Partial<Facts> => ({ history: known({ retargetedAt: null, forcePushedAt: null, ...more }) });
const unread = { history: unknown("GitHub answered 502") };
const received = (more: Partial<Receipt> = {}): Partial<Facts> => ({ receipts: [receipt(bobs, more)] });
const main = (tip: Facts["base"]["tip"], ref = "main"): Partial<Facts> => ({ base: { ref, tip } });
const moved = main(known(older));
const shown = { base, baseRef: "main", binding: null };
const early = "it was given before its check was done";
const elsewhere = main(known(base), "stable");

type Row = readonly [name: string, given: Partial<Facts>, is: string, why: string | null, review?: ReviewFacts];

const rows: readonly Row[] = [
  ["of no commit", {}, "other", "GitHub does not say for which commit it was given", { ...bobs, commit: null }],
  ["of an older head", {}, "other", "it was given for cccccccccc, and the head is now bbbbbbbbbb", { ...bobs, commit: older }],
  ["a force-push before it", history({ forcePushedAt: before }), "same", null],
  [
    "a force-push after it",
    history({ forcePushedAt: after }),
    "other",
    "no delivery told for which commit it was given, and the branch was force-pushed since",
  ],
  ["another base branch before it", history({ retargetedAt: before }), "same", null],
  ["another base branch after it", history({ retargetedAt: after }), "other", "the base branch was changed since"],
  ["a history that can't be read", unread, "unknown", "whether the head was force-pushed since can't be told: GitHub answered 502"],
  [
    "another review's receipt",
    { ...history({ forcePushedAt: after }), receipts: [receipt({ ...bobs, id: 1 })] },
    "other",
    "no delivery told for which commit it was given, and the branch was force-pushed since",
  ],
  [
    "a receipt of another's review of that id",
    { ...history({ forcePushedAt: after }), receipts: [receipt({ ...bobs, reviewer: carol })] },
    "other",
    "no delivery told for which commit it was given, and the branch was force-pushed since",
  ],
  ["its receipt, whatever was force-pushed since", { ...history({ forcePushedAt: after }), ...received() }, "same", null],
  [
    "base moved after it, as nobody received it",
    { ...moved, baseSince: known(after) },
    "other",
    `${early}, and main moved since: approve again`,
  ],
  ["base moved before it, as nobody received it", { ...moved, baseSince: known(before) }, "same", null],
  ["base of which no push is known", { ...moved, baseSince: known(null) }, "same", null],
  [
    "base of which the last push can't be learnt",
    { baseSince: unknown("GitHub answered 502") },
    "unknown",
    `${early}, and whether main moved since can't be told: GitHub answered 502`,
  ],
  [
    "base of which the tip can't be learnt",
    main(unknown("GitHub answered 502")),
    "unknown",
    `${early}, and whether main moved since can't be told: the tip of main could not be read`,
  ],
  ["shown with the base of now", { shown, baseSince: known(after) }, "same", null],
  ["shown with another base", { shown: { ...shown, base: older } }, "other", `${early}, and main moved since: approve again`],
  [
    "shown with another base that was checked",
    { ...moved, shown: { ...shown, binding: binding() } },
    "same",
    "main moved to cccccccccc, and the change does the same to every catalog",
  ],
  ["received unchecked, on this base", received({ bound: null, shown }), "same", null],
  ["received unchecked, base's tip unknown now", { ...received({ bound: null, shown }), ...main(unknown("no")) }, "same", null],
  [
    "received unchecked, on a base branch of another name",
    received({ bound: null, shown: { base, baseRef: "old" } }),
    "other",
    `${early}, and main moved since: approve again`,
  ],
  [
    "received unchecked, and retargeted since",
    { ...received({ bound: null, shown }), ...history({ retargetedAt: after }) },
    "other",
    "the base branch was changed since, and nothing was checked before that",
  ],
  [
    "received unchecked, and nobody knows whether it was retargeted",
    { ...received({ bound: null, shown }), ...unread },
    "unknown",
    "whether the base branch was changed since can't be told: GitHub answered 502",
  ],
  [
    "retargeted away and back",
    { ...received(), ...history({ retargetedAt: after }) },
    "same",
    "the base branch is now main, and the patch, the merge result and what it does are the same",
  ],
  ["retargeted before it", { ...received(), ...history({ retargetedAt: before }) }, "same", null],
  [
    "another base branch, and all the same",
    { ...received(), ...elsewhere },
    "same",
    "the base branch is now stable, and the patch, the merge result and what it does are the same",
  ],
  ...(["tree", "digest", "patch"] as const).map((what): Row => [
    `another base branch, and another ${what}`,
    { ...received({ bound: binding({ [what]: "9".repeat(40) }) }), ...elsewhere },
    "other",
    "it was given for main, the base branch is now stable, and what it adds to that, or the merge result, is another",
  ]),
  [
    "nobody knows whether it was retargeted, and all is the same",
    { ...received(), ...unread },
    "same",
    "the base branch is now main, and the patch, the merge result and what it does are the same",
  ],
  [
    "nobody knows whether it was retargeted, and the merge result is another",
    { ...received({ bound: binding({ tree: "9".repeat(40) }) }), ...unread },
    "unknown",
    "whether the base branch was changed since can't be told: GitHub answered 502",
  ],
  [
    "another merge result for the same patch and catalogs",
    { ...received({ bound: binding({ tree: "9".repeat(40) }) }), ...moved },
    "same",
    "main moved to cccccccccc, and the change does the same to every catalog",
  ],
  [
    "base moved, and with it what the change adds",
    { ...received({ bound: binding({ patch: "9".repeat(40) }) }), ...moved },
    "other",
    "main moved to cccccccccc: with that, the change adds something else than what was approved",
  ],
  [
    "base moved, and with it what it does",
    { ...received({ bound: binding({ digest: "9".repeat(64) }) }), ...moved },
    "other",
    "main moved to cccccccccc: with that, the change does something else to the catalogs than what was approved",
  ],
  [
    "rebased: its patch has other context",
    received({ commit: older, carry: known({ kind: "TRIVIAL_REBASE" }), bound: binding({ patch: "9".repeat(40) }) }),
    "same",
    "it was only rebased, without a conflict and with the same patch, and the change does the same to every catalog",
  ],
  [
    "rebased, and it does something else",
    received({ commit: older, carry: known({ kind: "TRIVIAL_REBASE" }), bound: binding({ digest: "9".repeat(64) }) }),
    "other",
    "it was only rebased, without a conflict and with the same patch: with that, the change does something else to the catalogs than what was approved",
  ],
  [
    "rebased before it was checked",
    received({ commit: older, carry: known({ kind: "TRIVIAL_REBASE" }), bound: null }),
    "other",
    "it was given for cccccccccc, and the head is now bbbbbbbbbb, and the head moved on before cccccccccc was checked",
  ],
  [
    "heads that were not compared",
    received({ commit: older, carry: null }),
    "unknown",
    "it was given for cccccccccc, and whether bbbbbbbbbb holds the same could not be learnt: they were not compared",
  ],
  [
    "the check that would tell is not done",
    { ...received(), ...moved, check: { state: "running", previous: null } },
    "waiting",
    "whether bbbbbbbbbb does the same to the catalogs as what was approved is known once the check is done",
  ],
  ["closed, whatever moved", { ...received(), ...moved, state: "closed" }, "same", null],
];

describe("an approval", () => {
  it.each(rows.map((row) => [row[0], row] as const))("%s", (_, [, given, is, why, of = bobs]) => {
    const content = contentOf(of, facts({ check: done(), reviews: known([of]), ...given }));
    expect([content.is, content.is === "same" ? content.kept : content.why]).toEqual([is, why]);
  });
});

describe("an approval that no delivery told of", () => {
  it("is kept for the base of now where no other was shown", () => {
    expect(firstSight(bobs, facts())).toEqual({
      review: bobs.id,
      reviewer: bob.id,
      commit: head,
      source: "api",
      bound: null,
      shown: { base, baseRef: "main" },
      carry: null,
    });
  });

  it("is kept for what was shown, with what that was checked to be", () => {
    const given = facts({ shown: { base: older, baseRef: "old", binding: binding() } });
    expect(firstSight(bobs, given)).toMatchObject({ bound: binding(), shown: { base: older, baseRef: "old" } });
  });

  it.each<readonly [string, ReviewFacts, Partial<Facts>]>([
    ["of another head", { ...bobs, commit: older }, {}],
    ["of a branch that was force-pushed since", bobs, history({ forcePushedAt: after })],
    ["of a history that can't be read", bobs, unread],
  ])("is not kept %s", (_, of, given) => {
    expect(firstSight(of, facts(given))).toBeNull();
  });
});
