import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { judge } from "../../src/gate/evaluate.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Carry, Facts, Known, Person, ReviewFacts } from "../../src/gate/facts.ts";
import type { Requirement } from "../../src/policy/requirement.ts";
import {
  alice,
  approvals,
  base,
  binding,
  bob,
  by,
  carol,
  checkRun,
  ci,
  comment,
  commit,
  dave,
  doneWith,
  facts,
  head,
  memory,
  older,
  receipt,
  renovate,
  rule,
} from "./world.ts";

/** The promises about who and what lands, over facts that nobody thought of. */

const people: [Person, ...Person[]] = [alice, bob, carol, dave, renovate];
const person = fc.constantFrom(...people);
const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3 * others.length, arbitrary: fc.constant(usual) }, { weight: others.length, arbitrary: fc.constantFrom(...others) });
const sha = mostly(head, older);
const stance = mostly<ReviewFacts["stance"]>("approved", "changes-requested", "commented");

const review = fc.record({ reviewer: person, stance, commit: sha, minute: fc.integer({ min: 10, max: 50 }) });
const carry = fc.constantFrom<Known<Carry> | null>(
  known({ kind: "TRIVIAL_REBASE" }),
  known({ kind: "changed", why: "a file differs" }),
  unknown("git could not say"),
  null,
);
const requirement: fc.Arbitrary<Requirement> = fc.letrec<{ requirement: Requirement; leaf: Requirement }>((tie) => ({
  leaf: fc.constantFrom<Requirement>(
    approvals(1),
    approvals(2),
    approvals(1, { permission: "admin" }),
    approvals(1, { teams: ["acme/sre"] }),
    approvals(1, { owners: "affected-services" }),
    ci(),
    { condition: "radius.nodes < 5" },
    { not: { condition: "radius.nodes > 5" } },
  ),
  requirement: fc.oneof(
    { maxDepth: 2 },
    tie("leaf"),
    fc.array(tie("requirement"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie("requirement"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
  ),
})).requirement;

/** Facts in which much may be in order: about a fourth of them pass. */
const someFacts = fc
  .record({
    reviews: fc.array(review, { minLength: 1, maxLength: 6 }),
    authors: fc.array(mostly(...people), { minLength: 1, maxLength: 2 }),
    pusher: mostly(...people),
    received: fc.boolean(),
    bound: fc.option(fc.record({ base: fc.constantFrom(base, older), digest: mostly("1".repeat(64), "2".repeat(64)) })),
    carry,
    permission: mostly("admin" as const, "write" as const, "read" as const),
    team: fc.constantFrom(known(new Set([bob.id, carol.id])), known(new Set<number>()), unknown("GitHub answered 502")),
    require: requirement,
    check: mostly("success", "failure", null),
  })
  .map((made): Facts => {
    const reviews = made.reviews.map(({ reviewer, stance: given, commit: of, minute }, at): ReviewFacts => {
      const submittedAt = `2026-03-01T12:${minute}:00Z`;
      return { id: at + 1, reviewer, stance: given, commit: of, submittedAt, dismissal: null };
    });
    const bound = made.bound === null ? null : binding(made.bound);
    return facts({
      reviews: known(reviews),
      receipts: made.received ? reviews.map((one) => receipt(one, { bound, carry: made.carry })) : [],
      commits: known([commit(made.authors.map((author) => by("author", author)))]),
      pushers: [made.pusher],
      headPusher: known(made.pusher),
      permissions: new Map(people.map(({ id }) => [id, known(made.permission)])),
      teams: new Map([["acme/sre", made.team]]),
      checks: known(made.check === null ? [] : [checkRun({ conclusion: made.check })]),
      check: doneWith({
        rules: [rule("some", made.require)],
        services: [{ name: "playlist", owners: ["@bob", "@acme/sre"], match: "true" }],
      }),
    });
  });

const runs = { numRuns: 200 };
const passes = (given: Facts): boolean => judge(given).outcome === "pass";
const valueOf = <T>(item: Known<readonly T[]>): readonly T[] => (item.known ? item.value : []);

/** Each thing that has to be asked for, with what it is like when it could not be learnt. */
const holes: readonly [name: string, (given: Facts) => Facts][] = [
  ["commits", (given) => ({ ...given, commits: unknown("lost") })],
  ["reviews", (given) => ({ ...given, reviews: unknown("lost") })],
  ["the base branch's tip", (given) => ({ ...given, base: { ...given.base, tip: unknown("lost") } })],
  ["ways to merge", (given) => ({ ...given, mergeMethods: unknown("lost") })],
  ["the organisation's policy", (given) => ({ ...given, organisation: unknown("lost") })],
  ["who pushed the head", (given) => ({ ...given, headPusher: unknown("lost") })],
  ["everybody's access", (given) => ({ ...given, permissions: new Map(people.map(({ id }) => [id, unknown("lost")])) })],
  ["nothing of anybody's access", (given) => ({ ...given, permissions: new Map() })],
  ["the opener", (given) => ({ ...given, opener: null })],
  [
    "the account behind a commit",
    (given) => ({ ...given, commits: known([...valueOf(given.commits), commit([by("author", null)], older)]) }),
  ],
];

describe("promises", () => {
  it("are put to facts that pass, too", () => {
    const some = fc.sample(someFacts, { numRuns: 400, seed: 1 });
    expect(some.filter(passes).length).toBeGreaterThan(60);
  });

  it.each(holes)("unknown blocks: %s", (_name, hole) => {
    fc.assert(
      fc.property(someFacts, (given) => {
        fc.pre(passes(given));
        expect(passes(hole(given))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("nothing passes without an eligible peer's approval of what would land", () => {
    fc.assert(
      fc.property(someFacts, (given) => {
        fc.pre(passes(given));
        const contributors = new Set([alice.id, ...given.pushers.map(({ id }) => id)]);
        for (const { contributions } of valueOf(given.commits))
          for (const one of contributions) if (one.person !== null) contributors.add(one.person.id);
        const approvers = valueOf(given.reviews).flatMap(({ reviewer, stance: said }) =>
          said === "approved" && reviewer !== null ? [reviewer] : [],
        );
        expect(approvers.filter(({ id, bot }) => !bot && !contributors.has(id))).not.toEqual([]);
      }),
      runs,
    );
  });

  it("a contributor's approval never counts: without it, the verdict is the same", () => {
    fc.assert(
      fc.property(someFacts, (given) => {
        const contributes = (one: Person | null): boolean => one?.id === alice.id || given.pushers.some(({ id }) => id === one?.id);
        const reviews = known(valueOf(given.reviews).filter(({ reviewer, stance: said }) => said !== "approved" || !contributes(reviewer)));
        const before = valueOf(given.reviews).some(({ reviewer, stance: said }) => said === "changes-requested" && contributes(reviewer));
        fc.pre(!before); // an approval lifts its author's own request for changes, whoever they are
        expect(judge({ ...given, reviews }).outcome).toBe(judge(given).outcome);
      }),
      runs,
    );
  });

  it("taking an approval away never makes anything pass", () => {
    fc.assert(
      fc.property(someFacts, fc.nat(5), (given, at) => {
        const all = valueOf(given.reviews);
        fc.pre(all[at]?.stance === "approved" && !passes(given));
        expect(passes({ ...given, reviews: known(all.filter((_, index) => index !== at)) })).toBe(false);
      }),
      runs,
    );
  });

  it("nobody's commands land what does not pass, and nobody's but the opener's land anything", () => {
    const commands = fc.constantFrom(
      "/merge",
      "/merge when ready",
      "/recheck",
      "/ok-to-test bbbbbbb",
      "/break-glass the site is down",
      "/unfreeze why not",
    );
    fc.assert(
      fc.property(someFacts, person, commands, (given, author, body) => {
        const { land } = decide({ ...given, comments: known([comment(author, body)]) }, memory());
        expect(land === null || (passes(given) && author.id === alice.id)).toBe(true);
      }),
      runs,
    );
  });

  it("a break-glass lifts what waits for people, and nothing that a check found", () => {
    const breakGlass = { users: ["dave"], teams: [], hours: 4 };
    fc.assert(
      fc.property(someFacts, fc.boolean(), (given, broken) => {
        const verdict = broken
          ? { outcome: "blocked" as const, reasons: [{ rule: "lint", outcome: "fail" as const, text: "a tab" }] }
          : undefined;
        const check = given.check.state === "done" ? given.check : null;
        fc.pre(check !== null);
        const policy = { ...check.policy, breakGlass, rules: [rule("some")] };
        const report = { ...check.report, ...(verdict === undefined ? {} : { verdict }) };
        const says = comment(dave, "/break-glass the site is down");
        const given2 = {
          ...given,
          check: { ...check, policy, report },
          comments: known([says]),
          permissions: new Map([[dave.id, known("write" as const)]]),
        };
        expect(decide(given2, memory()).land === null).toBe(broken || passes(given2));
      }),
      runs,
    );
  });
});
