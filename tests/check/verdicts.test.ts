import { describe, expect, it } from "vitest";
import { check, checkAlone, clone, git, outcomes, reasonOf, small, type Files, write } from "./stage.ts";

const web01 = "web01.example.com";
const db01 = "db01.example.com";

interface Case {
  name: string;
  head: Files;
  base?: Files;
  code: 0 | 1 | 2;
  nodes: [web: string, db: string];
  groups?: Array<Record<string, unknown>>;
  radius?: Record<string, unknown>;
  debt?: number;
  suggestions?: unknown[];
  reason?: [rule: string, outcome: string, text: string | RegExp];
}

/** What most cases say of the compile. */
const clean: Required<Case>["reason"] = ["compile", "pass", /compile/u];

const cases: Case[] = [
  {
    name: "a comment changes nothing",
    head: { "site/profile/manifests/motd.pp": `# for everybody\n${String(small["site/profile/manifests/motd.pp"])}` },
    code: 0,
    nodes: ["unchanged", "unchanged"],
    radius: { nodes: 0, share: 0, size: "none" },
  },
  {
    name: "a hiera key reaches every node that uses it",
    head: { "data/common.yaml": "---\nprofile::motd::text: welcome\n" },
    code: 2,
    nodes: ["changed", "changed"],
    groups: [
      {
        type: "File",
        title: "/etc/motd",
        attribute: "content",
        change: "changed",
        kind: "system",
        before: "hello\n",
        after: "welcome\n",
        nodes: [db01, web01],
        source: { path: "site/profile/manifests/motd.pp", line: 3 },
      },
    ],
    radius: { nodes: 2, share: 1, size: "fleet", datacentres: ["lon"] },
    reason: ["peer", "pending", /^asked for on the pull request/u],
  },
  {
    name: "a template change restarts the service that listens to its file",
    head: { "site/profile/templates/web.conf.erb": "listen 8080\n" },
    code: 2,
    nodes: ["changed", "unchanged"],
    groups: [{ title: "/etc/web.conf", before: "listen 80\n", after: "listen 8080\n", nodes: [web01] }],
    radius: {
      nodes: 1,
      share: 0.5,
      services: ["web"],
      restarts: [{ type: "Service", title: "web", nodes: 1, cause: "File[/etc/web.conf] changes", certnames: [web01] }],
      capacity: [{ service: "web", nodes: 1, changing: 1, restarting: 1 }],
    },
  },
  {
    name: "a served file changes although no manifest does",
    head: { "site/profile/files/logo": "**\n" },
    code: 2,
    nodes: ["changed", "unchanged"],
    groups: [{ title: "/etc/web.logo", attribute: "content", before: "*\n", after: "**\n" }],
  },
  {
    name: "a class that does not exist breaks its nodes and no other",
    head: { "site/role/manifests/web.pp": "# @summary A web server\nclass role::web {\n  include profile::nope\n}\n" },
    code: 1,
    nodes: ["broken", "unchanged"],
    reason: [
      "compile",
      "fail",
      /^1 node would no longer compile, first web01\.example\.com: .*Could not find class ::profile::nope .*site\/role\/manifests\/web\.pp:3/u,
    ],
  },
  {
    name: "a repair is fixed, and everything of it is new",
    base: { "site/role/manifests/web.pp": "# @summary A web server\nclass role::web {\n  include profile::nope\n}\n" },
    head: { "site/role/manifests/web.pp": small["site/role/manifests/web.pp"] ?? "" },
    code: 2,
    nodes: ["fixed", "unchanged"],
    reason: ["compile", "pass", "2 nodes compile, 1 of them not on base"],
  },
  {
    name: "what was broken before does not block",
    base: { "site/role/manifests/web.pp": "# @summary A web server\nclass role::web {\n  include profile::nope\n}\n" },
    head: { "data/common.yaml": "---\nprofile::motd::text: welcome\n" },
    code: 2,
    nodes: ["pre-existing", "changed"],
    reason: ["compile", "pass", "1 node compiles, 1 does not on base either, so what the change does to it can't be seen"],
  },
  {
    name: "a change that only a node which was broken before could feel is not said to be safe",
    base: { "site/role/manifests/web.pp": "# @summary A web server\nclass role::web {\n  include profile::nope\n}\n" },
    head: { "site/profile/templates/web.conf.erb": "listen 8080\n" },
    code: 1,
    nodes: ["pre-existing", "unchanged"],
    reason: [
      "compile",
      "unknown",
      /^nothing differs on the 1 node that compiles, and none is known to use site\/profile\/templates\/web\.conf\.erb: what that does to web01\.example\.com/u,
    ],
  },
  {
    name: "new lint findings block; what base has is debt",
    base: {
      "site/profile/manifests/motd.pp": 'class profile::motd (String $text) {\n  file { "/etc/motd":\n    content => $text,\n  }\n}\n',
    },
    head: {
      "site/profile/manifests/motd.pp":
        'class profile::motd (String $text) {\n  file { "/etc/motd":\n    content => $text,\n  }\n  $unused = "x"\n}\n',
    },
    code: 1,
    nodes: ["unchanged", "unchanged"],
    debt: 2,
    suggestions: [{ path: "site/profile/manifests/motd.pp", line: 5, endLine: 5, text: "  $unused = 'x'" }],
    reason: ["lint", "fail", "site/profile/manifests/motd.pp:5: double quoted string containing no variables"],
  },
  {
    name: "an ignore that the change adds is a finding",
    head: {
      "site/profile/manifests/motd.pp": `${String(small["site/profile/manifests/motd.pp"])}# lint:ignore:140chars\n# lint:endignore\n`,
    },
    code: 1,
    nodes: ["unchanged", "unchanged"],
    reason: ["lint", "fail", "site/profile/manifests/motd.pp:7: the change tells puppet-lint to ignore 140chars here"],
  },
  {
    name: "YAML of hiera data that does not parse",
    head: { "data/common.yaml": "---\nprofile::motd::text: [hello\n" },
    code: 1,
    nodes: ["broken", "broken"],
    reason: ["syntax", "fail", /^data\/common\.yaml:2: did not find expected/u],
  },
  {
    name: "an ERB template that does not parse",
    head: { "site/profile/templates/web.conf.erb": "listen 80\n<% if true %>\n" },
    code: 1,
    nodes: ["broken", "unchanged"],
    reason: ["syntax", "fail", /^site\/profile\/templates\/web\.conf\.erb:\d+: /u],
  },
  {
    name: "a policy that would not load",
    head: { ".github/puppet-gate.yml": "version: 1\nservces: []\n" },
    code: 1,
    nodes: ["unchanged", "unchanged"],
    reason: ["config", "fail", /^\.github\/puppet-gate\.yml:2: .*servces.*services/u],
  },
];

describe("a check of a small control repo", { timeout: 120_000 }, () => {
  it.each(cases)(
    "$name",
    async ({ base = {}, head, code, nodes, groups = [], radius = {}, debt = 0, suggestions = [], reason = clean }) => {
      const ran = await check(clone({ ...small, ...base }, head));
      expect(outcomes(ran)).toEqual({ [web01]: nodes[0], [db01]: nodes[1] });
      for (const group of groups) expect(ran.report.groups).toContainEqual(expect.objectContaining(group));
      expect(ran.report.debt.lint).toBe(debt);
      expect(ran.report.suggestions ?? []).toEqual(suggestions);
      expect(ran.report.radius).toMatchObject(radius);
      const [rule, outcome, text] = reason;
      expect(reasonOf(ran, rule).outcome).toBe(outcome);
      expect(reasonOf(ran, rule).text).toMatch(text);
      expect(ran.code).toBe(code);
    },
  );

  it("reports a conflict as a finding, by path", async () => {
    const repo = clone(small, { "data/common.yaml": "---\nprofile::motd::text: a\n" });
    git(repo, "switch", "-q", "main");
    write(repo, { "data/common.yaml": "---\nprofile::motd::text: b\n" });
    git(repo, "commit", "-qam", "other");
    git(repo, "switch", "-q", "change");
    const ran = await checkAlone(repo);
    expect(ran.code).toBe(1);
    expect(ran.report.tree).toBeNull();
    expect(ran.report.findings).toMatchObject([{ check: "merge", severity: "error", path: "data/common.yaml" }]);
  });
});
