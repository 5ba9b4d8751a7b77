import { describe, expect, it } from "vitest";
import { judge } from "../../src/gate/evaluate.ts";
import { judgeChecks, judgeConflict, type Looked } from "../../src/gate/judge.ts";
import { known, type Facts } from "../../src/gate/facts.ts";
import { ownedPaths, ownedServices } from "../../src/gate/owners.ts";
import { requirementReason } from "../../src/gate/requirement.ts";
import { approvalsOf } from "../../src/gate/approval.ts";
import { inputOf } from "../../src/gate/input.ts";
import type { Report } from "../../src/gate/report.ts";
import type { Requirement } from "../../src/policy/requirement.ts";
import { approvals, checked, ci, done, doneWith, facts, report, peer } from "./world.ts";

/** Who owns what, and who has to do what about what is in the way. */
const node = (certname: string, more: Partial<Report["nodes"][number]> = {}): Report["nodes"][number] => ({
  certname,
  outcome: "changed",
  reason: null,
  services: ["playlist"],
  datacentre: null,
  cached: false,
  ...more,
});
const group = (nodes: string[], kind: Report["groups"][number]["kind"] = "system"): Report["groups"][number] => ({
  type: "File",
  title: "/etc/app",
  attribute: "content",
  change: "changed",
  kind,
  before: "a",
  after: "b",
  nodes,
  source: null,
});
const found = (check: Report["findings"][number]["check"], more: Partial<Report["findings"][number]> = {}): Report["findings"][number] => ({
  check,
  severity: "error",
  path: "manifests/web.pp",
  line: 20,
  column: 1,
  code: "c",
  message: "m",
  onChangedLine: true,
  ...more,
});

describe("owners of services", () => {
  const owned = (more: Partial<Report>, owners: Record<string, string[]>): unknown => {
    const services = Object.entries(owners).map(([name, of]) => ({ name, owners: of, match: "true" }));
    const given = checked(more);
    const of = ownedServices({ ...given, policy: { ...given.policy, services } });
    return of.known ? of.value.map(({ what, people }) => [what, ...people.users, ...people.teams]) : of.reason;
  };
  const radius = (services: string[], nodes = 2): Partial<Report> => ({ radius: { ...report().radius, services, nodes } });

  it.each<readonly [string, Partial<Report>, Record<string, string[]>, unknown]>([
    [
      "of each that is reached",
      radius(["a", "b"]),
      { a: ["@ann"], b: ["@acme/b", "@bea"], c: ["@cy"] },
      [
        ["service a", "ann"],
        ["service b", "bea", "acme/b"],
      ],
    ],
    ["nobody, where no node is reached", radius([], 0), {}, []],
    [
      "unknown, where a service has none",
      radius(["a", "b"]),
      { a: ["@ann"], b: [] },
      "service b has no owners: name them in the policy's `services`",
    ],
    [
      "unknown, where the policy has no such service",
      radius(["b"]),
      { a: ["@ann"] },
      "service b has no owners: name them in the policy's `services`",
    ],
    [
      "unknown, where a node that changes has no service",
      { ...radius(["a"]), nodes: [node("x", { services: [] }), node("z"), node("y", { services: [] })], groups: [group(["y", "z"])] },
      { a: ["@ann"] },
      "y carries no service, so that nobody owns what changes on it: give it one in the policy's `services`",
    ],
    [
      "of the reached, where a node without a service only runs in another order",
      { ...radius(["a"]), nodes: [node("y", { services: [] })], groups: [group(["y"], "ordering")] },
      { a: ["@ann"] },
      [["service a", "ann"]],
    ],
    [
      "unknown, where nodes are reached and none has a service",
      radius([], 1),
      { a: ["@ann"] },
      "nothing is known of the services of the nodes that it reaches, so that nobody can be named who owns what changes there",
    ],
  ])("%s", (_, more, owners, is) => {
    expect(owned(more, owners)).toEqual(is);
  });
});

describe("owners of paths", () => {
  const owned = (text: string | null, paths: readonly string[]): unknown => {
    const of = ownedPaths({ ...checked({}, peer, paths), codeowners: known(text === null ? null : { path: "CODEOWNERS", text }) });
    return of.known ? of.value : of.reason;
  };
  const people = (...users: string[]): object => ({ users, teams: [] });

  it.each<readonly [string, string | null, readonly string[], unknown]>([
    [
      "the same people, in whatever order and case, once",
      "/a @ann @Bea\n/b @bea @ANN\n/c @ann\n",
      ["a", "b", "c", "d"],
      {
        owned: [
          { what: "a and b", people: people("ann", "Bea"), unresolved: [] },
          { what: "c", people: people("ann"), unresolved: [] },
        ],
        unowned: ["d"],
      },
    ],
    [
      "many paths by two of their names",
      "* @ann",
      ["a", "b", "c"],
      { owned: [{ what: "a, b and 1 more", people: people("ann"), unresolved: [] }], unowned: [] },
    ],
    [
      "an address apart",
      "* @ann x@y.example",
      ["a"],
      { owned: [{ what: "a", people: people("ann"), unresolved: ["x@y.example"] }], unowned: [] },
    ],
    ["nobody without a file", null, ["a"], { owned: [], unowned: ["a"] }],
    [
      "a name that git quotes",
      "* @ann",
      ["a", '"b\\303', 'c"'],
      "\"b\\303 has a name that can't be compared with CODEOWNERS: rename the file",
    ],
    ["a quote inside a name", "* @ann", ['a"'], { owned: [{ what: 'a"', people: people("ann"), unresolved: [] }], unowned: [] }],
  ])("%s", (_, text, paths, is) => {
    expect(owned(text, paths)).toEqual(is);
  });

  it("names the place of what is wrong", () => {
    expect(owned("* @ann\n!a @bea\n", ["a"])).toMatch(/^CODEOWNERS:2: \S.*\S$/u);
  });
});

describe("a requirement", () => {
  const asked = (require: Requirement, given: Partial<Facts> = {}): ReturnType<typeof requirementReason> => {
    const all = facts(given);
    if (all.check.state !== "done") throw new Error("it has no check");
    return requirementReason("r", require, {
      facts: all,
      check: all.check,
      approvals: approvalsOf(all),
      input: inputOf(all, all.check),
      glass: null,
    });
  };
  const no = { condition: "radius.nodes > 5" };
  const maybe = { condition: 'change.author == "zoe"' };
  const way = "alice: change what it is about, or ask the policy's owners";
  const skipped = approvals(1, { owners: "affected-services" });
  const reachesNobody = { check: done({ radius: { ...report().radius, nodes: 0, services: [] } }) };

  it.each<readonly [string, Requirement, Partial<Facts>, string, string | undefined]>([
    ["all of nothing that applies", { all: [skipped, skipped] }, reachesNobody, "skipped", undefined],
    ["all of what applies", { all: [skipped, approvals(1)] }, reachesNobody, "pass", undefined],
    ["any of nothing that applies", { any: [skipped] }, reachesNobody, "skipped", undefined],
    ["any of what applies", { any: [skipped, no] }, reachesNobody, "fail", way],
    ["any of what fails and what passes", { any: [no, approvals(1)] }, {}, "pass", undefined],
    ["any of what fails and what is unknown", { any: [no, maybe] }, { opener: null }, "unknown", way.replace("alice", "its author")],
    ["all of what fails and what is unknown", { all: [maybe, no] }, { opener: null }, "fail", way.replace("alice", "its author")],
    ["not what fails", { not: no }, {}, "pass", undefined],
    ["not what passes", { not: { condition: "radius.nodes < 5" } }, {}, "fail", way],
  ])("%s", (_, require, given, outcome, unblock) => {
    const reason = asked(require, given);
    expect([reason.outcome, reason.unblock]).toEqual([outcome, unblock]);
  });

  it("names what can be done now before what takes a change of its own", () => {
    const text = asked({ any: [no, approvals(2)] }).text;
    expect(text).toMatch(/^one of these is needed: bob approved .* must approve commit bbbbbbbbbb, or: `radius\.nodes > 5` is false/u);
  });

  it("says of a choice that is met the first way that meets it", () => {
    expect(asked({ any: [{ condition: "radius.nodes < 5" }, { condition: "radius.nodes < 6" }] }).text).toBe(
      "`radius.nodes < 5` is true: radius.nodes is 2",
    );
    expect(asked({ any: [no] }).text).toBe("`radius.nodes > 5` is false: radius.nodes is 2");
  });

  it.each([
    ['radius.size == ""', { radius: { ...report().radius, size: "" as "small" } }, '`radius.size == ""` is true: radius.size is empty'],
    ['radius.size == "small"', {}, '`radius.size == "small"` is true: radius.size is small'],
    [
      "size(radius.services) == 0",
      { radius: { ...report().radius, nodes: 0, services: [] } },
      "`size(radius.services) == 0` is true: radius.services is empty",
    ],
    ["change.fork", {}, "`change.fork` is false: change.fork is false"],
    [
      "size(radius.services) > 3",
      { radius: { ...report().radius, services: ["a", "b", "c", "d"] } },
      "`size(radius.services) > 3` is true: radius.services is a, b, c and 1 more",
    ],
    ["size(findings) == 2", { findings: [found("lint"), found("lint")] }, "`size(findings) == 2` is true: findings is a list of 2"],
  ] as const)("%s says what it reads", (condition, more, text) => {
    expect(asked({ condition }, { check: done(more as Partial<Report>) }).text).toBe(text);
  });

  it("calls its parts by what they are", () => {
    const parts = asked({ all: [approvals(1), ci(), no, { any: [no] }, { not: no }] }).parts ?? [];
    expect(parts.map(({ rule: name }) => name)).toEqual(["approvals", "check ci", "condition", "any", "not"]);
  });
});

describe("who has to do what", () => {
  const blocked = (name: string, more: Partial<Report>, outcome: "fail" | "unknown" = "fail", passing?: true): Partial<Facts> => ({
    check: done({
      verdict: { outcome: "blocked", reasons: [{ rule: name, outcome, text: "it is so", ...(passing === undefined ? {} : { passing }) }] },
      ...more,
    }),
  });
  const broken = (certname: string, reason: string): Report["nodes"][number] => node(certname, { outcome: "broken", reason });
  const misses = "Evaluation Error: Class[Profile::Web]: expects a value for parameter 'port' (manifests/web.pp:20)";
  const owners = "an owner of the policy: have base mended, or name these nodes under `debt` with an owner and a date";
  const puppetfile = doneWith(
    {},
    {
      paths: ["Puppetfile"],
      report: report({ verdict: { outcome: "blocked", reasons: [{ rule: "modules", outcome: "unknown", text: "x" }] } }),
    },
  );

  it.each<readonly [string, string, Partial<Facts>, string]>([
    ["facts that nobody gave", "facts", blocked("facts", {}), "an owner of the policy: give the nodes' facts by `facts.folder`"],
    [
      "facts that are wrong",
      "facts",
      blocked("facts", { findings: [found("facts", { path: "facts/a.yaml", line: null })] }),
      "alice: mend facts/a.yaml and push",
    ],
    ["a conflict nobody knows where", "merge", blocked("merge", {}), "alice: merge main into the branch, resolve the conflict and push"],
    [
      "a conflict in many files",
      "merge",
      blocked("merge", { findings: ["a", "b", "c", "d"].map((path) => found("merge", { path })) }),
      "alice: merge main into the branch, resolve the conflict in a, b, c and 1 more and push",
    ],
    [
      "lint nowhere",
      "lint",
      blocked("lint", { findings: [found("lint", { path: null }), found("lint", { severity: "notice" }), found("syntax")] }),
      "alice: mend it and push",
    ],
    [
      "lint, behind a notice",
      "lint",
      blocked("lint", { findings: [found("lint", { severity: "notice", line: 1 }), found("lint", { line: 2 })] }),
      "alice: mend manifests/web.pp:2 and push",
    ],
    [
      "modules that may come",
      "modules",
      blocked("modules", {}, "unknown", true),
      "wait until what could not be had is there; or anybody with write access: say /recheck",
    ],
    [
      "modules that are not there",
      "modules",
      blocked("modules", {}, "unknown"),
      "an administrator: install the modules where the gate runs, then say /recheck",
    ],
    [
      "a Puppetfile",
      "modules",
      { check: puppetfile },
      "alice: leave the Puppetfile out of this change; an administrator: land that one, which this gate can't check",
    ],
    [
      "a node that breaks, behind one that can't be analysed",
      "compile",
      blocked("compile", { nodes: [node("a", { outcome: "not-analysable", reason: "x" }), broken("b", "y")] }),
      "alice: mend b and push",
    ],
    [
      "a node that can't be analysed",
      "compile",
      blocked("compile", { nodes: [node("a"), node("b", { outcome: "not-analysable", reason: "x" })] }),
      "alice: mend b and push",
    ],
    [
      "one that can't be analysed on base either",
      "compile",
      blocked("compile", { nodes: [node("b", { outcome: "not-analysable", reason: "x", old: true })] }, "unknown"),
      owners,
    ],
    [
      "nodes of base that don't compile",
      "compile",
      blocked("compile", { nodes: [node("b", { outcome: "pre-existing" })] }, "unknown"),
      owners,
    ],
    ["what no node tells", "compile", blocked("compile", { findings: [found("compile")] }), "alice: mend manifests/web.pp:20 and push"],
    [
      "a class without a value",
      "compile",
      blocked("compile", { nodes: [broken("a", misses)] }),
      "alice: give profile::web::port a value for a (in the data, or a default in the class) and push",
    ],
    [
      "a class without a value on several nodes",
      "compile",
      blocked("compile", { nodes: [broken("a", misses), broken("b", misses), broken("c", "z"), node("d", { reason: misses })] }),
      "alice: give profile::web::port a value for a and 1 more (in the data, or a default in the class) and push",
    ],
    [
      "a key that is not there",
      "compile",
      blocked("compile", { nodes: [broken("a", "Function lookup() did not find a value for the name 'web::port'")] }),
      "alice: give web::port a value for a (in the data) and push",
    ],
    [
      "a place that Puppet names first",
      "compile",
      blocked("compile", { nodes: [broken("a", "no such class (file: manifests/b.pp, line: 3) templates/c.epp:4")] }),
      "alice: mend manifests/b.pp:3 and push",
    ],
    [
      "a place with a colon",
      "compile",
      blocked("compile", { nodes: [broken("a", "Syntax error at templates/c.epp:4: x")] }),
      "alice: mend templates/c.epp:4 and push",
    ],
  ])("%s", (_, name, given, way) => {
    const reason = judge(facts(given)).reasons.find((one) => one.rule === name);
    expect(reason?.unblock).toBe(way);
  });

  it("a debt whose day is over", () => {
    const debt = (owner: string, until: string): object => ({ nodes: ["*"], owner, until, reason: "x" });
    const of = (...debts: object[]): string | undefined => {
      const given = doneWith(
        { debt: debts as never },
        { report: report({ verdict: { outcome: "blocked", reasons: [{ rule: "debt", outcome: "fail", text: "x" }] } }) },
      );
      return judge(facts({ check: given })).reasons.find((one) => one.rule === "debt")?.unblock;
    };
    const rest = "mend these nodes on main, or ask for another day in the policy";
    expect(of(debt("@a", "2026-02-28"), debt("@b", "2026-03-01"), debt("@a", "2026-01-01"), debt("@c", "2026-03-02"))).toBe(`@a: ${rest}`);
    expect(of()).toBe(`its owner: ${rest}`);
  });
});

describe("the check's reasons", () => {
  const looked: Looked = {
    sameTree: false,
    linted: 1,
    parsed: 1,
    assumedFacts: false,
    unnamedNodes: false,
    missingModules: [],
    puppetfileChanged: false,
    debts: [],
    today: "2026-03-01",
  };
  const of = (name: string, given: Parameters<typeof judgeChecks>): [string | undefined, string | undefined] => {
    const { outcome, text } = judgeChecks(...given).find((one) => one.rule === name) ?? {};
    return [outcome, text];
  };

  it("skip everything behind a conflict", () => {
    expect(judgeConflict([found("merge", { path: "a.pp" })]).map(({ rule: name, outcome }) => `${name} ${outcome}`)).toEqual([
      "merge fail",
      ...["config", "syntax", "lint", "facts", "modules", "compile"].map((name) => `${name} skipped`),
    ]);
  });

  it("are pending on nothing that was not looked at", () => {
    expect(of("syntax", [[], [node("a")], { ...looked, parsed: 0 }])[0]).toBe("skipped");
    expect(of("syntax", [[], [node("a")], looked])[0]).toBe("pass");
    expect(of("compile", [[], [], looked])).toEqual(["unknown", "no node was compiled"]);
    expect(of("compile", [[], [], { ...looked, sameTree: true }])).toEqual(["unknown", "no node was compiled"]);
    expect(of("compile", [[], [node("a")], { ...looked, sameTree: true }])).toEqual([
      "skipped",
      "base and the merge result are one tree: there is nothing to compile",
    ]);
  });

  it("count only what nobody owes", () => {
    const debts = [{ nodes: ["a*", "x*"], owner: "@ann", until: "2026-03-01", reason: "waits" }];
    const owed = node("a1", { outcome: "pre-existing", old: true });
    const other = node("b1", { outcome: "pre-existing", old: true });
    expect(of("debt", [[], [owed, other, node("c")], { ...looked, debts }])).toEqual([
      "pass",
      "1 node in trouble on base already: @ann owes it until 2026-03-01 (waits)",
    ]);
    expect(of("debt", [[], [other, node("c")], { ...looked, debts }])).toEqual([undefined, undefined]);
    const both = [...debts, { nodes: ["a1"], owner: "@bea", until: "2026-03-09", reason: "later" }];
    expect(of("debt", [[], [owed, node("c")], { ...looked, debts: both, today: "2026-03-02" }])).toEqual([
      "fail",
      "a1 is in trouble on base already, and @ann owes it until 2026-03-01 (waits): mend it, or have the policy give it another day",
    ]);
  });

  it("say whom a change that shows nowhere may be for", () => {
    const blind = node("b1", { outcome: "pre-existing", old: true });
    const [outcome, text] = of("compile", [[], [node("a", { outcome: "unchanged" }), blind], { ...looked, unfelt: ["x.pp"] }]) as [
      string,
      string,
    ];
    expect(outcome).toBe("unknown");
    expect(text).toContain(
      "what that does to b1, which does not compile on base either, nobody can see. Mend it on base first, or give it an owner",
    );
  });
});
