import { describe, expect, it } from "vitest";
import { judge } from "../../src/gate/evaluate.ts";
import { known } from "../../src/gate/facts.ts";
import type { Facts, Known, Permission } from "../../src/gate/facts.ts";
import { approvals, bob, dave, done, facts, peer, report, review, rule } from "./world.ts";

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

const cases: Case[] = [
  { name: "a peer approved the head", verdict: "pass", rule: "peer", outcome: "pass", says: "bob approved bbbbbbbbbb" },
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
    name: "a rule that does not apply is skipped, and says why",
    given: { check: done({}, [...peer, rule("wide", approvals(2), "radius.share > 0.1")]) },
    verdict: "pass",
    rule: "wide",
    outcome: "skipped",
    says: "does not apply here",
  },
  {
    name: "a rule that applies asks for as many people as it says",
    given: {
      check: done({}, [...peer, rule("ours", approvals(3), 'change.author == "alice" && !change.fork')]),
    },
    verdict: "blocked",
    rule: "ours",
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; 2 more people with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
  },
  {
    name: "a rule whose condition reads something unknown applies",
    given: { opener: null, check: done({}, [rule("ours", approvals(2), 'change.author == "zoe"')]) },
    verdict: "unknown",
    rule: "ours",
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
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
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
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
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
  },
  ...[true, false].map((isReached): (typeof cases)[number] => ({
    name: `a rule about a service ${isReached ? "applies" : "does not apply"} where the change reaches ${isReached ? "a node" : "no node"} whose services are not known`,
    given: {
      check: done(
        {
          nodes: [
            {
              certname: "pay1",
              outcome: "changed",
              reason: "whether it carries payments is not known: there is no ENC",
              ...(isReached ? { unplaced: ["services" as const] } : {}),
              services: [],
              datacentre: null,
              cached: false,
            },
          ],
        },
        [...peer, rule("payments", approvals(2), '"payments" in radius.services')],
      ),
    },
    verdict: isReached ? "blocked" : "pass",
    rule: "payments",
    outcome: isReached ? "pending" : "skipped",
    says: isReached
      ? "bob approved bbbbbbbbbb; one more person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb"
      : "does not apply here",
  })),
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

describe("what makes a rule apply", () => {
  const paths = ["a.erb", "b.pp", "c.erb", "d.erb"];
  const becauseOf = (when: string, reviews: Partial<Facts> = { reviews: known([]) }): string | undefined =>
    judge(facts({ check: done({}, [...peer, rule("risky", approvals(1), when)], paths), ...reviews })).reasons.find(
      (reason) => reason.rule === "risky",
    )?.because;

  it.each<[string, string, string | undefined]>([
    ["the paths that it is about, and no other", 'change.paths.exists(p, p.endsWith(".erb"))', "a.erb, c.erb and 1 more"],
    ["nothing where it is not about paths", 'change.base == "main"', undefined],
    ["nothing where it holds without them, too", 'change.base == "main" || change.paths.exists(p, p.endsWith(".erb"))', undefined],
    ["nothing where it takes several paths", "change.paths.size() > 3", undefined],
  ])("is %s", (_, when, because) => {
    expect(becauseOf(when)).toBe(because);
  });

  it("is not told of a rule that is met", () => {
    expect(becauseOf('change.paths.exists(p, p.endsWith(".erb"))', {})).toBeUndefined();
  });
});
