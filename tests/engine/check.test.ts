import { describe, expect, it } from "vitest";
import type { Report } from "../../src/gate/report.ts";
import { edited, type File, type Files } from "./stand-ins/repository.ts";
import { createStage, factsOf, small, type Asked, type Checked } from "./stand-ins/stage.ts";

const reasonOf = ({ verdict }: Report, rule: string): string => {
  const found = verdict.reasons.find((reason) => reason.rule === rule);
  return found === undefined ? "none" : `${found.outcome}: ${found.text}`;
};
/** `web01 changed`, with the reasons that it has. */
const nodesOf = ({ nodes }: Report): string[] =>
  nodes.map(({ certname, outcome, reason }) => `${certname} ${outcome}${reason === null ? "" : `: ${reason}`}`);
const groupsOf = ({ groups }: Report): string[] =>
  groups.map(
    ({ type, title, attribute, change, before, after, nodes }) =>
      `${change} ${type}[${title}] ${attribute ?? ""} ${JSON.stringify(before)} ${JSON.stringify(after)} on ${nodes.join()}`,
  );
const findingsOf = ({ findings }: Report): string[] =>
  findings.map(
    ({ severity, path, line, code, onChangedLine }) => `${severity} ${code} ${path}:${line}${onChangedLine ? " of the change" : ""}`,
  );

type Edits = Record<string, File | null>;
/** A first check, on which nothing is kept yet. */
const checked = (edits: Edits, more: Partial<Asked> = {}, main: Files = small): Promise<Checked> =>
  createStage().check({ main, change: edited(main, edits), ...more });

interface Case {
  name: string;
  main?: Edits;
  edits: Edits;
  nodes?: string[];
  groups?: string[];
  findings?: string[];
  reasons?: Record<string, string>;
  radius?: Partial<Report["radius"]>;
}

/** Of what a case says nothing. */
const whatever: unknown = expect.any(Array);

const cases: Case[] = [
  {
    name: "a key of the data reaches whoever looks it up",
    edits: { "data/common.yaml": "motd::text: welcome\n" },
    nodes: ["db01 changed", "web01 changed"],
    groups: ['changed File[/etc/motd] content "hello" "welcome" on db01,web01'],
    reasons: { compile: "pass: 2 nodes compile", lint: "skipped: no manifest changes", syntax: "pass: 1 changed file parsed" },
    radius: { nodes: 2, share: 1, services: ["web"], datacentres: ["lon"], size: "fleet", restarts: [] },
  },
  {
    name: "a template restarts what listens to its file, on the nodes that have it",
    edits: { "site/profile/templates/web.conf.erb": "listen 8080\n" },
    nodes: ["db01 unchanged", "web01 changed"],
    groups: ['changed File[/etc/web.conf] content "listen 80\\n" "listen 8080\\n" on web01'],
    radius: {
      nodes: 1,
      share: 0.5,
      restarts: [{ type: "Service", title: "web", nodes: 1, cause: "File[/etc/web.conf] changes", certnames: ["web01"] }],
    },
  },
  {
    name: "a served file is compared by what is in it, and shown",
    edits: { "site/profile/files/logo": "**\n" },
    nodes: ["db01 unchanged", "web01 changed"],
    groups: ['changed File[/etc/web.logo] content "*\\n" "**\\n" on web01'],
  },
  {
    name: "a served file that goes is told where its resource stands",
    edits: { "site/profile/files/logo": null },
    nodes: ["db01 unchanged", "web01 changed"],
    findings: ["error served-missing site/profile/manifests/web.pp:3"],
  },
  {
    name: "a source that the change writes wrongly is told on its line",
    edits: {
      "site/profile/manifests/web.pp": `${small["site/profile/manifests/web.pp"]}File[/etc/x] {"source": "puppet:///modules/profile/../x"}\n`,
    },
    nodes: ["db01 unchanged", "web01 changed"],
    findings: ["error served-outside site/profile/manifests/web.pp:4 of the change"],
  },
  {
    name: "what no longer compiles blocks",
    edits: { "site/role/manifests/web.pp": "include profile::nope\n" },
    nodes: ["db01 unchanged", "web01 broken: Could not find class ::profile::nope"],
    reasons: { compile: "fail: 1 node would no longer compile, first web01: Could not find class ::profile::nope" },
  },
  {
    name: "a repair is fixed, and everything of it is new",
    main: { "site/role/manifests/web.pp": "include profile::nope\n" },
    edits: { "site/role/manifests/web.pp": "include profile::motd\n" },
    nodes: [
      "db01 unchanged",
      "web01 fixed: on base, it does not compile: Could not find class ::profile::nope; the classes of web01 are not known, because base has no catalog of it",
    ],
    reasons: { compile: "pass: 2 nodes compile, 1 of them not on base" },
  },
  {
    name: "a change that only a node which was broken before could feel is not said to be safe",
    main: { "site/role/manifests/web.pp": "include profile::nope\n" },
    edits: { "site/profile/templates/web.conf.erb": "listen 8080\n" },
    nodes: ["db01 unchanged", "web01 pre-existing: as on base: Could not find class ::profile::nope"],
    reasons: {
      compile: expect.stringMatching(
        /^unknown: nothing differs on the 1 node that compiles, and none is known to use site\/profile\/templates\/web\.conf\.erb/u,
      ) as string,
    },
  },
  {
    name: "a file that a compiling node was seen to read is known to be used, whatever else is broken",
    main: { "site/role/manifests/web.pp": "include profile::nope\n", "data/common.yaml": "motd::text: hello\nother: 1\n" },
    edits: { "data/common.yaml": "other: 1\nmotd::text: hello\n" },
    reasons: { compile: "pass: 1 node compiles, 1 does not on base either, so what the change does to it can't be seen" },
  },
  {
    name: "what does not parse is a finding of the line",
    edits: { "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "${motd::text}"}\n# !syntax\n' },
    findings: ["error syntax site/profile/manifests/motd.pp:2 of the change"],
    reasons: {
      syntax: "fail: site/profile/manifests/motd.pp:2: it does not parse",
      lint: "pass: 1 changed manifest, nothing that base does not have",
    },
  },
  {
    name: "a dependency cycle that the change makes blocks",
    edits: {
      "site/profile/manifests/motd.pp":
        'File[/etc/motd] {"content": "${motd::text}"}\nNotify[a] {"before": "Notify[b]"}\nNotify[b] {"before": "Notify[a]"}\n',
    },
    findings: ["error dependency-cycle site/profile/manifests/motd.pp:2 of the change"],
  },
  {
    name: "a dependency cycle that base has is told, and blocks nobody",
    main: {
      "site/profile/manifests/motd.pp":
        'File[/etc/motd] {"content": "${motd::text}"}\nNotify[a] {"before": "Notify[b]"}\nNotify[b] {"before": "Notify[a]"}\n',
    },
    edits: { "data/common.yaml": "motd::text: welcome\n" },
    findings: ["notice dependency-cycle site/profile/manifests/motd.pp:2"],
    reasons: { compile: "pass: 2 nodes compile" },
  },
  {
    name: "a node that the change brings has base's word for nothing",
    edits: { ...factsOf("new01"), "manifests/site.pp": "node web01 role::web\nnode db01 profile::motd\nnode new01 profile::motd\n" },
    nodes: [
      "db01 unchanged",
      "new01 fixed: on base, no node statement matches it; the classes of new01 are not known, because base has no catalog of it",
      "web01 unchanged",
    ],
  },
  {
    name: "facts that the change edits are base's for this once, and it is told so",
    edits: factsOf("web01", { role: "x" }),
    nodes: ["db01 unchanged", "web01 unchanged"],
    findings: ["notice facts-of-base null:null"],
  },
  {
    name: "a policy that would not load blocks on its line",
    edits: { ".github/puppet-gate.yml": "version: 1\nservces: []\n" },
    findings: ["error bad-policy .github/puppet-gate.yml:2 of the change"],
  },
  {
    name: "a file of facts that can't be read is a node that can't be analysed",
    main: { "facts/web01.json": "{" },
    edits: { "data/common.yaml": "motd::text: welcome\n" },
    nodes: ["db01 changed", "web01 not-analysable: its facts can't be read: facts/web01.json, line 1: not JSON: it ends too early."],
    findings: ["error unreadable-facts facts/web01.json:null"],
  },
];

describe("a check", () => {
  it.each(cases)("$name", async ({ main = {}, edits, nodes = whatever, groups = whatever, findings = [], reasons = {}, radius = {} }) => {
    const { report } = await checked(edits, {}, edited(small, main));
    expect(nodesOf(report)).toEqual(nodes);
    expect(groupsOf(report)).toEqual(groups);
    expect(findingsOf(report)).toEqual(findings);
    for (const [rule, text] of Object.entries(reasons)) expect(reasonOf(report, rule)).toEqual(text);
    expect(report.radius).toMatchObject(radius);
  });
});
