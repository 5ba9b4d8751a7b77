import { describe, expect, it } from "vitest";
import type { Finding, NodeOutcome } from "../../src/catalog/effects.ts";
import { judgeChecks, judgeConflict, type Looked } from "../../src/gate/judge.ts";
import { toVerdict, type Reason, type Verdict } from "../../src/gate/verdict.ts";

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
const finding = (over: Partial<Finding>): Finding => ({
  check: "lint",
  severity: "error",
  path: "manifests/site.pp",
  line: 3,
  column: 1,
  code: "x",
  message: "tab character found",
  onChangedLine: true,
  ...over,
});
const node = (certname: string, outcome: NodeOutcome["outcome"], reason: string | null = null): NodeOutcome => ({
  certname,
  outcome,
  reason,
  services: [],
  datacentre: null,
  cached: false,
});
const web01 = node("web01", "unchanged");

interface Case {
  name: string;
  findings?: Finding[];
  nodes?: NodeOutcome[];
  looked?: Partial<Looked>;
  verdict: Verdict["outcome"];
  rule: string;
  outcome: Reason["outcome"];
  text: string;
}

const legacy = (outcome: NodeOutcome["outcome"], reason: string): NodeOutcome => ({ ...node("legacy1", outcome, reason), old: true });
const debts = (until: string): Looked["debts"] => [{ nodes: ["legacy*"], owner: "@acme/legacy", until, reason: "waits for its new disks" }];

const cases: Case[] = [
  {
    name: "a node that base can't analyse either, and nobody owns: told with the way out",
    nodes: [web01, legacy("not-analysable", "on base, it took more than 60 seconds")],
    verdict: "unknown",
    rule: "compile",
    outcome: "unknown",
    text: "1 node can't be analysed, first legacy1: on base, it took more than 60 seconds; base has the same trouble: mend it there, or give these nodes an owner and a date under `debt` in the policy",
  },
  {
    name: "the same as a debt with an owner and a date is no wall",
    nodes: [web01, legacy("not-analysable", "on base, it took more than 60 seconds")],
    looked: { debts: debts("2026-03-01") },
    verdict: "pass",
    rule: "debt",
    outcome: "pass",
    text: "1 node in trouble on base already: @acme/legacy owes it until 2026-03-01 (waits for its new disks)",
  },
  {
    name: "a debt whose day is over blocks, and says whose it is",
    nodes: [web01, legacy("pre-existing", "as on base: syntax error")],
    looked: { debts: debts("2026-02-28") },
    verdict: "blocked",
    rule: "debt",
    outcome: "fail",
    text: "legacy1 is in trouble on base already, and @acme/legacy owes it until 2026-02-28 (waits for its new disks): mend it, or have the policy give it another day",
  },
  {
    name: "a node that this change breaks is no debt, whatever the policy lists",
    nodes: [web01, node("legacy1", "broken", "syntax error")],
    looked: { debts: debts("2026-12-31") },
    verdict: "blocked",
    rule: "compile",
    outcome: "fail",
    text: "1 node would no longer compile, first legacy1: syntax error",
  },
  {
    name: "a node that only this change keeps from being analysed is no debt either",
    nodes: [web01, node("legacy1", "not-analysable", "it took more than 60 seconds")],
    looked: { debts: debts("2026-12-31") },
    verdict: "unknown",
    rule: "compile",
    outcome: "unknown",
    text: "1 node can't be analysed, first legacy1: it took more than 60 seconds",
  },
  { name: "all is well", verdict: "pass", rule: "compile", outcome: "pass", text: "1 node compiles" },
  {
    name: "a new lint error",
    findings: [finding({})],
    verdict: "blocked",
    rule: "lint",
    outcome: "fail",
    text: "manifests/site.pp:3: tab character found",
  },
  {
    name: "a new lint warning counts too",
    findings: [finding({ severity: "warning" }), finding({ line: 9 })],
    verdict: "blocked",
    rule: "lint",
    outcome: "fail",
    text: "manifests/site.pp:3: tab character found (and 1 more)",
  },
  {
    name: "a notice informs and does not block",
    findings: [finding({ severity: "notice" })],
    verdict: "pass",
    rule: "lint",
    outcome: "pass",
    text: "1 changed manifest, nothing that base does not have",
  },
  { name: "no manifest changed", looked: { linted: 0 }, verdict: "pass", rule: "lint", outcome: "skipped", text: "no manifest changes" },
  {
    name: "syntax",
    findings: [finding({ check: "syntax", message: "This Name is not productive", line: null })],
    verdict: "blocked",
    rule: "syntax",
    outcome: "fail",
    text: "manifests/site.pp: This Name is not productive",
  },
  {
    name: "newly broken",
    nodes: [node("db01", "broken", "Could not find class ::nope"), web01],
    verdict: "blocked",
    rule: "compile",
    outcome: "fail",
    text: "1 node would no longer compile, first db01: Could not find class ::nope",
  },
  {
    name: "broken on base already does not count",
    nodes: [node("db01", "pre-existing", "Could not find class ::nope"), web01],
    verdict: "pass",
    rule: "compile",
    outcome: "pass",
    text: "1 node compiles, 1 does not on base either, so what the change does to it can't be seen",
  },
  {
    name: "a change that shows nowhere may be one for those that don't compile: nobody can say that it is safe",
    nodes: [node("db01", "pre-existing", "no class"), node("db02", "pre-existing", "no class"), web01],
    looked: { unfelt: ["data/db.yaml", "a.epp", "b.epp", "c.epp"] },
    verdict: "unknown",
    rule: "compile",
    outcome: "unknown",
    text: "nothing differs on the 1 node that compiles, and none is known to use data/db.yaml, a.epp, b.epp and 1 more: what that does to db01, db02, which do not compile on base either, nobody can see. Mend them on base first, or give them an owner and a date under `debt` in the policy",
  },
  {
    name: "the same where base's policy has these nodes as a debt is no wall",
    nodes: [legacy("pre-existing", "no class"), web01],
    looked: { unfelt: ["data/db.yaml"], debts: debts("2026-03-01") },
    verdict: "pass",
    rule: "compile",
    outcome: "pass",
    text: "1 node compiles, 1 does not on base either, so what the change does to it can't be seen",
  },
  {
    name: "the same where every node compiles is a change without effect",
    looked: { unfelt: ["data/db.yaml"] },
    verdict: "pass",
    rule: "compile",
    outcome: "pass",
    text: "1 node compiles",
  },
  {
    name: "where no node compiles on either side, nothing was learnt",
    nodes: [node("db01", "pre-existing", "as on base: no hiera data")],
    verdict: "unknown",
    rule: "compile",
    outcome: "unknown",
    text: "no node compiles, on base neither, so nothing can be said of this change; db01: as on base: no hiera data",
  },
  {
    name: "where nothing compiles for want of a module, the ways to one",
    nodes: [node("db01", "pre-existing", "as on base: Evaluation Error: Unknown resource type: 'firewall' (manifests/site.pp:9)")],
    verdict: "unknown",
    rule: "compile",
    outcome: "unknown",
    text: "no node compiles, on base neither, so nothing can be said of this change; db01: as on base: Evaluation Error: Unknown resource type: 'firewall' (manifests/site.pp:9). Where it is in a module, name that module's folder with --modulepath, or among `modulepath` under `compile` in the policy; `modules.sources` lets those of a Puppetfile be fetched (docs/modules.md)",
  },
  {
    name: "where nothing compiles for want of data, the way to stand-ins",
    nodes: [node("db01", "pre-existing", "as on base: Function lookup() did not find a value for the name 'classes'")],
    verdict: "unknown",
    rule: "compile",
    outcome: "unknown",
    text: "no node compiles, on base neither, so nothing can be said of this change; db01: as on base: Function lookup() did not find a value for the name 'classes'. Data that only the site's server has needs a stand-in, and so does a hiera.yaml that is the server's own (docs/stand-ins.md)",
  },
  {
    name: "one tree on both sides is not said to compile",
    looked: { sameTree: true },
    verdict: "pass",
    rule: "compile",
    outcome: "skipped",
    text: "base and the merge result are one tree: there is nothing to compile",
  },
  {
    name: "repaired",
    nodes: [node("db01", "fixed"), web01],
    verdict: "pass",
    rule: "compile",
    outcome: "pass",
    text: "2 nodes compile, 1 of them not on base",
  },
  {
    name: "a limit that struck",
    nodes: [node("db01", "not-analysable", "the catalog took longer than 60 s"), web01],
    verdict: "unknown",
    rule: "compile",
    outcome: "unknown",
    text: "1 node can't be analysed, first db01: the catalog took longer than 60 s",
  },
  {
    name: "assumed facts",
    looked: { assumedFacts: true },
    verdict: "unknown",
    rule: "facts",
    outcome: "unknown",
    text: "assumed-facts: 1 node compiled with a shipped set of facts, not their own; give theirs with --facts or `facts.folder`",
  },
  {
    name: "assumed facts, and nodes without a literal name",
    looked: { assumedFacts: true, unnamedNodes: true },
    verdict: "unknown",
    rule: "facts",
    outcome: "unknown",
    text: "assumed-facts: 1 node compiled with a shipped set of facts, not their own, and nodes that a pattern or `default` stands for were not looked at; give theirs with --facts or `facts.folder`",
  },
  {
    name: "no facts, and no literal name",
    nodes: [],
    looked: { assumedFacts: true, unnamedNodes: true },
    verdict: "unknown",
    rule: "facts",
    outcome: "unknown",
    text: "there are no node facts, and the main manifest names no node literally: give node facts with --facts or `facts.folder` in the configuration (docs/stand-ins.md: how to make the files). For a first look without any, `puppet-gate check --nodes CERTNAME` takes a shipped set",
  },
  {
    name: "no node at all",
    nodes: [],
    verdict: "unknown",
    rule: "facts",
    outcome: "unknown",
    text: "no node was looked at: give node facts with --facts or `facts.folder` in the configuration (docs/stand-ins.md: how to make the files). For a first look without any, `puppet-gate check --nodes CERTNAME` takes a shipped set",
  },
  {
    name: "unreadable facts",
    findings: [finding({ check: "facts", path: "facts/web02.yaml", line: null, message: "is not YAML" })],
    verdict: "unknown",
    rule: "facts",
    outcome: "unknown",
    text: "facts/web02.yaml: is not YAML",
  },
  {
    name: "modules that are not there",
    looked: { missingModules: ["apache", "ntp"] },
    verdict: "unknown",
    rule: "modules",
    outcome: "unknown",
    text: "the Puppetfile names apache, ntp, not found in the module path: say under `modules.sources` in the policy where they may be fetched from, resolve them first (r10k puppetfile install), or give --modulepath",
  },
  {
    name: "a module that can't be had",
    rule: "modules",
    looked: {
      missingModules: ["apache"],
      refusedModules: [{ name: "apache", text: "nobody has it", hint: "Ask." }],
      puppetfileChanged: true,
    },
    outcome: "unknown",
    text: "apache can't be had, so what it does is not known: nobody has it. Ask.",
    verdict: "unknown",
  },
  {
    name: "modules that can't be had, one of them whoever tries again",
    rule: "modules",
    looked: {
      refusedModules: [
        { name: "apache", text: "its host is away", hint: "Look.", passing: true },
        { name: "ntp", text: "nobody has it", hint: "Ask." },
      ],
    },
    outcome: "unknown",
    text: "apache can't be had, so what it does is not known: its host is away. Look. (and 1 more module)",
    verdict: "unknown",
  },
  {
    name: "modules with submodules that are base's too",
    rule: "modules",
    looked: { submodules: [{ name: "clock", paths: ["files/data", "lib"], changed: false }], movingModules: ["ntp"] },
    outcome: "pass",
    text: "every module that is named is there; submodules of modules are not fetched, and what lies in them is not seen: clock/files/data and clock/lib; ntp moves by itself: what lands later is what the branch has by then, so pin a commit or a tag",
    verdict: "pass",
  },
  {
    name: "a module that comes with other submodules",
    rule: "modules",
    looked: {
      submodules: [
        { name: "clock", paths: ["lib"], changed: false },
        { name: "lamp", paths: ["files"], changed: true },
      ],
    },
    outcome: "unknown",
    text: "submodules of modules are not fetched, and those of this change are others than base's: lamp/files. Vendor the module, or have what lies there made part of it",
    verdict: "unknown",
  },
  {
    name: "modules that move by themselves",
    rule: "modules",
    looked: { movingModules: ["apache", "ntp"] },
    outcome: "pass",
    text: "every module that is named is there; apache, ntp move by themselves: what lands later is what the branch has by then, so pin a commit or a tag",
    verdict: "pass",
  },
  {
    name: "the Puppetfile changes",
    looked: { puppetfileChanged: true },
    verdict: "unknown",
    rule: "modules",
    outcome: "unknown",
    text: "the Puppetfile changes, and the modules it names were not resolved anew: both sides were compiled with the modules as they lie on disk",
  },
];

describe("judging the checks", () => {
  it.each(cases)("$name", ({ findings = [], nodes = [web01], looked: over = {}, verdict, rule, outcome, text }) => {
    const reasons = judgeChecks(findings, nodes, { ...looked, ...over });
    expect(reasons.find((reason) => reason.rule === rule)).toEqual({ rule, outcome, text });
    expect(toVerdict(reasons, "ignored").outcome).toBe(verdict);
  });

  it("names the conflict and skips the rest", () => {
    const reasons = judgeConflict([finding({ check: "merge", path: "data/common.yaml" })]);
    expect(reasons[0]).toEqual({
      rule: "merge",
      outcome: "fail",
      text: "base and head conflict in data/common.yaml: merge the base branch into yours and resolve it there",
    });
    expect(reasons.slice(1).every(({ outcome }) => outcome === "skipped")).toBe(true);
    expect(toVerdict(reasons, "ignored").outcome).toBe("blocked");
  });
});

describe("putting reasons together", () => {
  const reason = (outcome: Reason["outcome"]): Reason => ({ rule: "r", outcome, text: "t" });
  const table: Array<[Reason["outcome"][], "blocks" | "ignored", Verdict["outcome"]]> = [
    [[], "blocks", "unknown"],
    [["skipped"], "blocks", "unknown"],
    [["pass"], "blocks", "pass"],
    [["pass", "skipped"], "blocks", "pass"],
    [["pass", "pending"], "blocks", "blocked"],
    [["pass", "pending"], "ignored", "pass"],
    [["pass", "unknown", "pending"], "ignored", "unknown"],
    [["unknown", "fail"], "ignored", "blocked"],
    [["pending"], "ignored", "pass"],
  ];
  it.each(table)("%j with pending %s is %s", (outcomes, pending, expected) => {
    expect(toVerdict(outcomes.map(reason), pending).outcome).toBe(expected);
  });
});
