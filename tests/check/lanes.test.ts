import { describe, expect, it } from "vitest";
import { check, clone, facts, small, type Files } from "./stage.ts";

/** What lanes ask of a change, by whole checks with real Puppet. */

const policy = (more = ""): string =>
  `version: 1\nlanes:\n  - { name: canary, members: { certnames: ["web*"] } }\n  - { name: rest }\n${more}rules: [{name: peer, require: {approvals: {count: 1}}}]\n`;
const laned: Files = { ...small, ".github/puppet-gate.yml": policy() };
const motd = String(small["site/profile/manifests/motd.pp"]);
const exported = motd.replace("file { '/etc/motd'", "@@file { '/etc/motd'");
const puppetfile = "mod 'a', :git => 'https://example.com/a', :branch => 'main'\n";

interface Case {
  name: string;
  base?: Files;
  head: Files;
  reason: [outcome: string, text: RegExp] | null;
  rules?: Record<string, string>;
  found?: string[];
}

const cases: Case[] = [
  {
    name: "without lanes nothing is asked",
    base: small,
    head: { "site/profile/manifests/motd.pp": motd.replace("${text}", "${environment}") },
    reason: null,
  },
  {
    name: "a lane's name in a manifest blocks, with its line; one that base has is counted",
    base: { ...laned, "site/profile/manifests/motd.pp": motd.replace("${text}", "${text} ${environment}") },
    head: {
      "site/profile/manifests/motd.pp": `${motd.replace("${text}", "${text} ${environment}")}# $environment\nnotice($environment)\n`,
    },
    reason: ["fail", /^site\/profile\/manifests\/motd\.pp:\d+: \$environment is the lane's name here/u],
    rules: { "crosses-lanes": "skipped" },
  },
  {
    name: "a lane's name that only moves blocks nobody",
    base: { ...laned, "site/profile/manifests/motd.pp": motd.replace("${text}", "${text} ${environment}") },
    head: { "site/profile/manifests/motd.pp": `# moved\n${motd.replace("${text}", "${text} ${environment}")}` },
    reason: ["pass", /base has 2 places like that already/u],
  },
  {
    name: "where the policy tells it only, it blocks nobody",
    base: { ...laned, ".github/puppet-gate.yml": policy("preconditions: { lane_name: tell }\n") },
    head: { "data/common.yaml": '---\nprofile::motd::text: "%{environment}"\n' },
    reason: ["pass", /nothing new/u],
    found: ["notice lane-name data/common.yaml:2"],
  },
  {
    name: "a module that moves",
    head: { Puppetfile: puppetfile, "modules/a/manifests/init.pp": "# @summary a\nclass a { }\n" },
    reason: ["fail", /^Puppetfile:1: the module a follows the branch main/u],
  },
  {
    name: "an exported resource, which an owner has to accept",
    head: { "site/profile/manifests/motd.pp": exported },
    reason: ["pass", /nothing new/u],
    rules: { "crosses-lanes": "pending", "lane-moves": "skipped" },
  },
  {
    name: "data that changes an exported resource",
    base: { ...laned, "site/profile/manifests/motd.pp": exported },
    head: { "data/common.yaml": "---\nprofile::motd::text: welcome\n" },
    reason: ["pass", /nothing new/u],
    rules: { "crosses-lanes": "pending" },
    found: ["notice crosses-lanes site/profile/manifests/motd.pp:3"],
  },
  {
    name: "a policy that takes a node to another lane",
    head: { ".github/puppet-gate.yml": policy().replace('"web*"', '"db*"') },
    reason: ["pass", /nothing new/u],
    rules: { "lane-moves": "pending", "crosses-lanes": "skipped" },
    found: ["notice lane-moves .github/puppet-gate.yml:2", "notice lane-moves .github/puppet-gate.yml:2"],
  },
];

describe("preconditions", () => {
  it.each(cases)("$name", async ({ base = laned, head, reason, rules = {}, found }) => {
    const checked = await check(clone({ ...base, "facts/web01.example.com.json": facts("web01.example.com") }, head));
    const { findings, verdict } = checked.report;
    const [outcome, text] = reason ?? [undefined, /^$/u];
    const said = verdict.reasons.find(({ rule }) => rule === "preconditions");
    expect(said?.outcome).toBe(outcome);
    expect(said?.text ?? "").toMatch(text);
    expect(verdict.reasons).toMatchObject(
      expect.arrayContaining(Object.entries(rules).map(([rule, is]) => expect.objectContaining({ rule, outcome: is }))),
    );
    const all = findings
      .filter((each) => each.check === "preconditions")
      .map(({ severity, code, path, line }) => `${severity} ${code} ${path}:${line}`);
    expect(found ?? all).toEqual(all);
  });
});
