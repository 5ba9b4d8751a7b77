import { describe, expect, it } from "vitest";
import type { Told } from "../../src/catalog/expect/told.ts";
import { judge } from "../../src/gate/evaluate.ts";
import { expectationFindings, expectationsShown, judgeExpectations, outcomeWords } from "../../src/gate/expectations.ts";
import { known } from "../../src/gate/facts.ts";
import { redacted } from "../../src/gate/redact.ts";
import { teamsAsked } from "../../src/gate/teams.ts";
import { commentBody } from "../../src/github/words.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { renderReport } from "../../src/cli/words.ts";
import { renderPage } from "../../src/web/report/page.ts";
import { bob, carol, checked, done, facts, report, review } from "./world.ts";

const told = (more: Partial<Told> = {}): Told => ({
  name: "no-open-file",
  path: "expectations/a.yml",
  line: 1,
  why: "Anybody could change it.",
  ask: ["@acme/security"],
  severity: "block",
  owners: [],
  scope: "catalog",
  origin: "base",
  outcome: "holds",
  nodes: { asked: 3, broken: 0, already: 0, mended: 0, unknown: 0, unseen: 0 },
  evidence: [],
  more: 0,
  unknown: [],
  ...more,
});

const open: Told["evidence"][number] = {
  subject: "File[/etc/motd]",
  attribute: "mode",
  value: '"0666"',
  path: "site/motd.pp",
  line: 3,
  nodes: ["web01", "web02"],
};
const broken = told({ outcome: "broken", nodes: { ...told().nodes, broken: 2 }, evidence: [open] });
const dark = told({
  outcome: "unknown",
  nodes: { ...told().nodes, unknown: 1 },
  unknown: [{ reason: "it is a secret", nodes: ["web01"] }],
});
const sure = { findings: [], unread: [], unlooked: null };

describe("expectations in a verdict", () => {
  it.each<[string, Told[], Array<[rule: string, outcome: string, says: string]>]>([
    ["none", [], []],
    ["one that holds", [told()], [["expectations", "pass", "1 expectation holds"]]],
    [
      "one that is broken",
      [told(), broken],
      [
        [
          "expectations",
          "fail",
          'no-open-file: site/motd.pp:3: File[/etc/motd] mode is "0666" on web01 and 1 more. Anybody could change it. Ask @acme/security.',
        ],
      ],
    ],
    ["one that only warns", [{ ...broken, severity: "warn" }], [["expectations", "pass", "0 expectations hold, 1 broken that only warns"]]],
    ["one that can't be told", [dark], [["expectations", "unknown", "no-open-file: can't be told on 1 node: it is a secret"]]],
    ["one that can't be told and only warns", [{ ...dark, severity: "warn" }], [["expectations", "pass", "0 expectations hold"]]],
    [
      "what can't be told of what the change does not reach",
      [{ ...dark, outcome: "unknown-already" }],
      [["expectations", "pass", "0 expectations hold, 1 in trouble on base already"]],
    ],
    ["one that asks nobody", [told({ outcome: "nobody" })], [["expectations", "pass", "0 expectations hold, 1 that asks about no node"]]],
    [
      "one whose owners have to approve",
      [{ ...broken, severity: "approval", owners: ["@acme/security"] }],
      [
        ["expectations", "pass", "0 expectations hold"],
        ["expectations no-open-file", "pending", "asked for on the pull request: an approval by @acme/security."],
      ],
    ],
  ])("%s", (_, all, reasons) => {
    const found = judgeExpectations({ told: all, ...sure });
    expect(found.map(({ rule, outcome }) => [rule, outcome])).toEqual(reasons.map(([rule, outcome]) => [rule, outcome]));
    for (const [at, [, , says]] of reasons.entries()) expect(found[at]?.text).toContain(says);
  });

  it("are unknown where nothing could evaluate them, or base has a file that nobody can read", () => {
    expect(judgeExpectations({ told: [], ...sure, unlooked: "nowhere to look" })).toEqual([
      { rule: "expectations", outcome: "unknown", text: "nowhere to look" },
    ]);
    const unread = [{ path: "expectations/x.yml", line: 4, column: 1, text: "`why` is missing.", hint: "Add it." }];
    expect(judgeExpectations({ told: [told()], ...sure, unread })[0]).toMatchObject({
      outcome: "unknown",
      text: expect.stringContaining("expectations/x.yml:4: `why` is missing."),
    });
  });

  it("are findings where the resource is, and what was broken before is a notice", () => {
    expect(expectationFindings([broken]).map(({ severity, path, line, code }) => [severity, path, line, code])).toEqual([
      ["error", "site/motd.pp", 3, "no-open-file"],
    ]);
    const old = told({ outcome: "already", nodes: { ...told().nodes, already: 2 }, evidence: [{ ...open, old: true }] });
    expect(expectationFindings([old])).toMatchObject([{ severity: "notice", path: "expectations/a.yml" }]);
    expect(expectationFindings([{ ...broken, severity: "warn" }, dark]).map(({ severity }) => severity)).toEqual(["warning", "error"]);
    expect(outcomeWords({ ...told(), nodes: { ...told().nodes, mended: 1 } })).toBe("holds again on 1 node");
  });
});

describe("an expectation whose owners have to approve", () => {
  const asks = [{ ...broken, severity: "approval", owners: ["@acme/security", "@carol"] } as Told];
  const reasons = judgeExpectations({ told: asks, ...sure });
  const verdict = { outcome: "pass" as const, reasons: [{ rule: "compile", outcome: "pass" as const, text: "all compile" }, ...reasons] };
  const given = done({ expectations: asks, verdict });

  it("has its teams read", () => expect(teamsAsked(checked({ expectations: asks }))).toEqual(["acme/security"]));

  it("waits for one of them, whoever else approved", () => {
    const teams = new Map([["acme/security", known(new Set<number>())]]);
    const found = judge(facts({ check: given, teams }));
    expect(found.outcome).toBe("blocked");
    const reason = found.reasons.filter(({ rule }) => rule === "expectations no-open-file");
    expect(reason).toMatchObject([
      { outcome: "pending", text: expect.stringContaining('mode is "0666"'), unblock: expect.stringContaining("approve") },
    ]);
  });

  it.each([
    ["a member of the team", bob, new Set([bob.id])],
    ["a user who is named", carol, new Set<number>()],
  ])("is content with %s", (_, who, members) => {
    const teams = new Map([["acme/security", known(members)]]);
    const permissions = new Map([[who.id, known("write" as const)]]);
    const found = judge(facts({ check: given, teams, reviews: known([review(who)]), permissions }));
    expect(found.reasons.find(({ rule }) => rule === "expectations no-open-file")?.outcome).toBe("pass");
    expect(found.outcome).toBe("pass");
  });

  it("is unknown while nobody can read the team", () => {
    const found = judge(facts({ check: given, teams: new Map([["acme/security", { known: false as const, reason: "GitHub is down" }]]) }));
    expect(found.outcome).toBe("unknown");
  });
});

describe("an expectation that a change takes away", () => {
  const gone = [told({ ends: { how: "removed", from: ["@acme/security", "@carol"] } })];
  const reasons = judgeExpectations({ told: gone, ...sure });
  const verdict = { outcome: "pass" as const, reasons: [{ rule: "compile", outcome: "pass" as const, text: "all compile" }, ...reasons] };
  const given = done({ expectations: gone, verdict });
  const rule = "expectations no-open-file removed";

  it("asks for an approval by whom it names, on every surface", () => {
    expect(reasons).toMatchObject([
      { rule: "expectations", outcome: "pass" },
      {
        rule,
        outcome: "pending",
        text: expect.stringMatching(/an approval by @acme\/security or @carol, or by somebody with admin access\. .* is taken away/u),
      },
    ]);
    expect(teamsAsked(checked({ expectations: gone }))).toEqual(["acme/security"]);
    expect(expectationsShown(gone).shown).toEqual(gone);
    expect(renderReport(report({ expectations: gone }), (_, plain) => plain)).toContain("no-open-file (taken away by this change)");
    expect(renderPage(report({ expectations: gone }))).toContain("no-open-file (taken away by this change)");
  });

  it.each([
    ["somebody else", bob, "write", "pending"],
    ["whom it names", carol, "write", "pass"],
    ["an admin", bob, "admin", "pass"],
  ] as const)("stands against %s", (_, who, permission, outcome) => {
    const teams = new Map([["acme/security", known(new Set<number>())]]);
    const permissions = new Map([[who.id, known(permission)]]);
    const found = judge(facts({ check: given, teams, reviews: known([review(who)]), permissions }));
    expect(found.reasons.find((one) => one.rule === rule)?.outcome).toBe(outcome);
    expect(found.outcome).toBe(outcome === "pass" ? "pass" : "blocked");
  });

  it("asks for both where the change breaks it as well", () => {
    const both = [told({ ...gone[0], outcome: "broken", severity: "approval", owners: ["@acme/security"], evidence: [open] })];
    expect(judgeExpectations({ told: both, ...sure }).map((one) => one.rule)).toEqual(["expectations", "expectations no-open-file", rule]);
  });
});

describe("expectations on every surface", () => {
  const evil = "</details>\n# Ready @acme/everybody <script>alert(1)</script>";
  const hostile = told({
    ...broken,
    name: "evil",
    why: evil,
    ask: [evil],
    evidence: [{ ...open, subject: evil, value: evil }],
  });
  const shown = report({ expectations: [broken, hostile, dark, told()] });

  it("are told in the terminal, the comment and the page, and none takes their word for markup", () => {
    const terminal = renderReport(shown, (_, text) => text);
    expect(terminal).toContain(
      'no-open-file  broken by this change on 2 nodes\n      File[/etc/motd] mode is "0666" on web01 and 1 more  site/motd.pp:3',
    );
    expect(terminal).toContain("1 expectation holds besides.");
    const page = renderPage(shown);
    expect(page).toContain("broken by this change on 2 nodes");
    expect(page).not.toContain("<script>alert");
    const view = {
      number: 7,
      state: "open",
      opener: "alice",
      head: "b".repeat(40),
      base: { ref: "main", sha: "a".repeat(40) },
      verdict: { outcome: "blocked", reasons: [] },
      standing: "blocked",
      worse: [],
      answers: [],
      landing: null,
      observed: false,
      unblock: [],
      alarms: [],
      advice: [],
      debts: [],
      frozen: null,
      wish: null,
      glass: null,
    } as const;
    const comment = commentBody(view, shown);
    expect(comment).toContain("Expectations: 2 of 4 broken by this change");
    expect(comment).not.toContain("<script>");
    expect(comment).not.toContain("\n# Ready");
    expect(comment).not.toContain(" @acme/everybody");
  });

  it("say so where there was no catalog to look at", () => {
    const nodes = { ...told().nodes, unseen: 3 };
    expect(outcomeWords(told({ scope: "fleet", nodes: { ...nodes, unseen: 1 } }))).toBe("holds, but for 1 node without a catalog");
    expect(outcomeWords(told({ nodes }))).toBe("no catalog to look at on 3 nodes");
    expect(outcomeWords(told({ nodes: { ...nodes, unseen: 1 } }))).toBe("holds on 2 nodes, and 1 has no catalog");
    expect(expectationsShown([told(), told({ nodes })]).rest).toBe("1 expectation holds. 1 had no catalog to look at.");
    expect(judgeExpectations({ told: [told(), told({ nodes })], ...sure })[0]?.text).toBe(
      "1 expectation holds, 1 without a catalog to look at",
    );
  });

  it("show the worst first, and count what holds", () => {
    const { shown: each, rest } = expectationsShown([told(), dark, broken, told({ outcome: "nobody" })]);
    expect([each.map(({ outcome }) => outcome), rest]).toEqual([
      ["broken", "unknown"],
      "1 expectation holds besides. 1 ask about no node.",
    ]);
  });

  it("hold no secret that another catalog has", () => {
    const taints = new Taints();
    taints.add("shellac-turntable");
    const leaky = told({ ...broken, evidence: [{ ...open, subject: "File[shellac-turntable]", value: '"shellac-turntable"' }] });
    expect(JSON.stringify(redacted(report({ expectations: [leaky] }), taints))).not.toContain("shellac");
  });
});
