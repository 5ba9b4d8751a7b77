import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts, Glass } from "../../src/gate/facts.ts";
import { mergeObjection, mergeOf } from "../../src/gate/merging.ts";
import { access } from "./cases/case.ts";
import { alice, bob, comment, dave, done, doneWith, facts, head, merge, renovate, review, tree } from "./world.ts";

/** What lands of a change that passes, and what keeps it from landing at the last moment besides what entries.test.ts has. */
const asks = comment(alice, "/merge", { id: 1 });
const inOrder: Partial<Facts> = { comments: known([asks]) };
const beside = (author: Parameters<typeof comment>[0], body: string): Partial<Facts> => ({
  comments: known([asks, comment(author, body, { id: 2 })]),
});
const glass: Glass = { comment: 70, by: dave, reason: "the site is down", head, expiresAt: "2026-03-01T16:45:00.000Z" };
const breaks: Partial<Facts> = {
  glass,
  comments: known([asks, comment(dave, "/break-glass the site is down", { id: 70 })]),
  check: doneWith({ breakGlass: { users: ["dave"], teams: [], hours: 4 } }),
  permissions: access([
    [dave.id, known("write")],
    [bob.id, known("write")],
  ]),
};
const unapproved = { reviews: known([review(bob, "commented")]) };

type Row = readonly [name: string, given: Partial<Facts>, objection: string | null];

const rows: readonly Row[] = [
  ["nothing moved", {}, null],
  ["a /cancel of somebody else's", beside(bob, "/cancel"), "somebody said /cancel in between"],
  ["a bot's /cancel", beside(renovate, "/cancel"), null],
  ["a /cancel of an account that is gone", beside(null, "/cancel"), null],
  ["another word", beside(bob, "/why"), null],
  ["a tip that can't be read", { base: { ref: "main", tip: unknown("GitHub answered 502") } }, "GitHub answered 502"],
  ["a check that is made anew", { check: { state: "running", previous: null } }, "the merge result was checked again in between"],
  ["an approval that is gone", { reviews: known([]) }, "what the verdict rests on changed in between"],
];

describe("right before a merge", () => {
  it.each(rows)("%s", (_, given, objection) => {
    expect(mergeObjection(merge(), facts({ ...inOrder, ...given }), new Set([1]))).toBe(objection);
  });

  it("a /cancel that was heard, and refused, stops nothing", () => {
    expect(mergeObjection(merge(), facts(beside(bob, "/cancel")), new Set([1, 2]))).toBeNull();
  });

  it("a break-glass goes with the merge, and not with the facts", () => {
    const given = facts({ ...breaks, ...unapproved, glass: null });
    expect(mergeObjection(merge({ glass }), given, new Set([1, 70]))).toBeNull();
    expect(mergeObjection(merge(), given, new Set([1, 70]))).toBe("what the verdict rests on changed in between");
  });
});

describe("a merge", () => {
  const wanted = { comment: 1, by: alice, method: null };

  it("is of what was checked", () => {
    expect(mergeOf(facts(inOrder), wanted)).toEqual(merge());
  });

  it.each([
    ["exact makes merge commits, whatever is asked", "exact", "squash", ["rebase", "merge"], "merge"],
    ["api takes what is asked", "api", "squash", ["rebase", "squash"], "squash"],
    ["api takes what the repository prefers", "api", null, ["rebase", "squash"], "rebase"],
  ] as const)("%s", (_, landing, method, methods, made) => {
    const given = facts({ ...inOrder, check: doneWith({ landing }), mergeMethods: known(methods) });
    expect(mergeOf(given, { ...wanted, method })).toMatchObject({ landing, method: made });
  });

  const report = (more: Parameters<typeof done>[0]): Partial<Facts> => ({ check: done(more) });
  it.each<[string, Partial<Facts>]>([
    ["a check that is done", { check: { state: "running", previous: null } }],
    ["a way to merge", { mergeMethods: known([]) }],
    ["a way to merge that can be read", { mergeMethods: unknown("GitHub answered 502") }],
    ["a merge result", report({ tree: null })],
    ["a commit of base", report({ base: { ref: "main", sha: null } })],
    ["a commit of head", report({ head: { ref: "change", sha: null } })],
  ])("is none without %s", (_, given) => {
    expect(mergeOf(facts({ ...inOrder, ...given }), wanted)).toBeNull();
  });

  it("goes with a break-glass only where it needs one", () => {
    const said = review(bob, "commented");
    expect(mergeOf(facts({ ...breaks, reviews: known([said]) }), wanted)).toMatchObject({ glass, seen: [said.id], tree });
    expect(mergeOf(facts(breaks), wanted)).toMatchObject({ glass: null, seen: [] });
    expect(mergeOf(facts({ ...inOrder, ...unapproved }), wanted)).toMatchObject({ glass: null, seen: [] });
  });
});
