import { describe, expect, it } from "vitest";
import { judge } from "../../src/gate/evaluate.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts, Known, Permission } from "../../src/gate/facts.ts";
import { alice, peer, bob, by, carol, commit, dave, done, facts, head, older, renovate, report, review, approvals, rule } from "./world.ts";

const access = (entries: [number, Known<Permission>][]): Facts["permissions"] => new Map(entries);

/** What a person reads when `rule` has its say, and what the whole comes to. Numbers are those of the catalogue of cases. */
interface Case {
  name: string;
  given?: Partial<Facts>;
  verdict: "pass" | "blocked" | "unknown";
  rule: string;
  outcome: string;
  says: string;
}

const nobodyElse = "one person with write access who contributed nothing (not alice) must approve bbbbbbbbbb";

const cases: Case[] = [
  { name: "a peer approved the head", verdict: "pass", rule: "peer", outcome: "pass", says: "bob approved bbbbbbbbbb" },
  {
    name: "case 1: the opener approves their own pull request",
    given: { reviews: known([review(alice)]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: `alice's approval doesn't count: alice opened this pull request; ${nobodyElse}`,
  },
  {
    name: "case 2: the approver is an author of a commit",
    given: { commits: known([commit(), commit([by("author", bob)], older)]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: "bob's approval doesn't count: bob is author of cccccccccc; one person with write access who contributed nothing (not alice and bob) must approve bbbbbbbbbb",
  },
  {
    name: "case 3: the approver is only the committer",
    given: { commits: known([commit([by("author", alice), by("committer", bob)])]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: "bob's approval doesn't count: bob is committer of bbbbbbbbbb; one person with write access who contributed nothing (not alice and bob) must approve bbbbbbbbbb",
  },
  {
    name: "case 4: the reviewer pushed a fix and then approved",
    given: { pushers: [bob] },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: "bob's approval doesn't count: bob pushed to this change; one person with write access who contributed nothing (not alice and bob) must approve bbbbbbbbbb",
  },
  {
    name: "case 5: alice opens a pull request from bob's branch and bob approves",
    given: { commits: known([commit([by("author", bob), by("committer", bob)])]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: "bob's approval doesn't count: bob is author of bbbbbbbbbb; one person with write access who contributed nothing (not alice and bob) must approve bbbbbbbbbb",
  },
  {
    name: "case 7: an author's e-mail belongs to no account",
    given: { commits: known([commit([by("author", null, "Bob <bob@home.example>")])]) },
    verdict: "unknown",
    rule: "contributors",
    outcome: "unknown",
    says: "Bob <bob@home.example>, author of bbbbbbbbbb, belongs to no GitHub account: add that e-mail address to the account it belongs to, or rewrite the commit with one that has an account (git rebase, git commit --amend --reset-author) and push",
  },
  {
    name: "case 9: bob's commit came in by a merged side branch",
    given: { commits: known([commit(), commit([by("author", bob)], "e".repeat(40)), commit([by("author", alice)], older)]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: "bob's approval doesn't count: bob is author of eeeeeeeeee; one person with write access who contributed nothing (not alice and bob) must approve bbbbbbbbbb",
  },
  {
    name: "case 10: the approver is a co-author",
    given: { commits: known([commit([by("author", alice), by("co-author", bob)])]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: "bob's approval doesn't count: bob is co-author of bbbbbbbbbb; one person with write access who contributed nothing (not alice and bob) must approve bbbbbbbbbb",
  },
  {
    name: "case 12: a bot approves",
    given: { reviews: known([review(renovate)]), permissions: access([[renovate.id, known("write")]]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: `renovate[bot]'s approval doesn't count: a bot can't be a peer; ${nobodyElse}`,
  },
  {
    name: "case 15: the reviewer's account was deleted",
    given: { reviews: known([review(null)]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: `the approval of a deleted account doesn't count; ${nobodyElse}`,
  },
  {
    name: "case 15: the opener's account was deleted",
    given: { opener: null },
    verdict: "unknown",
    rule: "contributors",
    outcome: "unknown",
    says: "the account that opened this pull request is deleted: open it again from an account that exists",
  },
  {
    name: "case 16: bob renamed himself and approves under the new name",
    given: { commits: known([commit([by("author", bob)])]), reviews: known([review({ ...bob, login: "robert" })]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: "robert's approval doesn't count: robert is author of bbbbbbbbbb; one person with write access who contributed nothing (not alice and bob) must approve bbbbbbbbbb",
  },
  {
    name: "case 16: somebody else took the name of a contributor",
    given: { commits: known([commit([by("author", bob)])]), reviews: known([review({ ...carol, login: "bob" })]) },
    verdict: "pass",
    rule: "peer",
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "case 17: the reviewer may only read by now",
    given: { permissions: access([[bob.id, known("read")]]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: `bob's approval doesn't count: bob has read access, and write is needed; ${nobodyElse}`,
  },
  {
    name: "case 17: the reviewer lost access altogether",
    given: { permissions: access([[bob.id, known("none")]]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: `bob's approval doesn't count: bob has no access, and write is needed; ${nobodyElse}`,
  },
  {
    name: "case 19: approve, then request changes",
    given: { reviews: known([review(bob), review(bob, "changes-requested")]) },
    verdict: "blocked",
    rule: "objections",
    outcome: "fail",
    says: "bob requested changes: settle it with them; their approval or a dismissal of the review lifts this",
  },
  {
    name: "case 19: one approves and another requests changes on an older head",
    given: { reviews: known([review(carol, "changes-requested", older), review(bob)]) },
    verdict: "blocked",
    rule: "objections",
    outcome: "fail",
    says: "carol requested changes: settle it with them; their approval or a dismissal of the review lifts this",
  },
  {
    name: "case 19: request changes, then approve",
    given: { reviews: known([review(bob, "changes-requested"), review(bob)]) },
    verdict: "pass",
    rule: "objections",
    outcome: "pass",
    says: "nobody with write access requests changes",
  },
  {
    name: "a request for changes by somebody who may only read does not block",
    given: {
      reviews: known([review(bob), review(dave, "changes-requested")]),
      permissions: access([
        [bob.id, known("write")],
        [dave.id, known("read")],
      ]),
    },
    verdict: "pass",
    rule: "objections",
    outcome: "pass",
    says: "nobody with write access requests changes",
  },
  {
    name: "case 20: the request for changes is dismissed, and the older approval stays gone",
    given: { reviews: known([review(bob), review(bob, "dismissed")]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: nobodyElse,
  },
  {
    name: "case 22: a comment after the approval",
    given: { reviews: known([review(bob), review(bob, "commented", older)]) },
    verdict: "pass",
    rule: "peer",
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "case 27: a draft",
    given: { draft: true },
    verdict: "blocked",
    rule: "change",
    outcome: "pending",
    says: "this pull request is a draft: mark it ready for review first",
  },
  {
    name: "case 28: closed",
    given: { state: "closed" },
    verdict: "blocked",
    rule: "change",
    outcome: "fail",
    says: "this pull request is closed: reopen it, and it is checked anew",
  },
  {
    name: "case 29: the approval that counts is the last of three hundred reviews",
    given: { reviews: known([...Array.from({ length: 300 }, () => review(carol, "commented")), review(bob)]) },
    verdict: "pass",
    rule: "peer",
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "case 30: one person approves twice where two are asked for",
    given: {
      reviews: known([review(bob), review(bob)]),
      check: done({}, [rule("peer", approvals(2), "true")]),
    },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing (not alice) must approve bbbbbbbbbb",
  },
  {
    name: "case 31: a push after the approval",
    given: { reviews: known([review(bob, "approved", older)]) },
    verdict: "blocked",
    rule: "peer",
    outcome: "pending",
    says: `bob's approval was dropped because it was given for cccccccccc, and the head is now bbbbbbbbbb; ${nobodyElse}`,
  },
  {
    name: "case 41: nothing changes",
    given: { changedFiles: 0 },
    verdict: "blocked",
    rule: "change",
    outcome: "fail",
    says: "this pull request changes no file: there is nothing to review or to land",
  },
  {
    name: "a conflict",
    given: {
      check: done({
        tree: null,
        verdict: { outcome: "blocked", reasons: [{ rule: "merge", outcome: "fail", text: "base and head conflict in a.pp" }] },
      }),
    },
    verdict: "blocked",
    rule: "merge",
    outcome: "fail",
    says: "base and head conflict in a.pp",
  },
  {
    name: "the check is under way",
    given: { check: { state: "running", previous: null } },
    verdict: "blocked",
    rule: "checks",
    outcome: "pending",
    says: "the merge result of bbbbbbbbbb and aaaaaaaaaa is being checked: wait for the check run to complete",
  },
  {
    name: "case 61: base moved since the check",
    given: { check: { state: "running", previous: { base: older, head } } },
    verdict: "blocked",
    rule: "checks",
    outcome: "pending",
    says: "main moved from cccccccccc to aaaaaaaaaa, so the merge result is being checked again: wait for the check run to complete",
  },
  {
    name: "case 60: a report of another head",
    given: { check: done({ head: { ref: "change", sha: older } }) },
    verdict: "unknown",
    rule: "checks",
    outcome: "unknown",
    says: "the check that is stored is of other commits: it is run again",
  },
  {
    name: "case 75: the reviews could not be read",
    given: { reviews: unknown("GitHub answered 502 to GET reviews") },
    verdict: "unknown",
    rule: "peer",
    outcome: "unknown",
    says: "the reviews could not be read: GitHub answered 502 to GET reviews",
  },
  {
    name: "case 75: the commits could not be read, whoever approved",
    given: { commits: unknown("GitHub lists 250 of 312 commits") },
    verdict: "unknown",
    rule: "contributors",
    outcome: "unknown",
    says: "who contributed could not be learnt: GitHub lists 250 of 312 commits",
  },
  {
    name: "case 75: the reviewer's access could not be read",
    given: { permissions: access([[bob.id, unknown("GitHub answered 503")]]) },
    verdict: "unknown",
    rule: "peer",
    outcome: "unknown",
    says: `bob's approval doesn't count: the access of bob could not be learnt (GitHub answered 503); ${nobodyElse}`,
  },
  {
    name: "case 75: the policy could not be read, which is not the same as none",
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
    name: "case 75: base's tip could not be read",
    given: { base: { ref: "main", tip: unknown("GitHub answered 500") }, check: { state: "impossible" } },
    verdict: "unknown",
    rule: "checks",
    outcome: "unknown",
    says: "the tip of main could not be read: GitHub answered 500",
  },
  {
    name: "case 77: every check was skipped",
    given: { check: done({ verdict: { outcome: "unknown", reasons: [{ rule: "compile", outcome: "skipped", text: "nothing to do" }] } }) },
    verdict: "unknown",
    rule: "checks",
    outcome: "unknown",
    says: "no check looked at anything: nothing says that this is safe",
  },
  {
    name: "case 77: a policy without rules",
    given: { check: done({}, []) },
    verdict: "blocked",
    rule: "rules",
    outcome: "fail",
    says: "no rule of the policy that is enforced applies to this change, so nobody would be asked: the policy needs one that does",
  },
  {
    name: "case 77: every rule of the policy was skipped",
    given: { check: done({}, [rule("wide", approvals(1), "radius.share > 0.1")]) },
    verdict: "blocked",
    rule: "rules",
    outcome: "fail",
    says: "no rule of the policy that is enforced applies to this change, so nobody would be asked: the policy needs one that does",
  },
  {
    name: "a rule that does not apply is skipped, and says why",
    given: { check: done({}, [...peer, rule("wide", approvals(2), "radius.share > 0.1")]) },
    verdict: "pass",
    rule: "wide",
    outcome: "skipped",
    says: "does not apply here: radius.share > 0.1 is false",
  },
  {
    name: "a rule that applies asks for as many people as it says",
    given: {
      check: done({}, [...peer, rule("ours", approvals(3), 'change.author == "alice" && !change.fork')]),
    },
    verdict: "blocked",
    rule: "ours",
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; 2 more people with write access who contributed nothing (not alice) must approve bbbbbbbbbb",
  },
  {
    name: "a rule whose condition reads something unknown applies",
    given: { opener: null, check: done({}, [rule("ours", approvals(2), 'change.author == "zoe"')]) },
    verdict: "unknown",
    rule: "ours",
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing (not alice) must approve bbbbbbbbbb",
  },
  {
    name: "a rule about paths applies where one is quoted: no condition can be written for it",
    given: {
      check: done(
        {},
        [...peer, rule("manifests", approvals(2), 'change.paths.exists(p, p.startsWith("manifests/"))')],
        ['"manifests/zz\\"x.pp"'],
      ),
    },
    verdict: "blocked",
    rule: "manifests",
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing (not alice) must approve bbbbbbbbbb",
  },
  {
    name: "a rule about the radius applies where base does not compile a node: it may belong to any service",
    given: {
      check: done({ nodes: [{ certname: "pay1", outcome: "fixed", reason: null, services: [], datacentre: null, cached: false }] }, [
        ...peer,
        rule("payments", approvals(2), '"payments" in radius.services'),
      ]),
    },
    verdict: "blocked",
    rule: "payments",
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing (not alice) must approve bbbbbbbbbb",
  },
];

describe("evaluate", () => {
  it.each(cases)("$name", ({ given = {}, verdict, rule, outcome, says }) => {
    const judged = judge(facts(given));
    expect(judged.reasons.find((reason) => reason.rule === rule)).toMatchObject({ rule, outcome, text: says });
    expect(judged.outcome).toBe(verdict);
  });

  it("leaves a pending reason of the checks in the way when no rule of the policy answers it", () => {
    const asks = { rule: "two-team", outcome: "pending" as const, text: "two teams" };
    expect(judge(facts({ check: done({ verdict: { outcome: "pass", reasons: [...report().verdict.reasons, asks] } }) })).outcome).toBe(
      "blocked",
    );
  });
});
