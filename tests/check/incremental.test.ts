import { describe, expect, it } from "vitest";
import type { Report } from "../../src/gate/report.ts";
import { check, clone, facts, type Files, git, outcomes, puppetGate, reasonOf, small, write } from "./stage.ts";

/** Six nodes of two roles, so that a change to manifests is worth asking what it defines. */
const names = ["web01", "web02", "web03", "db01", "db02", "db03"].map((name) => `${name}.example.com`);
const fleet: Files = {
  ...small,
  "hiera.yaml":
    "---\nversion: 5\nhierarchy:\n  - name: node\n    path: 'nodes/%{trusted.certname}.yaml'\n  - name: role\n    path: 'roles/%{facts.role}.yaml'\n  - name: common\n    path: common.yaml\ndefaults:\n  datadir: data\n  data_hash: yaml_data\n",
  "data/common.yaml": "---\nprofile::motd::text: hello\nprofile::web::port: 80\n",
  "data/roles/web.yaml": "---\nprofile::web::port: 8080\n",
  "site/profile/manifests/web.pp":
    "# @summary Serves pages\nclass profile::web (Integer $port) {\n  file { '/etc/web.conf':\n    content => \"port ${port}\\n\",\n  }\n  file { '/etc/web.logo':\n    source => 'puppet:///modules/profile/logo',\n  }\n}\n",
  "manifests/site.pp": "node /^web/ {\n  include role::web\n}\n\nnode default {\n  include profile::motd\n}\n",
  ...Object.fromEntries(names.map((name) => [`facts/${name}.json`, facts(name, { role: name.slice(0, name.length - 14) })])),
};
const web = names.slice(0, 3);

const reachedOf = ({ nodes }: Report): Record<string, string> =>
  Object.fromEntries(nodes.flatMap(({ certname, reached }) => (reached === undefined ? [] : [[certname, reached]])));

/** What a report says of the change, without what is known of how it was made. */
const effectOf = ({ nodes, groups, radius, findings, verdict, causes }: Report): unknown => ({
  nodes: nodes.map((node) => ({ ...node, cached: false, reached: undefined })),
  groups,
  radius,
  findings,
  verdict,
  causes,
});

const cases: Array<{ name: string; head: Files; reached: Record<string, string>; changed: readonly string[] }> = [
  {
    name: "a key that a role has",
    head: { "data/roles/web.yaml": "---\nprofile::web::port: 8081\n" },
    reached: Object.fromEntries(web.map((name) => [name, "hiera key profile::web::port in data/roles/web.yaml"])),
    changed: web,
  },
  {
    name: "data that appears for one node",
    head: { "data/nodes/db02.example.com.yaml": "---\nprofile::motd::text: mine\n" },
    reached: { "db02.example.com": "hiera key profile::motd::text in data/nodes/db02.example.com.yaml" },
    changed: ["db02.example.com"],
  },
  {
    name: "a key that another layer hides",
    head: { "data/common.yaml": "---\nprofile::motd::text: hello\nprofile::web::port: 81\n" },
    reached: {},
    changed: [],
  },
  {
    name: "a class",
    head: { "site/profile/manifests/web.pp": String(fleet["site/profile/manifests/web.pp"]).replace("port ${", "listen ${") },
    reached: Object.fromEntries(web.map((name) => [name, "class profile::web (site/profile/manifests/web.pp)"])),
    changed: web,
  },
  {
    name: "a comment in a class of everybody",
    head: { "site/profile/manifests/motd.pp": `# words\n${String(fleet["site/profile/manifests/motd.pp"])}` },
    reached: {},
    changed: [],
  },
  {
    name: "one node statement",
    head: {
      "manifests/site.pp": "node /^web/ {\n  include role::web\n  notify { 'new': }\n}\n\nnode default {\n  include profile::motd\n}\n",
    },
    reached: Object.fromEntries(web.map((name) => [name, "node statement /^web/ in manifests/site.pp"])),
    changed: web,
  },
  { name: "a served file, without any compile", head: { "site/profile/files/logo": "+\n" }, reached: {}, changed: web },
  { name: "a paper", head: { "README.md": "words\n" }, reached: {}, changed: [] },
  {
    name: "the hierarchy",
    head: { "hiera.yaml": `${String(fleet["hiera.yaml"])}# words\n` },
    reached: Object.fromEntries(names.map((name) => [name, "hiera.yaml changed: every compile depends on it"])),
    changed: [],
  },
];

describe("only what a change may reach is compiled", { timeout: 180_000 }, () => {
  it.each(cases)("$name", async ({ head, reached, changed }) => {
    const repo = clone(fleet, head);
    const { report } = await check(repo, "--sample", "0");
    expect(reachedOf(report)).toEqual(reached);
    expect(report.nodes.filter(({ outcome }) => outcome === "changed").map(({ certname }) => certname)).toEqual(changed.toSorted());
    const { report: whole } = await check(repo, "--sample", "100");
    expect(whole.coverage?.plan).toMatchObject({ sampled: names.length - Object.keys(reached).length, missed: [] });
    expect(effectOf(report)).toEqual(effectOf(whole));
  });

  it("what base said is kept for the next check, and for the next base", async () => {
    const repo = clone(fleet, { "data/roles/web.yaml": "---\nprofile::web::port: 1\n" });
    const cached = ({ nodes }: Report): string[] => nodes.flatMap((node) => (node.cached ? [node.certname] : []));
    expect(cached((await check(repo)).report)).toEqual([]);
    const again = await check(repo);
    expect(cached(again.report)).toEqual(names.toSorted());
    expect(outcomes(again)).toMatchObject({ "web01.example.com": "changed", "db01.example.com": "unchanged" });
    git(repo, "switch", "-q", "main");
    write(repo, { "data/nodes/db01.example.com.yaml": "---\nprofile::motd::text: mine\n" });
    git(repo, "add", "-A");
    git(repo, "commit", "-qm", "of one node");
    git(repo, "switch", "-q", "change");
    expect(cached((await check(repo)).report)).toEqual(names.filter((name) => !name.startsWith("db01")).toSorted());
  });

  it("a node that differs though nothing does that it was seen to rest on blocks, and nothing kept is used from then on", async () => {
    // Ruby that reads a file past everything that looks for reads.
    const blind =
      "Puppet::Functions.create_function(:'profile::blind') do\n  def blind(folder)\n    RubyVM::InstructionSequence.compile_file(File.join(folder, 'files', 'word')).eval\n  end\nend\n";
    const repo = clone(
      {
        ...fleet,
        "site/profile/lib/puppet/functions/profile/blind.rb": blind,
        "site/profile/files/word": "'one'\n",
        "site/profile/manifests/motd.pp":
          "# @summary The message of the day\nclass profile::motd (String $text) {\n  file { '/etc/motd':\n    content => profile::blind('/etc/puppetlabs/code/environments/production/site/profile'),\n  }\n}\n",
      },
      { "site/profile/files/word": "'two'\n" },
    );
    const first = await check(repo, "--sample", "100");
    expect(first.report.coverage?.plan?.missed).toEqual(names.toSorted());
    expect(reasonOf(first, "compile")).toMatchObject({
      outcome: "fail",
      text: expect.stringContaining("though nothing differs that it was seen to rest on"),
    });
    const second = await check(repo);
    expect(second.report.coverage?.plan).toMatchObject({ kept: 0, reached: names.length, missed: [] });
    expect(second.report.nodes.every(({ cached }) => !cached)).toBe(true);
    expect(Object.values(reachedOf(second.report))[0]).toMatch(/^every node is compiled: /u);
  });

  it("--explain says why a node was compiled, or need not be, and what its catalog rests on", async () => {
    const repo = clone(fleet, { "data/roles/web.yaml": "---\nprofile::web::port: 8081\n" });
    const { report } = await check(repo, "--explain", "web01.example.com");
    expect(report.explained).toMatchObject({
      compiled: "hiera key profile::web::port in data/roles/web.yaml",
      rests: { data: ["data/common.yaml", "data/roles/web.yaml"], facts: ["role"], sources: ["puppet:///modules/profile/logo"] },
    });
    const said = await puppetGate(["check", "--repo", repo, "--base", "main", "--explain", "db01.example.com"]);
    expect(said.stdout).toMatch(
      /db01\.example\.com\n {2}unchanged; not compiled with the change: nothing differs that its catalog rests on\n {2}asked for: \d+ classes/u,
    );
    const wrong = await puppetGate(["check", "--repo", repo, "--base", "main", "--explain", "nobody"]);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("such as db01.example.com") });
  });
});
