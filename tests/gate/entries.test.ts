import { describe, expect, it } from "vitest";
import { decide, type Memory } from "../../src/gate/decide.ts";
import { draftsOf } from "../../src/gate/entries.ts";
import type { Draft } from "../../src/ledger/entry.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts } from "../../src/gate/facts.ts";
import { mergeObjection } from "../../src/gate/merging.ts";
import { judge } from "../../src/gate/evaluate.ts";
import { access } from "./cases/case.ts";
import {
  alice,
  base,
  binding,
  bob,
  carol,
  checkRun,
  comment,
  dave,
  done,
  doneWith,
  facts,
  head,
  memory,
  merge,
  older,
  receipt,
  review,
  wish,
} from "./world.ts";

const drafts = (given: Partial<Facts>, remembered: Partial<Memory> = {}): Draft[] => {
  const before = { ...memory(remembered) };
  return draftsOf(facts(given), before, decide(facts(given), before));
};
const same = judge(facts());
const glass = { comment: 70, by: dave, reason: "the site is down", head, expiresAt: "2026-03-01T16:45:00.000Z" };
const breaks = comment(dave, "/break-glass the site is down", { id: 70 });
const bobs = review(bob);

/** What a decision leaves in the ledger: kinds, and whose doing each was. */
const cases: { name: string; given: Partial<Facts>; remembered?: Partial<Memory>; leaves: [Draft["kind"], number | null][] }[] = [
  {
    name: "an approval that is seen for the first time is bound, and the verdict is new",
    given: { reviews: known([bobs]) },
    leaves: [
      ["approval-bound", bob.id],
      ["verdict", null],
    ],
  },
  {
    name: "the same verdict again leaves nothing",
    given: { receipts: [receipt(bobs)], reviews: known([bobs]) },
    remembered: { verdict: same },
    leaves: [],
  },
  {
    name: "an approval that stands although the head moved",
    given: { reviews: known([bobs]), receipts: [receipt(bobs, { commit: older, carry: known({ kind: "TRIVIAL_REBASE" }) })] },
    leaves: [
      ["approval-kept", bob.id],
      ["verdict", null],
    ],
  },
  {
    name: "and one that does not",
    given: { reviews: known([review(bob, "approved", older)]) },
    leaves: [
      ["approval-dropped", bob.id],
      ["verdict", null],
    ],
  },
  {
    name: "a merge that is intended",
    given: { comments: known([comment(alice, "/merge")]), reviews: known([bobs]), receipts: [receipt(bobs)] },
    remembered: { verdict: same },
    leaves: [["merge-intended", alice.id]],
  },
  {
    name: "a wish that takes the place of one that ended",
    given: { wish: wish({ head: older }), comments: known([comment(alice, "/merge when ready")]), reviews: known([]) },
    leaves: [
      ["wish", alice.id],
      ["verdict", null],
    ],
  },
  {
    name: "the end of a wish",
    given: { wish: wish({ head: older }), reviews: known([]) },
    leaves: [
      ["wish-ended", null],
      ["verdict", null],
    ],
  },
  {
    name: "a break-glass and the merge that follows from it",
    given: {
      reviews: known([]),
      comments: known([breaks]),
      permissions: access([[dave.id, known("write")]]),
      check: doneWith({ breakGlass: { users: ["dave"], teams: [], hours: 4 } }),
    },
    leaves: [
      ["break-glass", dave.id],
      ["verdict", null],
      ["merge-intended", dave.id],
    ],
  },
  {
    name: "trust in a fork's head",
    given: { fork: true, check: { state: "untrusted" }, comments: known([comment(bob, "/ok-to-test bbbbbbb")]), reviews: known([]) },
    leaves: [
      ["trusted", bob.id],
      ["verdict", null],
    ],
  },
  {
    name: "case 24: a command that is forged",
    given: { reviews: known([]), comments: known([comment(bob, "/recheck", { edited: known({ by: carol, foreign: true }) })]) },
    leaves: [
      ["command-forged", carol.id],
      ["verdict", null],
    ],
  },
  {
    name: "case 78: a check that is forged",
    given: { reviews: known([]), checks: known([checkRun({ name: "puppet-gate", app: 99 })]) },
    leaves: [
      ["check-forged", null],
      ["verdict", null],
    ],
  },
];

describe("what a decision leaves in the ledger", () => {
  it.each(cases)("$name", ({ given, remembered, leaves }) => {
    const left = drafts(given, remembered);
    expect(left.map(({ kind, actor }) => [kind, actor])).toEqual(leaves);
    expect(left.every(({ subject, key }) => subject === "pull/7" && key.includes("pull/7"))).toBe(true);
    expect(new Set(left.map(({ key }) => key)).size).toBe(left.length);
    expect(drafts(given, remembered)).toEqual(left);
  });

  it("names the approvals that a landing rests on, with what each reviewer may do then, and no person", () => {
    const [intended] = drafts(
      { comments: known([comment(alice, "/merge")]), reviews: known([bobs]), receipts: [receipt(bobs)] },
      { verdict: same },
    );
    const evidence: unknown = JSON.parse(intended?.evidence[0] ?? "");
    expect(evidence).toMatchObject({ base, head, approvals: [{ review: bobs.id, permission: "write" }], by: null, author: null });
    expect(intended?.evidence.join("")).not.toContain("alice");
  });

  it("is told once of an approval, and again when it changes", () => {
    const given: Partial<Facts> = { reviews: known([bobs]), receipts: [receipt(bobs, { bound: binding({ base: older }) })] };
    const [kept] = decide(facts(given), memory()).notes;
    expect(kept).toMatchObject({ kind: "approval", review: bobs.id, state: "kept" });
    const why = kept?.kind === "approval" ? kept.why : "";
    expect(decide(facts(given), memory({ told: new Map([[bobs.id, { state: "kept", why }]]) })).notes).toEqual([]);
    expect(decide(facts(given), memory({ told: new Map([[bobs.id, { state: "dropped", why }]]) })).notes).toHaveLength(1);
  });
});

describe("right before a merge, with everything read again", () => {
  const asks = comment(alice, "/merge", { id: 1 });
  const broken = { comments: known([breaks]), permissions: access([[dave.id, known("write")]]), reviews: known([]) };
  const allowed = doneWith({ breakGlass: { users: ["dave"], teams: [], hours: 4 } });
  it.each<[string, Partial<Facts>, Parameters<typeof merge>[0], string | null]>([
    ["all is as it was", {}, {}, null],
    ["it was closed", { state: "closed" }, {}, "the pull request is closed by now"],
    ["case 60: the head moved", { head: older }, {}, "the head moved in between"],
    ["case 61: base moved", { base: { ref: "main", tip: known(older) } }, {}, "the base branch moved in between"],
    ["case 39: it was retargeted", { base: { ref: "staging", tip: known(base) } }, {}, "the base branch was changed in between"],
    ["the title was edited", { title: "Something else" }, {}, "title or description were edited in between"],
    [
      "it was checked again, with another result",
      { check: done({ tree: "9".repeat(40) }) },
      {},
      "the merge result was checked again in between",
    ],
    [
      "case 66: the approval was withdrawn",
      { reviews: known([review(bob, "dismissed")]) },
      {},
      "what the verdict rests on changed in between",
    ],
    ["the merge's break-glass stands in", { ...broken, check: allowed }, { glass, comment: breaks.id }, null],
    ["case 25: its comment is gone", { comments: known([]) }, {}, "the comment that asked for it was deleted"],
    [
      "case 24: its comment was edited",
      { comments: known([comment(alice, "/merge", { id: 1, edited: known({ by: null, foreign: false }) })]) },
      {},
      "the comment that asked for it was edited",
    ],
    ["its comment can't be read", { comments: unknown("GitHub answered 502") }, {}, "whether its author still asks for it can't be told"],
    ["its author called it off", { comments: known([asks, comment(alice, "/cancel", { id: 2 })]) }, {}, "somebody said /cancel in between"],
    ["a word that nobody has to obey", { comments: known([asks, comment(alice, "should I /cancel?", { id: 2 })]) }, {}, null],
    ["a /cancel that was there when it was decided to merge", { comments: known([asks, comment(bob, "/cancel", { id: 3 })]) }, {}, null],
  ])("%s", (_name, given, more, says) => {
    const heard = new Set([asks.id, breaks.id, 3]);
    expect(mergeObjection(merge(more), facts({ comments: known([asks]), ...given }), heard)).toBe(says);
  });
});
