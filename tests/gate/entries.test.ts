import { describe, expect, it } from "vitest";
import { decide, type Memory, type Note } from "../../src/gate/decide.ts";
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

const allDrafts = (given: Partial<Facts>, remembered: Partial<Memory> = {}): Draft[] => {
  const before = { ...memory(remembered) };
  return draftsOf(facts(given), before, decide(facts(given), before));
};
/** Without the policy, which every verdict is beside. */
const drafts: typeof allDrafts = (given, remembered) => allDrafts(given, remembered).filter(({ kind }) => kind !== "policy-in-force");
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
    leaves: [
      ["contributed", alice.id],
      ["merge-intended", alice.id],
    ],
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
      ["contributed", alice.id],
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
    const intended = drafts(
      { comments: known([comment(alice, "/merge")]), reviews: known([bobs]), receipts: [receipt(bobs)] },
      { verdict: same },
    ).at(-1);
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

const wished = wish({ policyDigest: "5".repeat(64) });
const bob70 = { comment: 70, by: bob };
const shown = facts({
  wish: wish(),
  glass,
  reviews: known([review(carol), bobs]),
  comments: known([comment(alice, "hello"), comment(alice, "/recheck", { id: 71 })]),
});
const at = (kind: string, about: string): string => `${kind}:pull/7:${about}`;

/** Each note as the entry that it becomes: its key, whose doing it was, and its evidence. */
const entries: ReadonlyArray<readonly [note: Note, key: string, actor: number | null, evidence: object]> = [
  [
    { kind: "bind", receipt: receipt(bobs), binding: binding() },
    at("approval-bound", `${bobs.id}`),
    bob.id,
    { review: bobs.id, commit: head, source: "delivery", binding: binding() },
  ],
  [
    { kind: "approval", review: bobs.id, state: "kept", why: "base moved" },
    at("approval-kept", `${bobs.id}:${head}:2026-03-01T12:45:00.000Z`),
    bob.id,
    { review: bobs.id, head, why: "base moved" },
  ],
  [
    { kind: "approval", review: 5, state: "dropped", why: "of a review that is gone" },
    at("approval-dropped", `5:${head}:2026-03-01T12:45:00.000Z`),
    null,
    { review: 5, head, why: "of a review that is gone" },
  ],
  [{ kind: "trust", head, ...bob70 }, at("trusted", `70:${head}`), bob.id, { head, comment: 70 }],
  [{ kind: "wish", wish: wished }, at("wish", `90:${head}:${wished.policyDigest}`), alice.id, { ...wished, by: null }],
  [{ kind: "unwish", why: "it was pushed" }, at("wish-ended", `90:${head}`), null, { comment: 90, why: "it was pushed" }],
  [{ kind: "glass", glass }, at("break-glass", "70"), dave.id, { ...glass, by: null }],
  [{ kind: "unglass", why: "it expired" }, at("break-glass-ended", "70"), null, { comment: 70, why: "it expired" }],
  [
    { kind: "pay", by: bob, review: bobs.id, debt: { landing: "x", baseRef: "main" } },
    at("debt-paid", "x"),
    bob.id,
    { number: 7, review: bobs.id, landing: "x", baseRef: "main" },
  ],
  [
    { kind: "unfreeze", reason: "looked into it", ...bob70 },
    at("unfrozen", "70"),
    bob.id,
    { reason: "looked into it", comment: 70, branch: "main" },
  ],
  [
    { kind: "forged", head, name: "puppet-gate", app: 9 },
    at("check-forged", `${head}:9:puppet-gate`),
    null,
    { head, name: "puppet-gate", app: 9 },
  ],
  [
    { kind: "forged", head, name: "puppet-gate", app: null },
    at("check-forged", `${head}:none:puppet-gate`),
    null,
    { head, name: "puppet-gate", app: null },
  ],
  [{ kind: "forged-command", comment: 71, by: carol }, at("command-forged", "71"), carol.id, { comment: 71, text: "/recheck" }],
  [{ kind: "forged-command", comment: 72, by: null }, at("command-forged", "72"), null, { comment: 72, text: null }],
];

describe("the entry of a note", () => {
  const nothing = { ...decide(shown, memory({ verdict: judge(shown) })), notes: [], land: null, verdict: same };
  const of = (note: Note, given = shown): Draft[] => draftsOf(given, memory({ verdict: same }), { ...nothing, notes: [note] });

  it.each(entries)("$kind", (note, key, actor, evidence) => {
    const left = of(note);
    expect(left.map((draft) => ({ ...draft, evidence: draft.evidence.map((text) => JSON.parse(text) as unknown) }))).toEqual([
      { kind: key.split(":")[0], subject: "pull/7", actor, evidence: [evidence], key },
    ]);
  });

  it.each<[string, Note]>([
    ["recheck", { kind: "recheck", ...bob70 }],
    ["see", { kind: "see", receipt: receipt(bobs) }],
  ])("there is none of %s", (_, note) => {
    expect(of(note)).toEqual([]);
  });

  it("there is none of the end of what nobody wished", () => {
    const none = facts({ wish: null, glass: null });
    expect(of({ kind: "unwish", why: "x" }, none)).toEqual([]);
    expect(of({ kind: "unglass", why: "x" }, none)).toEqual([]);
  });

  it("names nobody and no text where GitHub can't be read", () => {
    const blind = facts({ reviews: unknown("GitHub answered 502"), comments: unknown("GitHub answered 502") });
    expect(of({ kind: "approval", review: bobs.id, state: "kept", why: "x" }, blind).map(({ actor }) => actor)).toEqual([null]);
    expect(of({ kind: "forged-command", comment: 71, by: null }, blind)[0]?.evidence).toEqual([`{"comment":71,"text":null}`]);
  });
});

describe("the entry of a verdict and of a landing", () => {
  const verdict = (given: Partial<Facts>): unknown => JSON.parse(drafts(given).find(({ kind }) => kind === "verdict")?.evidence[0] ?? "");

  it("says for which head, base and policy", () => {
    expect(verdict({})).toMatchObject({ head, base, baseRef: "main", policy: "e".repeat(64), verdict: { outcome: "pass" } });
    const blind = { base: { ref: "main", tip: unknown("GitHub answered 502") }, check: { state: "impossible" } } as const;
    expect(verdict(blind)).toMatchObject({ head, base: null, baseRef: "main", policy: null });
  });

  it("has beside it whom the policy lets go around it: once a day of each branch and policy, and nothing where no check tells", () => {
    const policies = (given: Partial<Facts>): Draft[] => allDrafts(given).filter(({ kind }) => kind === "policy-in-force");
    const [told] = policies({});
    expect(told).toMatchObject({ subject: "branch/main", actor: null });
    expect(JSON.parse(told?.evidence[0] ?? "")).toMatchObject({ branch: "main", policy: "e".repeat(64), mode: "enforce" });
    const keyOf = (given: Partial<Facts>): string | undefined => policies(given)[0]?.key;
    expect(keyOf({ draft: true })).toBe(told?.key);
    expect(keyOf({ now: "2099-01-01T00:00:00Z" })).not.toBe(told?.key);
    expect(policies({ check: { state: "impossible" } })).toEqual([]);
  });

  it("is left again where it is another than the last", () => {
    const given: Partial<Facts> = { reviews: known([bobs]), receipts: [receipt(bobs)] };
    const kinds = (before: Memory["verdict"]): string[] => drafts(given, { verdict: before }).map(({ kind }) => kind);
    expect(kinds(judge(facts(given)))).toEqual([]);
    expect(kinds(judge(facts({ draft: true })))).toEqual(["verdict"]);
    expect(kinds(null)).toEqual(["verdict"]);
  });

  it("rests on approvals of people whose access is known", () => {
    const reviews = known([review(carol, "commented"), review(null), review(dave), bobs]);
    const permissions = access([
      [bob.id, known("admin")],
      [carol.id, known("write")],
      [dave.id, unknown("GitHub answered 502")],
    ]);
    const left = drafts({ comments: known([comment(alice, "/merge", { id: 9 })]), reviews, permissions, receipts: [receipt(bobs)] });
    const intended = left.find(({ kind }) => kind === "merge-intended");
    expect(intended).toMatchObject({ actor: alice.id, key: at("merge-intended", `9:${head}:${base}`) });
    expect(JSON.parse(intended?.evidence[0] ?? "")).toMatchObject({ approvals: [{ review: bobs.id, permission: "admin" }], glass: null });
  });

  it("comes after whoever had a part in it, each by an entry of their own that does not say who", () => {
    const left = drafts({ comments: known([comment(alice, "/merge", { id: 9 })]), reviews: known([bobs]), receipts: [receipt(bobs)] });
    const contributed = left.filter(({ kind }) => kind === "contributed");
    expect(contributed.map(({ actor, key, evidence }) => [actor, key, evidence])).toEqual([
      [alice.id, at("contributed", `${head}:0`), [`{"bot":false,"did":"opened this pull request","head":"${head}"}`]],
    ]);
  });

  it("is the doing of whoever broke the glass for it", () => {
    const given: Partial<Facts> = {
      glass,
      reviews: known([]),
      comments: known([breaks]),
      permissions: access([[dave.id, known("write")]]),
      check: doneWith({ breakGlass: { users: ["dave"], teams: [], hours: 4 } }),
    };
    const intended = drafts(given).find(({ kind }) => kind === "merge-intended");
    expect(intended?.actor).toBe(dave.id);
    expect(JSON.parse(intended?.evidence[0] ?? "")).toMatchObject({ glass: { ...glass, by: null }, approvals: [] });
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
