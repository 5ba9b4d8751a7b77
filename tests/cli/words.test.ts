import { expect, it } from "vitest";
import { renderProblem } from "../../src/cli/paint.ts";
import { renderReport } from "../../src/cli/words.ts";
import type { Report } from "../../src/gate/report.ts";

const report: Report = {
  schema: "puppet-gate/report@1",
  base: { ref: "origin/main", sha: "a".repeat(40) },
  head: { ref: "worktree", sha: null },
  tree: "c".repeat(40),
  verdict: {
    outcome: "blocked",
    reasons: [
      { rule: "merge", outcome: "pass", text: "base and head merge cleanly" },
      { rule: "compile", outcome: "fail", text: "1 node would no longer compile, first db1: Could not find class ::nope" },
      { rule: "peer", outcome: "pending", text: "1 approval" },
    ],
  },
  findings: [
    {
      check: "lint",
      severity: "warning",
      path: "a.pp",
      line: 3,
      column: 7,
      code: "x",
      message: "two\nlines \u001B[31m",
      onChangedLine: true,
    },
  ],
  debt: { lint: 2 },
  nodes: [
    { certname: "db1", outcome: "broken", reason: "Could not find class ::nope", services: [], datacentre: null, cached: false },
    { certname: "web1", outcome: "changed", reason: null, services: ["web"], datacentre: "lon", cached: false },
    { certname: "web2", outcome: "changed", reason: null, services: ["web"], datacentre: "lon", cached: false },
    { certname: "old1", outcome: "pre-existing", reason: "as on base: no data", services: [], datacentre: null, cached: false },
  ],
  groups: [
    {
      type: "File",
      title: "/etc/web",
      attribute: "content",
      change: "changed",
      kind: "system",
      before: "listen 80\nhost web1\n",
      after: "listen 8080\nhost web1\n",
      nodes: ["web1"],
      source: { path: "site/web.pp", line: 4 },
    },
    {
      type: "File",
      title: "/etc/web",
      attribute: "content",
      change: "changed",
      kind: "system",
      before: "listen 80\nhost web2\n",
      after: "listen 8080\nhost web2\n",
      nodes: ["web2"],
      source: { path: "site/web.pp", line: 4 },
    },
    {
      type: "User",
      title: "app",
      attribute: "password",
      change: "changed",
      kind: "secret",
      before: null,
      after: null,
      nodes: ["web1"],
      source: null,
      concerns: ["accounts"],
    },
    {
      type: "Notify",
      title: "\u202Eevil\u001B[2J",
      attribute: null,
      change: "added",
      kind: "system",
      before: null,
      after: {},
      nodes: ["web1"],
      source: null,
    },
    {
      type: "Class",
      title: "Web",
      attribute: "port",
      change: "changed",
      kind: "class-parameter",
      before: 80,
      after: 8080,
      nodes: ["web1"],
      source: null,
    },
  ],
  causes: [
    {
      kind: "data",
      name: "web::port",
      places: [{ path: "data/common.yaml", line: 3 }],
      certain: false,
      reason: "Class[Web] takes it",
      groups: [0, 1],
      resources: 1,
      nodes: 2,
    },
  ],
  radius: {
    nodes: 2,
    share: 0.5,
    services: ["web"],
    datacentres: ["lon"],
    restarts: [{ type: "Service", title: "web", nodes: 2, cause: "File[/etc/web] changes", certnames: ["web1", "web2"] }],
    capacity: [
      { service: "web", datacentre: "ash", nodes: 2, changing: 0, restarting: 0 },
      { service: "web", datacentre: "lon", nodes: 2, changing: 2, restarting: 2 },
    ],
    size: "fleet",
  },
  timing: { total: 1234 },
};

it("renders a report: counts, why, how far, what, where", () => {
  expect(renderReport(report, (_, text) => text)).toMatchInlineSnapshot(`
    "BLOCKED  of 4 nodes, 1 would no longer compile, 2 would change, 1 did not compile before either
    worktree into origin/main aaaaaaaaaa, 1.2 s

    Why
      pass     merge    base and head merge cleanly
      fail     compile  1 node would no longer compile, first db1: Could not find class ::nope
      pending  peer     1 approval

    Blast radius  fleet: 2 of 4 nodes (50 %)
      web  2 of 4 nodes change: ash 0 of 2, lon 2 of 2
      restarts Service[web] on 2 nodes (every node of web): File[/etc/web] changes

    Look twice
      users and groups: User[app] password on 1 node (web1)
      secrets, whose values are not shown: User[app] password on 1 node (web1)

    Where it comes from
      data key web::port in data/common.yaml:3 -> 1 resource on 2 nodes (likely: Class[Web] takes it)

    Nodes
      broken  1 node (db1): Could not find class ::nope
      pre-existing  1 node (old1): as on base: no data

    Changes
      ~ File[/etc/web] content  2 nodes (web1, web2)  site/web.pp:4
          - listen 80
          + listen 8080
      ~ User[app] password (secret)  1 node (web1)
          changed (secret)
      + Notify[<U+202E>evil<U+001B>[2J]  1 node (web1)
      1 parameter of classes and defines, without an effect of their own

    Findings
      warning lint a.pp:3:7: two<U+000A>lines <U+001B>[31m
      2 lint findings in the changed files are on base too and block nothing
    "
  `);
});

it("says of an error what to do next, on lines of their own", () => {
  const problem = { text: "x\u001B[2J is not a repository.", hint: "Give --repo." };
  expect(renderProblem(problem, (_, text) => text)).toBe("puppet-gate: x<U+001B>[2J is not a repository.\n  Give --repo.\n");
});

it("names many nodes by the services they are of, and says where nothing restarts", () => {
  const nodes = ["a", "b", "c", "d", "e"].map((certname) => ({
    certname,
    outcome: "changed" as const,
    reason: null,
    services: ["web"],
    datacentre: "lon",
    cached: false,
  }));
  const [group] = report.groups;
  if (group === undefined) throw new Error("the sample report has no group");
  const groups = [{ ...group, nodes: nodes.map(({ certname }) => certname) }];
  const shown = (all: Report["nodes"]): string =>
    renderReport({ ...report, nodes: all, groups, radius: { ...report.radius, restarts: [] } }, (_, text) => text);
  expect(shown(nodes)).toContain("~ File[/etc/web] content  5 nodes (every node of web)  site/web.pp:4\n");
  expect(shown(nodes)).toContain("\n  Puppet restarts no service\n");
  const [first, ...others] = nodes.map((node) => ({ ...node }));
  if (first === undefined) throw new Error("there are no nodes");
  expect(shown([{ ...first, outcome: "broken" as const, reason: "no" }, ...others])).toContain(
    "\n  Puppet restarts no service on the nodes that were compared\n",
  );
  const again = shown(nodes.map((node) => ({ ...node, outcome: "fixed" as const })));
  expect(again).not.toContain("restarts no service");
  expect(again).toContain("base has no catalog to compare with");
});
