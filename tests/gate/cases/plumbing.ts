import { known, unknown } from "../../../src/gate/facts.ts";
import type { Facts } from "../../../src/gate/facts.ts";
import { approvals, bob, done, doneWith, required, rule } from "../world.ts";
import { access, nobodyElse, type Case } from "./case.ts";

/** What could not be learnt, and who else speaks. */

/** Bob's approval counts, and whether he is of the team could not be learnt. */
const unclear = (of: "any" | "all"): Partial<Facts> => {
  const parts = [approvals(1, { teams: ["acme/sre"] }), approvals(1)];
  return {
    teams: new Map([["acme/sre", unknown("GitHub answered 502")]]),
    check: done({}, [rule("either", of === "any" ? { any: parts } : { all: parts })]),
  };
};

export const plumbing: Case[] = [
  {
    case: 75,
    title: "the reviews could not be read",
    given: { reviews: unknown("GitHub answered 502 to GET reviews") },
    verdict: "unknown",
    rule: "peer",
    outcome: "unknown",
    says: "the reviews could not be read: GitHub answered 502 to GET reviews; it is asked again by itself; /why asks at once",
  },
  {
    case: 75,
    title: "the commits could not be read, whoever approved",
    given: { commits: unknown("GitHub lists 250 of 312 commits") },
    verdict: "unknown",
    rule: "contributors",
    outcome: "unknown",
    says: "who contributed could not be learnt: GitHub lists 250 of 312 commits; it is asked again by itself; /why asks at once",
  },
  {
    case: 75,
    title: "the reviewer's access could not be read",
    given: { permissions: access([[bob.id, unknown("GitHub answered 503")]]) },
    verdict: "unknown",
    rule: "peer",
    outcome: "unknown",
    says: `bob's approval doesn't count: the access of bob could not be learnt (GitHub answered 503); it is asked again by itself; /why asks at once; ${nobodyElse}`,
  },
  {
    case: 75,
    title: "the policy could not be read, which is not the same as none",
    given: {
      check: {
        state: "failed",
        problem: { code: "policy", text: "The policy has an unknown key.", hint: "Mend it on main." },
        final: true,
      },
    },
    verdict: "unknown",
    rule: "checks",
    outcome: "unknown",
    says: "the check could not be done: The policy has an unknown key. Mend it on main.",
  },
  {
    case: 75,
    title: "base's tip could not be read",
    given: { base: { ref: "main", tip: unknown("GitHub answered 500") }, check: { state: "impossible" } },
    verdict: "unknown",
    rule: "checks",
    outcome: "unknown",
    says: "the tip of main could not be read: GitHub answered 500; it is asked again by itself; /why asks at once",
  },
  {
    case: 77,
    title: "every check was skipped",
    given: { check: done({ verdict: { outcome: "unknown", reasons: [{ rule: "compile", outcome: "skipped", text: "nothing to do" }] } }) },
    verdict: "unknown",
    rule: "checks",
    outcome: "unknown",
    says: "no check looked at anything: nothing says that this is safe; say /recheck, and it is checked anew",
  },
  {
    case: 77,
    title: "a policy without rules",
    given: { check: done({}, []) },
    verdict: "blocked",
    rule: "rules",
    outcome: "fail",
    says: "no rule of the policy that is enforced applies to this change, so nobody would be asked: the policy needs one that does",
  },
  {
    case: 77,
    title: "every rule of the policy was skipped",
    given: { check: done({}, [rule("wide", approvals(1), "radius.share > 0.1")]) },
    verdict: "blocked",
    rule: "rules",
    outcome: "fail",
    says: "no rule of the policy that is enforced applies to this change, so nobody would be asked: the policy needs one that does",
  },
  {
    case: 75,
    title: "the organisation's policy could not be read, which is not the same as none",
    given: { organisation: unknown("GitHub answered 502") },
    verdict: "unknown",
    rule: "policy",
    outcome: "unknown",
    says: "the organisation's policy could not be read: GitHub answered 502; it is asked again by itself; /why asks at once",
  },
  {
    case: 75,
    title: "others' checks could not be read",
    given: { ...required({}, []), checks: unknown("GitHub answered 502") },
    verdict: "unknown",
    rule: "ci",
    outcome: "unknown",
    says: "the checks of bbbbbbbbbb could not be read: GitHub answered 502; it is asked again by itself; /why asks at once",
  },
  {
    case: 76,
    title: "one branch of a choice is unknown, and another passes",
    given: unclear("any"),
    verdict: "pass",
    rule: "either",
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    case: 76,
    title: "one part of a whole is unknown",
    given: unclear("all"),
    verdict: "unknown",
    rule: "either",
    outcome: "unknown",
    says: "bob's approval doesn't count here: who is in @acme/sre could not be learnt: GitHub answered 502; it is asked again by itself; /why asks at once; one person of @acme/sre with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
  },
  {
    case: 77,
    title: "every rule that applies only observes",
    given: { check: doneWith({ rules: [{ ...rule("peer"), mode: "observe" }] }) },
    verdict: "blocked",
    rule: "rules",
    outcome: "fail",
    says: "no rule of the policy that is enforced applies to this change, so nobody would be asked: the policy needs one that does",
  },
  {
    case: 77,
    title: "rules that ask nobody let nothing land without a peer",
    given: { reviews: known([]), check: done({}, [rule("quiet", { condition: "radius.nodes < 5" })]) },
    verdict: "blocked",
    rule: "review",
    outcome: "pending",
    says: `the policy's rules ask nobody, and a peer has to approve commit bbbbbbbbbb: ${nobodyElse}`,
  },
];
