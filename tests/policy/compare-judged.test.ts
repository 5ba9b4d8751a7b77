import * as fc from "fast-check";
import { expect, it } from "vitest";
import { factsOf } from "../../src/cli/policy/example-facts.ts";
import { harmless, type Example } from "../../src/cli/policy/examples.ts";
import { judge } from "../../src/gate/evaluate.ts";
import { comparePolicies } from "../../src/policy/compare.ts";
import type { Approvers, Requirement } from "../../src/policy/requirement.ts";
import { defaultPolicy, type Policy, type Rule } from "../../src/policy/schema.ts";

/** What `comparePolicies` claims, held against what the gate decides. */

const from: fc.Arbitrary<Approvers> = fc
  .record({
    permission: fc.constantFrom("write" as const, "admin" as const),
    of: fc.constantFrom<Partial<Approvers>>(
      {},
      { users: ["bob"] },
      { users: ["bob", "carol"] },
      { teams: ["acme/sre"] },
      { teams: ["acme/sre", "acme/web"] },
      { owners: "affected-services" },
      { codeowners: "every-path" },
      { codeowners: "named-paths" },
    ),
  })
  .map(({ permission, of }) => ({ users: [], teams: [], owners: null, codeowners: null, permission, ...of }));

const leaf: fc.Arbitrary<Requirement> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ approvals: fc.record({ count: fc.integer({ min: 1, max: 2 }), from }) }) },
  fc.constantFrom<Requirement>(
    { condition: "change.fork" },
    { not: { condition: "change.fork" } },
    { check: { name: "ci", appId: 1, accept: ["success"], workflow: null, timeoutMinutes: 60 } },
    { check: { name: "ci", appId: 1, accept: ["success", "neutral"], workflow: null, timeoutMinutes: 60 } },
  ),
);
const branches = fc.array(leaf, { minLength: 1, maxLength: 2 });
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  { weight: 3, arbitrary: leaf },
  branches.map((all) => ({ all })),
  branches.map((any) => ({ any })),
);
const rule = (name: string): fc.Arbitrary<Rule> =>
  fc.record({
    name: fc.constant(name),
    mode: fc.constantFrom("enforce" as const, "enforce" as const, "observe" as const),
    when: fc.constantFrom("true", "true", "change.fork"),
    require: requirement,
  });
const rules = fc.tuple(rule("a"), rule("b")).map(([a, b]) => [a, b]);

/** A base, and what somebody makes of it: often one part of it alone, so that the two can be compared. */
const pair = fc.tuple(rules, rules, fc.constantFrom("a", "b", "more", "less", "both")).map(([base, other, what]): [Rule[], Rule[]] => {
  const [a, b] = base;
  const [x, y] = other;
  if (a === undefined || b === undefined || x === undefined || y === undefined) return [base, other];
  const made = { a: [{ ...a, require: x.require }, b], b: [a, y], more: [a, b], less: [a], both: other };
  return [what === "more" ? [a] : base, made[what]];
});

const example: fc.Arbitrary<Example> = fc
  .record({
    fork: fc.boolean(),
    services: fc.constantFrom<string[]>([], ["web"]),
    codeowners: fc.constantFrom(undefined, "* @bob", "* @acme/sre", "/other @bob"),
    conclusion: fc.constantFrom("success", "neutral", "failure"),
    approvals: fc.uniqueArray(
      fc.record({
        by: fc.constantFrom("bob", "carol", "dave"),
        permission: fc.constantFrom("write" as const, "admin" as const),
        teams: fc.subarray(["acme/sre", "acme/web"]),
        of: fc.constant("head" as const),
      }),
      { selector: ({ by }) => by },
    ),
  })
  .map(({ fork, services, codeowners, conclusion, approvals }) => ({
    ...harmless,
    change: { ...harmless.change, fork },
    radius: { ...harmless.radius, services },
    checks: [{ name: "ci", app_id: 1, conclusion, workflow: null }],
    approvals,
    ...(codeowners === undefined ? {} : { codeowners }),
  }));

const policy = (given: readonly Rule[]): Policy => ({
  ...defaultPolicy,
  services: [{ name: "web", owners: ["@acme/web"], match: "true" }],
  rules: given,
});
const lands = (given: Example, by: Policy): boolean => judge(factsOf(given, by)).outcome === "pass";

it("lets nothing land under a policy that is called tighter, which would not have landed under the old one", () => {
  const counted = { tightens: 0, landed: 0 };
  fc.assert(
    fc.property(pair, example, ([before, after], change) => {
      const [base, merged] = [policy(before), policy(after)];
      const becomes = comparePolicies(base, merged);
      if (becomes === "tightens") counted.tightens += 1;
      const landed = becomes !== "loosens" && lands(change, merged);
      if (landed) counted.landed += 1;
      expect(landed && !lands(change, base)).toBe(false);
    }),
    { numRuns: 3000 },
  );
  // A run that compared nothing would prove nothing.
  expect(Math.min(counted.tightens, counted.landed)).toBeGreaterThan(30);
});
