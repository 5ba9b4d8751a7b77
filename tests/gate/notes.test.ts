import { describe, expect, it } from "vitest";
import { decide, type Note } from "../../src/gate/decide.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts, ReviewDebt } from "../../src/gate/facts.ts";
import { notesOf } from "../../src/gate/notes.ts";
import { access } from "./cases/case.ts";
import {
  alice,
  base,
  binding,
  bob,
  by,
  carol,
  checkRun,
  comment,
  commit,
  dave,
  done,
  facts,
  head,
  memory,
  older,
  receipt,
  review,
} from "./world.ts";

/** What is kept of what is seen, each time with the one thing that makes the difference. */
const bobs = review(bob);
const one = { reviews: known([bobs]) };
const running = { check: { state: "running", previous: null } } as const;
const shown = { base: older, baseRef: "old" };
const notes = (given: Partial<Facts>): readonly Note[] => notesOf(facts({ ...one, ...given }), memory());
const kinds = (given: Partial<Facts>): string[] => notes(given).map(({ kind }) => kind);

type Row = readonly [name: string, given: Partial<Facts>, kinds: readonly string[]];

const bound: readonly Row[] = [
  ["of this very check", {}, ["bind"]],
  ["received, of this very check", { receipts: [receipt(bobs, { bound: null })] }, ["bind"]],
  ["bound already", { receipts: [receipt(bobs)] }, []],
  ["of a closed one", { state: "closed" }, []],
  ["before the check is done", running, ["see"]],
  ["received before the check is done", { ...running, receipts: [receipt(bobs, { bound: null })] }, ["see"]],
  [
    "received and seen before the check is done",
    { ...running, receipts: [receipt(bobs, { bound: null, shown: { base, baseRef: "main" } })] },
    [],
  ],
  ["received on another base before the check is done", { ...running, receipts: [receipt(bobs, { bound: null, shown })] }, ["approval"]],
  ["of a base that can't be read", { ...running, base: { ref: "main", tip: unknown("GitHub answered 502") } }, []],
  ["by its author", { reviews: known([review(alice)]) }, []],
  ["of access that can't be read", { permissions: access([[bob.id, unknown("GitHub answered 502")]]) }, []],
  ["by somebody who may only read", { permissions: access([[bob.id, known("read")]]) }, []],
  ["of another head", { reviews: known([review(bob, "approved", older)]) }, ["approval"]],
  ["of a check without a merge result", { check: done({ tree: null }) }, ["see"]],
];

describe("an approval", () => {
  it.each(bound)("%s", (_, given, left) => {
    expect(kinds(given)).toEqual(left);
  });

  it("is bound to what was checked, with what its reviewer may do", () => {
    expect(notes({})).toEqual([
      { kind: "bind", receipt: expect.objectContaining({ review: bobs.id, commit: head, source: "api" }) as unknown, binding: binding() },
    ]);
    const admin = { permissions: access([[bob.id, known("admin")]]) };
    expect(notes(admin)).toMatchObject([{ binding: { permission: "admin" } }]);
  });

  it("is bound to what was shown with it, where that was another base", () => {
    const older_ = binding({ base: older });
    expect(notes({ shown: { base: older, baseRef: "main", binding: older_ } })).toMatchObject([
      { kind: "bind", binding: older_ },
      { kind: "approval", state: "kept" },
    ]);
  });

  it("is kept with the base that it was seen on", () => {
    expect(notes(running)).toMatchObject([{ kind: "see", receipt: { review: bobs.id, shown: { base, baseRef: "main" } } }]);
    expect(notes({ ...running, shown: { ...shown, base, binding: null } })).toMatchObject([
      { kind: "see", receipt: { shown: { base, baseRef: "old" } } },
      { kind: "approval", state: "dropped" },
    ]);
  });

  it("is not another's of the same number, nor another of the same person", () => {
    const receipts = [receipt({ ...bobs, id: 1 }), receipt({ ...bobs, reviewer: carol })];
    expect(kinds({ receipts })).toEqual(["bind"]);
  });
});

const debt = (more: Partial<ReviewDebt> = {}): ReviewDebt => ({
  number: 7,
  by: "dave",
  byId: dave.id,
  reason: "the site was down",
  since: "2026-02-27T00:00:00.000Z",
  baseRef: "main",
  landing: "x",
  seen: [],
  ...more,
});
const owed: Partial<Facts> = { state: "merged", debts: [debt()] };

const paying: readonly Row[] = [
  ["a peer's", owed, ["pay"]],
  ["a peer's, of two landings", { ...owed, debts: [debt(), debt({ landing: "y" })] }, ["pay", "pay"]],
  ["a peer's, while it is open", { ...owed, state: "open", receipts: [receipt(bobs)] }, []],
  ["of another pull request", { ...owed, debts: [debt({ number: 8 })] }, []],
  ["one that was there when it landed", { ...owed, debts: [debt({ seen: [bobs.id] })] }, []],
  ["one that stood beside others", { ...owed, debts: [debt({ seen: [1, 2] })] }, ["pay"]],
  ["of whoever landed it", { ...owed, debts: [debt({ byId: bob.id })] }, []],
  ["of a contributor", { ...owed, commits: known([commit([by("author", bob), by("committer", alice)])]) }, []],
  ["that does not count", { ...owed, permissions: access([[bob.id, known("read")]]) }, []],
  ["that can't be read", { ...owed, reviews: unknown("GitHub answered 502") }, []],
];

describe("a review that is owed", () => {
  it.each(paying)("and a review: %s", (_, given, left) => {
    expect(kinds(given)).toEqual(left);
  });

  it("names who paid what", () => {
    expect(notes(owed)).toEqual([{ kind: "pay", by: bob, review: bobs.id, debt: { landing: "x", baseRef: "main" } }]);
  });
});

describe("what is forged", () => {
  const quiet: Partial<Facts> = { reviews: known([]) };
  it.each<readonly [string, Partial<Facts>, readonly Note[]]>([
    [
      "a check under the gate's name",
      { checks: known([checkRun(), checkRun({ name: "Puppet-Gate", app: 9 })]) },
      [{ kind: "forged", head, name: "Puppet-Gate", app: 9 }],
    ],
    ["a check that can't be read", { checks: unknown("GitHub answered 502") }, []],
    [
      "a command that somebody else edited",
      { comments: known([comment(alice, "/merge", { id: 5, edited: known({ by: bob, foreign: true }) })]) },
      [{ kind: "forged-command", comment: 5, by: bob }],
    ],
    [
      "a command that its author edited",
      { comments: known([comment(alice, "/merge", { edited: known({ by: alice, foreign: false }) })]) },
      [],
    ],
    [
      "a command beside a question that somebody else edited",
      { comments: known([comment(alice, "/why\n\n/merge", { id: 6, edited: known({ by: bob, foreign: true }) })]) },
      [{ kind: "forged-command", comment: 6, by: bob }],
    ],
    [
      "a question that somebody else edited",
      { comments: known([comment(alice, "/why", { edited: known({ by: bob, foreign: true }) })]) },
      [],
    ],
    ["an account that is gone", { comments: known([comment(null, "/merge", { edited: known({ by: bob, foreign: true }) })]) }, []],
    ["an edit that can't be read", { comments: known([comment(alice, "/merge", { edited: unknown("GitHub answered 502") })]) }, []],
  ])("%s", (_, given, left) => {
    expect(notes({ ...quiet, ...given })).toEqual(left);
  });
});

describe("another turn", () => {
  const said = (body: string): Partial<Facts> => ({ comments: known([comment(bob, body)]), reviews: known([]) });
  it.each<readonly [string, Partial<Facts>, boolean]>([
    ["after nothing", {}, false],
    ["after an approval is bound", one, false],
    ["after /recheck", said("/recheck"), true],
    ["after /ok-to-test", { ...said("/ok-to-test bbbbbbb"), fork: true, check: { state: "untrusted" } }, true],
    ["after /why", said("/why"), false],
    ["after a debt is paid", { ...one, ...owed }, true],
    [
      "after /unfreeze",
      {
        ...said("/unfreeze the tree was looked at"),
        frozen: { number: 3, why: "another tree landed", since: "2026-02-27T00:00:00.000Z" },
        permissions: access([[bob.id, known("admin")]]),
      },
      true,
    ],
  ])("%s", (_, given, again) => {
    expect(decide(facts(given), memory()).again).toBe(again);
  });
});
