import { describe, expect, it } from "vitest";
import { type Expectation, unmet } from "../../src/demo/control-repo/expectation.ts";
import type { Report } from "../../src/gate/report.ts";

const node = (certname: string, outcome: Report["nodes"][number]["outcome"]): Report["nodes"][number] => ({
  certname,
  outcome,
  reason: null,
  services: ["web"],
  datacentre: "lon",
  cached: false,
});

const report: Report = {
  schema: "puppet-gate/report@1",
  base: { ref: "production", sha: null },
  head: { ref: "topic", sha: null },
  tree: null,
  verdict: { outcome: "blocked", reasons: [{ rule: "lint", outcome: "fail", text: "a tab" }] },
  findings: [
    { check: "lint", severity: "error", path: "a.pp", line: 3, column: 1, code: "hard_tabs", message: "a tab", onChangedLine: true },
  ],
  debt: { lint: 0 },
  nodes: [node("web1", "changed"), node("web2", "changed"), node("web3", "unchanged")],
  groups: [
    {
      type: "File",
      title: "/etc/motd",
      attribute: "content",
      change: "changed",
      kind: "system",
      before: "a",
      after: "b",
      nodes: ["web1"],
      source: null,
    },
    {
      type: "File",
      title: "/etc/motd",
      attribute: "content",
      change: "changed",
      kind: "system",
      before: "a",
      after: "c",
      nodes: ["web2"],
      source: null,
    },
  ],
  radius: {
    nodes: 2,
    share: 2 / 3,
    services: ["web"],
    datacentres: ["sto", "lon"],
    restarts: [{ type: "Service", title: "nginx", nodes: 2, cause: "its settings change" }],
    size: "fleet",
  },
  timing: { total: 1 },
};

const right: Expectation = {
  verdict: "blocked",
  fails: ["lint"],
  nodes: { unchanged: 1, changed: 2, broken: 0 },
  size: "fleet",
  services: ["web"],
  datacentres: ["lon", "sto"],
  restarts: { "Service[nginx]": 2 },
  findings: [{ check: "lint", path: "a.pp", code: "hard_tabs" }],
  effects: [{ resource: "File[/etc/motd]", attribute: "content", change: "changed", nodes: 2 }],
};

describe("what a story expects", () => {
  it("is met by the report that says it", () => {
    expect(unmet(right, report)).toEqual([]);
  });

  const wrong: Array<[string, Partial<Expectation>]> = [
    ['verdict: expected "pass", got "blocked"', { verdict: "pass" }],
    ["rule compile: expected to fail, and it is not in the verdict", { fails: ["compile"] }],
    ['nodes: expected {"changed":2}, got {"changed":2,"unchanged":1}', { nodes: { changed: 2 } }],
    ['size: expected "small", got "fleet"', { size: "small" }],
    ['services: expected [], got ["web"]', { services: [] }],
    ['datacentres: expected ["lon"], got ["lon","sto"]', { datacentres: ["lon"] }],
    ['restarts: expected {}, got {"Service[nginx]":2}', { restarts: {} }],
    ["finding: expected lint in b.pp, and there is none", { findings: [{ check: "lint", path: "b.pp" }] }],
    [
      "finding: expected lint trailing_whitespace in a.pp, and there is none",
      { findings: [{ check: "lint", path: "a.pp", code: "trailing_whitespace" }] },
    ],
    [
      "effect: expected File[/etc/motd] changed on 3 nodes, got 2",
      { effects: [{ resource: "File[/etc/motd]", change: "changed", nodes: 3 }] },
    ],
    ["effect: expected File[/etc/motd] added on 2 nodes, got 0", { effects: [{ resource: "File[/etc/motd]", change: "added", nodes: 2 }] }],
    ["no effect was expected, and there are 2, first File[/etc/motd] content changed on 1 nodes (system)", { noEffects: true }],
  ];
  it.each(wrong)("says %s", (words, change) => {
    expect(unmet({ ...right, ...change }, report)).toEqual([words]);
  });
});
