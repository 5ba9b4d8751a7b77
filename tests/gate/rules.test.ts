import { describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { judge } from "../../src/gate/evaluate.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Checked, Facts, Person } from "../../src/gate/facts.ts";
import type { Report } from "../../src/gate/report.ts";
import { teamsAsked } from "../../src/gate/teams.ts";
import type { Freeze, Requirement } from "../../src/policy/requirement.ts";
import type { Policy } from "../../src/policy/schema.ts";
import { access } from "./cases/case.ts";
import {
  alice,
  approvals,
  bob,
  by,
  carol,
  checkRun,
  checked,
  ci,
  commit,
  done,
  doneWith,
  facts,
  memory,
  peer,
  report,
  review,
  rule,
} from "./world.ts";

/** What a rule of each kind says. `parts` are the outcomes of what it is made of. */
interface Case {
  name: string;
  require: Requirement;
  given?: Partial<Facts>;
  policy?: Partial<Policy>;
  check?: Partial<Checked>;
  outcome: string;
  says: string;
  parts?: readonly string[];
  unblock?: string;
}

const withoutPeer = { reviews: known([]) };
const someone = "one person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb";
const services = [
  { name: "playlist", owners: ["@bob"], match: "true" },
  { name: "search", owners: ["@acme/search", "@carol"], match: "true" },
];
const reaches = (...names: string[]): Partial<Checked> => ({
  report: { ...report(), radius: { nodes: names.length, share: 0.03, services: names, datacentres: [], restarts: [], size: "small" } },
});
/** The same by a node that base does not compile. */
const fixes = (names: string[]): Partial<Checked> => {
  const node: Report["nodes"][number] = {
    certname: "pay1",
    outcome: "fixed",
    reason: null,
    services: names,
    datacentre: null,
    cached: false,
  };
  return { report: { ...report(), ...reaches("playlist").report, nodes: [node] } };
};
const codeowners = (text: string, paths: readonly string[]): Partial<Checked> => ({
  paths,
  codeowners: known({ path: "CODEOWNERS", text }),
});
const teams = new Map([["acme/search", known(new Set([bob.id]))]]);
const admins = access([
  [bob.id, known("admin")],
  [carol.id, known("write")],
]);

const cases: Case[] = [
  {
    name: "a whole says what is missing of it, the worst first in how it counts",
    require: { all: [approvals(1), ci(), { condition: "radius.nodes > 5" }] },
    given: { ...withoutPeer, checks: known([checkRun()]) },
    outcome: "fail",
    says: `${someone}; \`radius.nodes > 5\` is false: radius.nodes is 2`,
    parts: ["pending", "pass", "fail"],
    unblock: `${someone.replace(" must approve", ": approve")}, and alice: change what it is about, or ask the policy's owners`,
  },
  {
    name: "who is told of an administrator that is missing is not told of one more person besides, who would be that one",
    require: { all: [approvals(2), approvals(1, { permission: "admin" })] },
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb; bob's approval doesn't count here: bob has write access, and admin is needed; one person with admin access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
    parts: ["pending", "pending"],
    unblock: "one person with admin access who contributed nothing to it (not alice): approve commit bbbbbbbbbb",
  },
  {
    name: "one administrator is not two people",
    require: { all: [approvals(1, { permission: "admin" }), approvals(3)] },
    outcome: "pending",
    says: "bob's approval doesn't count here: bob has write access, and admin is needed; one person with admin access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb; bob approved bbbbbbbbbb; 2 more people with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
    parts: ["pending", "pending"],
    unblock:
      "one person with admin access who contributed nothing to it (not alice): approve commit bbbbbbbbbb, and 2 more people with write access who contributed nothing to it (not alice): approve commit bbbbbbbbbb",
  },
  {
    name: "a choice names its ways, and stands as the nearest",
    require: { any: [approvals(1), approvals(1, { permission: "admin" })] },
    given: withoutPeer,
    outcome: "pending",
    says: `one of these is needed: ${someone}, or: one person with admin access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb`,
    parts: ["pending", "pending"],
  },
  {
    name: "a condition that must not hold",
    require: { all: [approvals(1), { not: { condition: "radius.nodes < 5" } }] },
    outcome: "fail",
    says: "it must not be so: `radius.nodes < 5` is true: radius.nodes is 2",
    parts: ["pass", "fail"],
  },
  {
    name: "a negated condition that reads something unknown is unknown",
    require: { not: { condition: 'change.author == "zoe"' } },
    given: { opener: null },
    outcome: "unknown",
    says: 'it must not be so: whether `change.author == "zoe"` holds can\'t be told: the account that opened this pull request is deleted',
    parts: ["unknown"],
  },
  {
    name: "write access is not admin",
    require: approvals(1, { permission: "admin" }),
    outcome: "pending",
    says: "bob's approval doesn't count here: bob has write access, and admin is needed; one person with admin access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
  },
  {
    name: "an administrator approved",
    require: approvals(1, { permission: "admin" }),
    given: { permissions: admins },
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "somebody who is named, whatever the case",
    require: approvals(1, { users: ["BOB"] }),
    outcome: "pass",
    says: "bob approved bbbbbbbbbb",
  },
  {
    name: "one person may count for several services",
    require: approvals(1, { owners: "affected-services" }),
    given: { teams },
    policy: { services },
    check: reaches("playlist", "search"),
    outcome: "pass",
    says: "bob approved bbbbbbbbbb for service playlist; bob approved bbbbbbbbbb for service search",
    parts: ["pass", "pass"],
  },
  {
    name: "each service needs its own owners",
    require: approvals(1, { owners: "affected-services" }),
    given: { teams: new Map([["acme/search", known(new Set([carol.id]))]]) },
    policy: { services },
    check: reaches("playlist", "search"),
    outcome: "pending",
    says: "bob's approval doesn't count for service search: bob is none of @carol and @acme/search; one person of @carol and @acme/search with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb for service search",
    parts: ["pass", "pending"],
  },
  {
    name: "a node that compiles for the first time, of a service that its trusted data tells",
    require: approvals(1, { owners: "affected-services" }),
    policy: { services },
    check: fixes(["playlist"]),
    outcome: "pass",
    says: "bob approved bbbbbbbbbb for service playlist",
    parts: ["pass"],
  },
  {
    name: "a node that compiles for the first time, of nobody knows which service",
    require: approvals(1, { owners: "affected-services" }),
    policy: { services },
    check: fixes([]),
    outcome: "unknown",
    says: "base does not compile pay1, so that its classes don't tell whose it is: have the policy's `services` match it by `trusted` or `certname`, in a change of its own",
  },
  {
    name: "a service that nobody owns",
    require: approvals(1, { owners: "affected-services" }),
    policy: { services },
    check: reaches("dns"),
    outcome: "unknown",
    says: "service dns has no owners: name them in the policy's `services`",
  },
  {
    name: "no service is reached",
    require: { any: [approvals(1, { owners: "affected-services" }), approvals(2)] },
    policy: { services },
    check: reaches(),
    outcome: "pending",
    says: "bob approved bbbbbbbbbb; one more person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
    parts: ["skipped", "pending"],
  },
  {
    name: "paths that have owners are asked for, and the others left, where the policy says named-paths",
    require: approvals(1, { codeowners: "named-paths" }),
    check: codeowners("/data/ @bob\n", ["data/a.yaml", "manifests/site.pp"]),
    outcome: "pass",
    says: "bob approved bbbbbbbbbb for data/a.yaml",
    parts: ["pass"],
  },
  {
    name: "no path has an owner",
    require: approvals(1, { codeowners: "named-paths" }),
    check: codeowners("/data/ @bob\n", ["manifests/site.pp"]),
    outcome: "skipped",
    says: "CODEOWNERS names nobody for what changes",
  },
  {
    name: "an owner who is an address is nobody that GitHub tells",
    require: approvals(1, { codeowners: "every-path" }),
    check: codeowners("/data/ ops@acme.example\n", ["data/a.yaml"]),
    outcome: "pending",
    says: "bob's approval doesn't count for data/a.yaml: bob is none of its owners; ops@acme.example is an owner by e-mail address, which is no account: name the account; one person of its owners with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb for data/a.yaml",
    parts: ["pending"],
  },
  {
    name: "no CODEOWNERS at all",
    require: approvals(1, { codeowners: "every-path" }),
    check: { codeowners: known(null), paths: ["hiera.yaml"] },
    outcome: "fail",
    says: "base has no CODEOWNERS, so nobody owns hiera.yaml",
    parts: ["fail"],
  },
  {
    name: "a CODEOWNERS that could not be read",
    require: approvals(1, { codeowners: "every-path" }),
    check: { codeowners: unknown("it has 4 MB", "an owner of it: make it smaller") },
    outcome: "unknown",
    says: "the CODEOWNERS file of base could not be read: it has 4 MB",
  },
];

describe("a rule", () => {
  it.each(cases)("$name", ({ require, given = {}, policy = {}, check = {}, outcome, says, parts, unblock }) => {
    const rules = [rule("asked", require)];
    const { reasons } = judge(facts({ ...given, check: doneWith({ ...policy, rules }, check) }));
    const reason = reasons.find((one) => one.rule === "asked");
    expect(reason).toMatchObject({ outcome, text: says });
    expect(reason?.parts?.map((part) => part.outcome)).toEqual(parts);
    expect(unblock === undefined || reason?.unblock === unblock).toBe(true);
  });

  it("has teams asked for that it, CODEOWNERS, the services and the break-glass name", () => {
    const rules = [rule("a", { any: [approvals(1, { teams: ["Acme/SRE"] }), { all: [approvals(1, { teams: ["acme/web"] })] }] })];
    const breakGlass = { users: [], teams: ["acme/oncall"], hours: 4 };
    const asked = checked({}, rules);
    const check = {
      ...asked,
      ...reaches("search"),
      ...codeowners("* @acme/owners\n", ["a"]),
      policy: { ...asked.policy, services, breakGlass },
    };
    expect(teamsAsked(check)).toEqual(["acme/oncall", "acme/owners", "acme/search", "acme/sre", "acme/web"]);
  });
});

describe("observing", () => {
  const observedRule = { ...rule("two", approvals(2)), mode: "observe" as const };
  it("tells what a rule would have done, and does not count it", () => {
    const verdict = judge(facts({ check: doneWith({ rules: [...peer, observedRule] }) }));
    expect(verdict.outcome).toBe("pass");
    expect(verdict.reasons.find((reason) => reason.rule === "two")).toEqual({
      rule: "two",
      outcome: "pending",
      text: "would have been in the way: bob approved bbbbbbbbbb; one more person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
      brief: { says: "review", of: "two" },
      observed: true,
    });
  });

  it.each([
    ["the repository", { mode: "observe" as const }, ["data/a.yaml"], "observed"],
    ["every path", { observePaths: ["data/**"] }, ["data/a.yaml", "data/b.yaml"], "observed"],
    ["one path of two", { observePaths: ["data/**"] }, ["data/a.yaml", "manifests/site.pp"], "waiting"],
    ["a name that can't be compared", { observePaths: ["**"] }, ['"data/\\377"'], "waiting"],
    ["case 41: no path at all", { observePaths: ["**"] }, [], "waiting"],
  ])("stands for a whole change: %s", (_name, policy, paths, standing) => {
    const decision = decide(facts({ ...withoutPeer, check: doneWith({ ...policy, rules: peer }, { paths }) }), memory());
    expect(decision.standing).toBe(standing);
    expect(decision.verdict.outcome).toBe("blocked");
  });
});

describe("freezes", () => {
  const freeze = (more: Partial<Freeze>): Freeze => ({
    name: "release",
    reason: "the release goes out",
    binding: true,
    when: { from: "2026-03-01T00:00:00Z", to: "2026-03-02T00:00:00Z" },
    ...more,
  });
  const under = (one: Freeze, more: Partial<Facts> = {}): ReturnType<typeof decide> =>
    decide(facts({ check: doneWith({ freezes: [one] }), ...more }), memory());

  it("block while they bind, say until when, and are looked at again then", () => {
    const { verdict, due, standing } = under(freeze({}));
    expect(verdict.reasons.find((reason) => reason.rule === "freeze")).toMatchObject({
      outcome: "pending",
      text: "freeze release holds until 2026-03-02 00:00 UTC: the release goes out; say /merge after that, or /merge when ready now",
    });
    expect([verdict.outcome, standing, due]).toEqual(["blocked", "waiting", "2026-03-02T00:00:00.000Z"]);
  });

  it("are told where they bind nobody, and are over when they are over", () => {
    const { effects, verdict } = under(freeze({ binding: false }));
    expect(verdict.outcome).toBe("pass");
    expect(effects.flatMap((effect) => (effect.kind === "comment" ? effect.view.advice : []))).toEqual([
      "freeze release holds until 2026-03-02 00:00 UTC: the release goes out. It forbids nothing",
    ]);
    expect(under(freeze({}), { now: "2026-03-02T00:00:00Z" }).verdict.outcome).toBe("pass");
  });
});

describe("what a decision has to come back for", () => {
  it("is the end of a check's time", () => {
    const check = done({}, [...peer, rule("ci", { all: [ci({ timeoutMinutes: 90 }), ci({ timeoutMinutes: 50 })] })]);
    expect(decide(facts({ check }), memory()).due).toBe("2026-03-01T12:50:00.000Z");
    expect(decide(facts({ check, state: "closed" }), memory()).due).toBeNull();
    expect(decide(facts(), memory()).due).toBeNull();
  });

  it("looks again every five minutes whether a contributor of no account has one by now", () => {
    const { commits } = facts();
    if (!commits.known) throw new Error("commits are known here");
    const of = (person: Person | null): Facts =>
      facts({
        now: "2026-03-01T12:00:00.000Z",
        commits: known(commits.value.map((commit) => ({ ...commit, contributions: [{ role: "author", person, as: "A <a@b.c>" }] }))),
      });
    expect(decide(of(null), memory()).due).toBe("2026-03-01T12:05:00.000Z");
    expect(decide(of({ id: 1, login: "ann", bot: false }), memory()).due).toBeNull();
  });
});

it("names who can unblock what, each once, in the order of the rules", () => {
  const both = [...peer, rule("admin", approvals(1, { permission: "admin" })), rule("again", approvals(1))];
  const { effects } = decide(facts({ ...withoutPeer, check: done({}, both) }), memory());
  expect(effects.flatMap((effect) => (effect.kind === "comment" ? effect.view.unblock : []))).toEqual([
    "one person with write access who contributed nothing to it (not alice): approve commit bbbbbbbbbb",
    "one person with admin access who contributed nothing to it (not alice): approve commit bbbbbbbbbb",
  ]);
});

it("counts nobody who contributed among those who are asked", () => {
  const commits = known([commit([by("author", alice), by("co-author", carol)])]);
  const given = facts({ commits, reviews: known([review(carol)]), check: done({}, [rule("owners", approvals(1, { users: ["carol"] }))]) });
  expect(judge(given).reasons.find((reason) => reason.rule === "owners")?.text).toBe(
    "carol's approval doesn't count: carol is co-author of bbbbbbbbbb; one person of @carol with write access who contributed nothing to it (not alice and carol) must approve commit bbbbbbbbbb",
  );
});
