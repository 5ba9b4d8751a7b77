import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startPuppetDb } from "../fleet/puppetdb-stand-in.ts";
import { check, clone, facts, folder, outcomes, puppetGate, reasonOf, refused, write, type Files } from "./stage.ts";

/** What a check takes from outside the change: PuppetDB's facts, an ENC's word, stand-ins for what is private. */
const motd =
  "# @summary A message\nclass motd (String $text = 'none') {\n  file { '/etc/motd':\n    content => \"${text} ${facts['os']['family']} ${rack} ${server_facts['servername']}\",\n  }\n}\n";
const tree: Files = {
  "hiera.yaml": "version: 5\nhierarchy:\n  - {name: private, path: /etc/private/data.yaml}\n",
  "manifests/site.pp": "node default {}\n",
  "site/motd/manifests/init.pp": motd,
  "environment.conf": "modulepath = site\n",
};
const changed = {
  "site/motd/manifests/init.pp": motd.replace("${text} ", "${text}! "),
};
const policy =
  "version: 1\nfacts: {puppetdb: {}, never: [token], server: {name: puppet.example.com}}\ncompile: {enc: site-data/enc.yaml, stand_ins: stand-ins}\n";
const site: Files = {
  ".github/puppet-gate.yml": policy,
  "site-data/enc.yaml": "web01.example.com: {classes: [motd], parameters: {rack: r1}, environment: canary}\nmail01.example.com: {}\n",
  "stand-ins/files/etc/private/data.yaml": "motd::text: hello\n",
};
const stored = (certname: string) => ({
  facts: { os: { family: "Debian" }, token: "hunter22" },
  trusted: { authenticated: "remote", certname, extensions: {} },
});

describe("what comes from outside the change", () => {
  it("is PuppetDB's facts, the ENC's word and stand-ins of base, and is told", async () => {
    const puppetdb = await startPuppetDb({
      "web01.example.com": stored("web01.example.com"),
      "new01.example.com": stored("new01.example.com"),
    });
    onTestFinished(() => puppetdb.close());
    // The head's own ENC and stand-ins are none of its judgement's.
    const repo = clone(
      { ...tree, ...site },
      { ...changed, "site-data/enc.yaml": "{}\n", "stand-ins/files/etc/private/data.yaml": "motd::text: forged\n" },
    );
    const checked = await check(repo, "--puppetdb", puppetdb.url);
    expect(checked.report.facts).toMatchObject({ from: "puppetdb", id: expect.stringMatching(/^[0-9a-f]{64}$/u) });
    expect(outcomes(checked)).toEqual({
      "mail01.example.com": "not-analysable",
      "new01.example.com": "not-analysable",
      "web01.example.com": "changed",
    });
    const [group] = checked.report.groups;
    expect([group?.title, group?.before, group?.after]).toEqual([
      "/etc/motd",
      "hello Debian r1 puppet.example.com",
      "hello! Debian r1 puppet.example.com",
    ]);
    expect(reasonOf(checked, "facts")).toEqual({
      outcome: "unknown",
      text: expect.stringContaining("The ENC (site-data/enc.yaml) knows mail01.example.com"),
    });
    expect(checked.report.coverage?.unseen).toEqual([
      {
        what: "stand-ins",
        count: 1,
        text: "value from outside the repository (1 of Hiera's data), as stand-ins or PuppetDB's exports have it: the real one may differ",
      },
      { what: "environments", count: 1, text: expect.stringContaining("other environments (canary)") },
    ]);
    expect(checked.stdout + checked.stderr).not.toContain("hunter22");
  });

  it("may be named by options instead, and what is missing is told", async () => {
    const repo = clone({ ...tree, "facts/web01.example.com.json": facts("web01.example.com") }, changed);
    const own = folder();
    writeFileSync(join(own, "enc.yaml"), "web01.example.com: {classes: {motd: {}}, parameters: {rack: r2}}\n");
    write(join(own, "stand-ins"), { "README.md": "none yet\n" });
    const checked = await check(repo, "--enc", join(own, "enc.yaml"), "--stand-ins", join(own, "stand-ins"));
    expect(checked.report.groups[0]?.before).toBe("none Debian r2 puppet");
    expect(checked.report.coverage?.unseen).toEqual([
      { what: "missing", count: 1, text: expect.stringContaining("nobody gave (/etc/private/data.yaml of Hiera's data)") },
    ]);
    expect(checked.report.facts?.from).toBe("tree");
  });

  it("is listed whole where it is missing, of all nodes at once, also of those that fail for it", async () => {
    const long = `nodes { certname = "${"x".repeat(300)}" }`;
    const ask = (query: string): string => `$found = puppetdb_query('${query}')\n`;
    const manifest = (text: string): string =>
      `node 'web01.example.com' {\n${ask(long)}$more = puppetdb_query('facts { }')\n}\nnode 'web02.example.com' {\n${ask("facts { }")}}\nnode 'db01.example.com' {\nfile { '/etc/motd': content => '${text}' }\n}\n`;
    const names = ["web01.example.com", "web02.example.com", "db01.example.com"];
    const files = Object.fromEntries(names.map((name) => [`facts/${name}.json`, facts(name)]));
    const checked = await check(clone({ ...files, "manifests/site.pp": manifest("one") }, { "manifests/site.pp": manifest("two") }));
    expect(outcomes(checked)).toEqual({
      "db01.example.com": "changed",
      "web01.example.com": "pre-existing",
      "web02.example.com": "pre-existing",
    });
    expect(checked.report.coverage?.missing).toEqual([
      { kind: "puppetdb", name: "facts { }", nodes: 2 },
      { kind: "puppetdb", name: long, nodes: 1 },
    ]);
    expect(checked.report.coverage?.unseen).toEqual([
      { what: "missing", count: 2, text: expect.stringMatching(/facts \{ \} of PuppetDB, nodes .{60,120}… of PuppetDB/u) },
    ]);
  });

  it("is never guessed where it was named and is not there", async () => {
    const repo = clone({ ...tree, ...site }, changed);
    const args = ["--repo", repo, "--base", "main"];
    expect(await refused(args)).toMatchObject({ code: "no-puppetdb", hint: expect.stringContaining("--puppetdb URL") });
    const both = await puppetGate(["check", ...args, "--facts", "/nope", "--puppetdb", "http://127.0.0.1:1"]);
    expect(both.stderr).toContain("--facts and --puppetdb both say where node facts come from.");
    expect(await refused([...args, "--puppetdb", "http://127.0.0.1:1"])).toMatchObject({ code: "puppetdb-unreachable" });
  });
});

describe("a change to an exported resource", () => {
  const manifest = (content: string): string =>
    `node 'web01.example.com' {\n  @@file { '/etc/monitor/web01':\n    content => '${content}',\n    tag     => 'monitored',\n  }\n}\nnode 'mon01.example.com' {\n  File <<| tag == 'monitored' |>> ~> service { 'monitor': ensure => running }\n}\n`;
  const fleet: Files = {
    "facts/web01.example.com.json": facts("web01.example.com"),
    "facts/mon01.example.com.json": facts("mon01.example.com"),
    "manifests/site.pp": manifest("one"),
  };
  const stored =
    "exported:\n- certname: web01.example.com\n  type: File\n  title: /etc/monitor/web01\n  tags: [monitored]\n  parameters: {content: one}\n";

  it("is an effect on who collects it, found in the catalogs of this check", async () => {
    const checked = await check(clone(fleet, { "manifests/site.pp": manifest("two") }));
    expect(outcomes(checked)).toEqual({ "mon01.example.com": "changed", "web01.example.com": "unchanged" });
    expect(checked.report.nodes[0]).toMatchObject({
      reason: expect.stringMatching(
        /^imports what web01\.example\.com exports; File\[\/etc\/monitor\/web01\] may restart more there than is told: this node was compiled without what others export\. Give that by facts\.puppetdb\.exported/u,
      ),
      unplaced: ["restarts"],
    });
    expect(checked.report.groups).toMatchObject([
      { title: "/etc/monitor/web01", attribute: "content", before: "one", after: "two", nodes: ["mon01.example.com"] },
    ]);
    expect(checked.report.radius).toMatchObject({ nodes: 1 });
  });

  it("restarts what depends on it there, where PuppetDB's stand-in has it stored", async () => {
    const site = { ".github/puppet-gate.yml": "version: 1\ncompile: {stand_ins: stand-ins}\n", "stand-ins/puppetdb.yaml": stored };
    const checked = await check(clone({ ...fleet, ...site }, { "manifests/site.pp": manifest("two") }));
    expect(checked.report.radius.restarts).toMatchObject([{ type: "Service", title: "monitor" }]);
    expect(checked.report.coverage?.unseen.map(({ what }) => what)).toEqual(["stand-ins"]);
  });

  it("has unknown importers where nobody collects it, which is told", async () => {
    const checked = await check(clone({ ...fleet, "facts/mon01.example.com.json": null }, { "manifests/site.pp": manifest("two") }));
    expect(checked.report.coverage?.unseen).toEqual([
      { what: "importers", count: 1, text: expect.stringContaining("importers are unknown (File[/etc/monitor/web01])") },
    ]);
  });
});
