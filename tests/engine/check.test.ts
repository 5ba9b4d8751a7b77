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
  /** What no catalog shows: how many of what. */
  unseen?: Record<string, number>;
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
    name: "a served file that base lacks as well is told of nobody's change",
    main: { "site/profile/files/logo": null },
    edits: { "data/common.yaml": "motd::text: welcome\n" },
    nodes: ["db01 changed", "web01 changed"],
  },
  {
    name: "files from elsewhere and encrypted values are counted, each once",
    main: {
      "site/profile/manifests/motd.pp":
        'encrypted ENC[one]\nencrypted ENC[two]\nFile[/etc/motd] {"content": "${motd::text}"}\nFile[/etc/issue] {"source": "http://files/issue"}\n',
    },
    edits: { "data/common.yaml": "motd::text: welcome\n" },
    nodes: ["db01 changed", "web01 changed"],
    unseen: { sources: 1, encrypted: 2 },
  },
  {
    name: "what only the change's side has of those is counted too",
    edits: {
      "site/profile/manifests/motd.pp":
        'encrypted ENC[one]\nFile[/etc/motd] {"content": "${motd::text}"}\nFile[/etc/issue] {"source": "http://files/issue"}\n',
    },
    unseen: { sources: 1, encrypted: 1 },
  },
  {
    name: "what only base has of those is counted too",
    main: {
      "site/profile/manifests/motd.pp":
        'encrypted ENC[one]\nencrypted ENC[two]\nFile[/etc/motd] {"content": "${motd::text}"}\nFile[/etc/issue] {"source": "http://files/issue"}\n',
    },
    edits: { "site/profile/manifests/motd.pp": 'encrypted ENC[one]\nFile[/etc/motd] {"content": "${motd::text}"}\n' },
    unseen: { sources: 1, encrypted: 2 },
  },
  {
    name: "the same of nodes that are not looked at",
    main: {
      "site/profile/manifests/motd.pp":
        'encrypted ENC[one]\nFile[/etc/motd] {"content": "${motd::text}"}\nFile[/etc/issue] {"source": "http://files/issue"}\n',
    },
    edits: { "README.md": "Hello.\n" },
    nodes: ["db01 unchanged", "web01 unchanged"],
    unseen: { sources: 1, encrypted: 1 },
  },
  {
    name: "code of agents that changes, or goes by another name, is counted by its paths",
    main: { "site/profile/lib/facter/role.rb": "one\n", "site/profile/lib/puppet/type/x.rb": "two\n" },
    edits: {
      "site/profile/lib/facter/role.rb": null,
      "docs/role.rb": "one\n",
      "site/profile/lib/puppet/type/x.rb": "three\n",
      "site/profile/lib/puppet/provider/x/y.rb": "four\n",
    },
    unseen: { facts: 1, types: 1, providers: 1 },
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
  it.each(cases)(
    "$name",
    async ({ main = {}, edits, nodes = whatever, groups = whatever, findings = [], reasons = {}, radius = {}, unseen = {} }) => {
      const { report } = await checked(edits, {}, edited(small, main));
      expect(nodesOf(report)).toEqual(nodes);
      expect(groupsOf(report)).toEqual(groups);
      expect(findingsOf(report)).toEqual(findings);
      for (const [rule, text] of Object.entries(reasons)) expect(reasonOf(report, rule)).toEqual(text);
      expect(report.radius).toMatchObject(radius);
      expect(Object.fromEntries(report.coverage?.unseen.map(({ what, count }) => [what, count]) ?? [])).toEqual(unseen);
    },
  );

  it("tells of nodes what else is known of them", async () => {
    const main = edited(small, { "site/profile/manifests/motd.pp": "fails compile no\n" });
    const { report } = await checked({ "README.md": "Hello.\n" }, {}, main);
    expect(report.nodes.map(({ old }) => old)).toEqual([true, true]);
    const repaired = await checked({ "site/profile/manifests/motd.pp": "Notify[motd]\n" }, {}, main);
    expect(repaired.report.nodes.map(({ old }) => old)).toEqual([undefined, undefined]);
    expect(repaired.report.nodes.map(({ unplaced }) => unplaced)).toEqual([["services"], ["services"]]);
    expect(repaired.report.nodes[0]?.reason).toMatch(/; the classes of db01 are not known, because base has no catalog of it$/u);
  });

  it("tells whose node it is that is not known only where one change or more reaches it", async () => {
    const main = edited(small, {
      ".github/puppet-gate.yml": "version: 1\nservices: [{name: pages, match: 'enc.parameters.role == \"web\"'}]\n",
    });
    const edits = {
      "site/profile/templates/web.conf.erb": "listen 8080\n",
      "site/profile/manifests/motd.pp": `# a comment, for which db01 is compiled\n${small["site/profile/manifests/motd.pp"]}`,
    };
    const { report } = await checked(edits, {}, main);
    expect(nodesOf(report)).toEqual([
      "db01 unchanged",
      "web01 changed: whether it carries pages is not known: there is no ENC: name its file under `compile.enc`, or give --enc",
    ]);
    expect(report.nodes.map(({ unplaced }) => unplaced)).toEqual([undefined, ["services"]]);
  });

  it("tells of nodes that the ENC does not have, and of nothing in their facts", async () => {
    const main = edited(small, {
      ".github/puppet-gate.yml": "version: 1\ncompile: {enc: enc.yaml}\n",
      "enc.yaml": "web01: {classes: {}}\n",
    });
    const { report } = await checked({ "data/common.yaml": "motd::text: welcome\n" }, {}, main);
    expect(nodesOf(report)[0]).toMatch(/^db01 not-analysable: (?!its facts can't be read)/u);
    expect(nodesOf(report)[1]).toBe("web01 changed");
  });

  it("tells the key that a class takes, around what changes, for its likely cause", async () => {
    const main = edited(small, {
      "site/profile/manifests/motd.pp": 'param text ${motd::text}\nFile[/etc/motd] {"content": "${motd::text}"}\n',
      "data/common.yaml": "motd::text: hello\nprofile::motd::text: hello\n",
    });
    const edits = {
      "data/common.yaml": "motd::text: welcome\nprofile::motd::text: welcome\n",
      "site/profile/templates/web.conf.erb": "listen 8080\n",
    };
    const { report } = await checked(edits, {}, main);
    expect(report.causes).toContainEqual(
      expect.objectContaining({
        kind: "data",
        name: "profile::motd::text",
        certain: false,
        reason: "they are in Class[profile::motd], which takes it as text",
      }),
    );
  });

  it("shows a file of a served folder that differs", async () => {
    const main = edited(small, {
      "site/profile/manifests/motd.pp":
        'File[/etc/motd.d] {"ensure": "directory", "recurse": true, "source": "puppet:///modules/profile/motd.d"}\n',
      "site/profile/files/motd.d/a": "one\n",
      "site/profile/files/motd.d/b": "two\n",
    });
    const { report } = await checked({ "site/profile/files/motd.d/a": "three\n" }, {}, main);
    expect(groupsOf(report)).toEqual(['changed File[/etc/motd.d] content {"a":"one\\n"} {"a":"three\\n"} on db01,web01']);
  });

  it("tells of a catalog that loses much without a manifest that changes", async () => {
    const many = Array.from({ length: 12 }, (_, at) => `Notify[${at}]\n`).join("");
    const main = edited(small, {
      "data/common.yaml": "motd::text: profile::full\n",
      "site/profile/manifests/motd.pp": "include ${motd::text}\n",
      "site/profile/manifests/full.pp": many,
      "site/profile/manifests/bare.pp": "Notify[0]\n",
    });
    const bare = { "data/common.yaml": "motd::text: profile::bare\n" };
    expect(findingsOf((await checked(bare, {}, main)).report)).toEqual(["error small-catalog null:null"]);
    const meant = { ...bare, "site/profile/manifests/bare.pp": "# on purpose\nNotify[0]\n" };
    expect(findingsOf((await checked(meant, {}, main)).report)).toEqual([]);
    const allowed = edited(main, { ".github/puppet-gate.yml": "version: 1\ncompile: {lost_percent: 99}\n" });
    expect(findingsOf((await checked(bare, {}, allowed)).report)).toEqual([]);
  });
});
