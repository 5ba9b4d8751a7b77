import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { CompileOutcome, Reads } from "../../src/engine/ports/compile.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import type { StandIns } from "../../src/engine/ports/stand-ins.ts";
import { catalogOf, compileAll, copyOf, limits, makeFolder, node, puppet, resource } from "./fixtures.ts";

const shown = (text: string): string => `file { '/shown': content => String(${text}) }`;
const sites: Record<string, string> = {
  private: `file { '/shown': content => lookup('password') } file { '/other': content => lookup('beside') }`,
  file: shown("file('/etc/ssl/ca.pem')"),
  "file-else": shown("file('/etc/nowhere', '/etc/ssl/ca.pem')"),
  dns: shown("readers::dns('www.example.com')"),
  libc: shown("readers::libc('www.example.com')"),
  "dns-else": shown("readers::dns('none.example.com')"),
  query: shown("puppetdb_query('nodes   { certname = \"db01\" }')[0]['certname']"),
  "query-list": shown("puppetdb_query(['from', 'nodes'])[0]['certname']"),
  "query-else": shown("puppetdb_query('facts {}')"),
  "query-all": `$hosts = puppetdb_query('nodes { first = "${"x".repeat(400)}" }').map |$x| { $x['certname'] }\n${shown("puppetdb_query('nodes { second }')[0]['certname'] + 1")}`,
  "query-none": `$third = puppetdb_query('nodes { third }')\nfile { '/etc': ensure => directory }`,
  importer: "File <<| tag == 'Web' and title != '/no' |>>",
  global: `file { '/shown': content => lookup('of_all') }`,
  exporter: "@@file { '/own': content => 'own' }",
};

const files = {
  "hiera.yaml":
    "version: 5\nhierarchy:\n  - {name: private, path: /etc/private/secrets.yaml}\n  - {name: beside, path: ../../../private/data.yaml}\n  - {name: missing, path: /srv/missing.yaml}\n",
  "site/readers/lib/puppet/functions/readers/dns.rb":
    "require 'resolv'\nPuppet::Functions.create_function(:'readers::dns') { def dns(name) = Resolv::DNS.new.getaddress(name).to_s }\n",
  "site/readers/lib/puppet/functions/readers/libc.rb":
    "require 'socket'\nPuppet::Functions.create_function(:'readers::libc') { def libc(name) = IPSocket.getaddress(name).encode('UTF-8') }\n",
  "fleet/all.yaml": "of_all: from the tree, by the server's own hiera.yaml\n",
  "manifests/site.pp": Object.entries(sites)
    .map(([name, code]) => `node '${name}.example' {\n${code}\n}\n`)
    .join(""),
};

const exportedFile = (certname: string, title: string, tags: string[]) => ({
  certname,
  type: "File",
  title,
  tags,
  parameters: { content: `of ${certname}` },
});

const standIns: StandIns = {
  id: "these",
  files: [
    { path: "/etc/private/secrets.yaml", content: Buffer.from("password: from a stand-in\n") },
    { path: "/etc/puppetlabs/code/private/data.yaml", content: Buffer.from("beside: from beside the tree\n") },
    { path: "/etc/ssl/ca.pem", content: Buffer.from("a certificate\n") },
    {
      path: "/etc/puppetlabs/puppet/hiera.yaml",
      content: Buffer.from(
        "version: 5\nhierarchy:\n  - {name: all, datadir: /etc/puppetlabs/code/environments/production/fleet, path: all.yaml}\n",
      ),
    },
  ],
  dns: { "www.example.com": [{ type: "A", value: "192.0.2.7" }] },
  queries: [
    { query: 'nodes { certname = "db01" }', result: [{ certname: "db01" }] },
    { query: ["from", "nodes"], result: [{ certname: "db02" }] },
  ],
  exported: [
    exportedFile("web01", "/a", ["web", "file"]),
    exportedFile("web02", "/no", ["web"]),
    exportedFile("db01", "/b", ["db"]),
    exportedFile("importer.example", "/own", ["web"]),
  ],
};

let tree: OpenTree;
let remove: () => Promise<void>;
let outcomes: Map<string, CompileOutcome>;

const open = (folder: string, given: StandIns): Promise<OpenTree> =>
  puppet.open({
    write: copyOf(folder),
    limits,
    standIns: given,
    layout: { name: "production", modulepath: [{ in: "tree", path: "site" }], manifest: "manifests" },
  });

beforeAll(async () => {
  const made = await makeFolder(files);
  remove = made.remove;
  tree = await open(made.folder, standIns);
  outcomes = await compileAll(
    tree,
    Object.keys(sites).map((name): NodeFacts => node(`${name}.example`)),
  );
});
afterAll(async () => {
  await tree.close();
  await remove();
});

const content = (name: string, title = "/shown"): unknown =>
  resource(catalogOf(outcomes.get(`${name}.example`)), "File", title).parameters.get("content");
function reads(name: string): Reads {
  const outcome = outcomes.get(`${name}.example`);
  if (!outcome?.ok || outcome.reads === undefined) throw new Error(`no reads: ${JSON.stringify(outcome)}`);
  return outcome.reads;
}
const used = (name: string): string[] => reads(name).used.map((read) => `${read.kind} ${read.name}`);
const missing = (name: string): string[] => reads(name).missing.map((read) => `${read.kind} ${read.name}`);
const error = (name: string): string => {
  const outcome = outcomes.get(`${name}.example`);
  return outcome === undefined || outcome.ok ? "none" : outcome.error.message;
};

describe("stand-ins", () => {
  test("give data where hiera.yaml leaves the tree, and are told of", () => {
    expect(content("private")).toBe("from a stand-in");
    expect(content("private", "/other")).toBe("from beside the tree");
    expect(used("private")).toEqual(["hiera /etc/private/secrets.yaml: password", "hiera /etc/puppetlabs/code/private/data.yaml: beside"]);
  });

  test("give files of the server, and say which have none", () => {
    expect(content("file")).toBe("a certificate\n");
    expect(used("file")).toEqual(["file /etc/ssl/ca.pem"]);
    expect(content("file-else")).toBe("a certificate\n");
    expect(missing("file-else")).toContain("file /etc/nowhere");
  });

  test("answer for DNS, in Ruby's resolver and in the system's; a name without one fails at once", () => {
    expect([content("dns"), content("libc")]).toEqual(["192.0.2.7", "192.0.2.7"]);
    expect([used("dns"), used("libc")]).toEqual([["dns www.example.com"], ["dns www.example.com"]]);
    expect(error("dns-else")).toContain("DNS result has no information for none.example.com");
  });

  test("answer queries to PuppetDB; one without an answer fails, instead of finding nothing", () => {
    expect([content("query"), content("query-list")]).toEqual(["db01", "db02"]);
    expect(error("query-else")).toContain("no stand-in has an answer to the query facts {}");
  });

  test("are all asked for before a node fails, and told whole; it fails for the first, whatever else came of it", () => {
    const failed = (name: string) => {
      const outcome = outcomes.get(`${name}.example`);
      return outcome === undefined || outcome.ok ? null : { ...outcome.error, missing: outcome.missing?.map((read) => read.name) };
    };
    expect(failed("query-all")).toMatchObject({
      code: "compile",
      message: expect.stringMatching(/no stand-in has an answer to the query nodes \{ first = "x+$/u),
      path: "manifests/site.pp",
      line: expect.any(Number),
      missing: expect.arrayContaining([`nodes { first = "${"x".repeat(400)}" }`, "nodes { second }"]),
    });
    expect(failed("query-none")).toMatchObject({ message: expect.stringContaining("nodes { third }"), path: "manifests/site.pp" });
  });

  test("are collected where others export, and never a node's own", () => {
    const titles = catalogOf(outcomes.get("importer.example")).resources.filter(({ type }) => type === "File");
    expect(titles.map(({ title, exported }) => [title, exported])).toEqual([["/a", false]]);
    expect(content("importer", "/a")).toBe("of web01");
    expect(used("importer")).toEqual(["puppetdb File[/a] of web01"]);
    expect(reads("importer").collectors).toEqual([{ type: "File", filter: [["tag", "==", "Web"], "and", ["title", "!=", "/no"]] }]);
  });

  test.each(["/usr/lib/x", "/etc/passwd", "/gate/main.rb", "/etc/puppetlabs/code/environments/production/hiera.yaml", "/etc/../usr/x"])(
    "never stand in for what is the sandbox's own: %s",
    async (path) => {
      const made = await makeFolder(files);
      const opening = open(made.folder, { ...standIns, files: [{ path, content: Buffer.from("x") }] });
      await expect(opening).rejects.toThrow("A stand-in for");
      await made.remove();
    },
  );
});
