import { describe, expect, it } from "vitest";
import type { EncFiles, Site } from "../../src/engine/ports/site.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import { filterFacts } from "../../src/fleet/filter.ts";
import { inventory } from "../../src/fleet/inventory.ts";

const all = { only: null, never: [] };
const server = { serverversion: "7.23.0", servername: "puppet.example.com", serverip: "10.0.0.5" };
const node = (certname: string): NodeFacts => ({
  certname,
  origin: "given",
  values: { clientcert: certname, os: { family: "Debian" }, ec2: { iam: "key", zone: "a" } },
  trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
});
const snapshot = { id: "x", nodes: [node("web01"), node("db01")], unreadable: [] };
const prepare = (site: Partial<Site>) => inventory.prepare(snapshot, { filter: all, enc: null, server, ...site });
const enc = (text: string, path = "enc.yaml"): EncFiles => ({ single: true, files: [{ path, content: Buffer.from(text) }] });

describe("facts that a compile may see", () => {
  const values = {
    clientcert: "web01",
    os: { family: "Debian", release: { major: "12" } },
    ec2: { iam: { key: "s" }, zone: "a" },
    "my.fact": 1,
    ssh: { rsa: "x" },
  };
  it.each<[string, string[] | null, string[], object]>([
    ["all", null, [], values],
    ["one, with all below it", ["os"], [], { clientcert: "web01", os: values.os }],
    ["a part of one", ["os.release.major"], [], { clientcert: "web01", os: { release: { major: "12" } } }],
    ["all but one", null, ["ec2", "ssh", "my"], { clientcert: "web01", os: values.os }],
    ["all but a part of one", null, ["ec2.iam", "ssh"], { clientcert: "web01", os: values.os, ec2: { zone: "a" }, "my.fact": 1 }],
    ["never goes before only", ["ec2"], ["ec2.iam.*"], { clientcert: "web01", ec2: { iam: {}, zone: "a" } }],
    ["by a pattern", ["s*", "*.fact"], [], { clientcert: "web01", "my.fact": 1, ssh: { rsa: "x" } }],
    ["none that is not there", ["nope"], [], { clientcert: "web01" }],
  ])("%s", (_, only, never, expected) => {
    expect(filterFacts(values, { only, never })).toEqual(expected);
  });

  it("make a snapshot of its own", () => {
    const [whole, less] = [prepare({}), prepare({ filter: { only: null, never: ["ec2.iam"] } })];
    expect(less.nodes[0]?.values).toEqual({ clientcert: "web01", os: { family: "Debian" }, ec2: { zone: "a" } });
    expect(less.id).not.toBe(whole.id);
  });
});

describe("the server's own facts", () => {
  it("are those of the site, for every node, and of the snapshot's id", () => {
    expect(prepare({}).nodes.map((each) => each.server)).toEqual([server, server]);
    expect(prepare({ server: { ...server, servername: "other" } }).id).not.toBe(prepare({}).id);
  });
});

describe("an ENC's files", () => {
  it("classify nodes by certname, with classes as names or with parameters", () => {
    const { nodes } = prepare({
      enc: enc("web01: {classes: [ntp, web], environment: canary}\ndb01: {classes: {db: {port: 1}, ntp: ~}, parameters: {rack: 4}}\n"),
    });
    expect(nodes.map((each) => each.enc)).toEqual(
      [
        { classes: { db: { port: 1 }, ntp: {} }, parameters: { rack: 4 }, environment: null },
        { classes: { ntp: {}, web: {} }, parameters: {}, environment: "canary" },
      ].toReversed(),
    );
  });

  it("may be one for each node", () => {
    const files = ["web01", "db01"].map((name) => ({ path: `enc/${name}.yaml`, content: Buffer.from(`---\nclasses:\n- ${name}\n`) }));
    expect(prepare({ enc: { single: false, files } }).nodes.map((each) => each.enc?.classes)).toEqual([{ web01: {} }, { db01: {} }]);
  });

  it("leave a node that they don't have without a compile, and say which they have without facts", () => {
    const { nodes, unreadable } = prepare({ enc: enc("web01: {}\nmail01: {}\n") });
    expect(nodes.map(({ certname }) => certname)).toEqual(["web01"]);
    expect(unreadable.map(({ certname, problem }) => [certname, problem.code, problem.text])).toEqual([
      ["db01", "not-classified", "The ENC does not have db01, so no server would compile it."],
      ["mail01", "no-facts-of-node", "The ENC (enc.yaml) knows mail01, and has no facts of it."],
    ]);
  });

  it.each([
    ["- web01\n", "enc.yaml is no ENC's file: it is no map of certnames."],
    ["web01: {class: [ntp]}\n", "enc.yaml is no ENC's file: web01: unrecognized key"],
    ["web01: {classes: ntp}\n", "enc.yaml is no ENC's file: web01.classes: invalid input."],
    ["web01: {\n", "enc.yaml is no ENC's file: enc.yaml, line 2: not YAML"],
  ])("are refused whole where they are none: %j", (text, expected) => {
    expect(() => prepare({ enc: enc(text) })).toThrow(expected);
  });
});

describe("a folder of stand-ins", () => {
  const standIns = (files: Record<string, string>) =>
    inventory.toStandIns(Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })));

  it("is files, names of DNS with their addresses back to them, and answers of PuppetDB", () => {
    const read = standIns({
      "README.md": "what this is",
      "files/etc/private/a.yaml": "a: 1\n",
      "dns.yaml": "www: [192.0.2.7, '2001:db8::7']\nalias: {CNAME: www}\n192.0.2.9: mail\n",
      "puppetdb.yaml": "queries:\n- {query: 'nodes {}', result: []}\nexported:\n- {certname: db01, type: File, title: /x, line: 3}\n",
    });
    expect(read).toMatchObject({
      files: [{ path: "/etc/private/a.yaml" }],
      dns: {
        www: [
          { type: "A", value: "192.0.2.7" },
          { type: "AAAA", value: "2001:db8::7" },
        ],
        alias: [{ type: "CNAME", value: "www" }],
        "192.0.2.7": [{ type: "PTR", value: "www" }],
        "192.0.2.9": [{ type: "PTR", value: "mail" }],
      },
      queries: [{ query: "nodes {}", result: [] }],
      exported: [{ certname: "db01", type: "File", title: "/x", tags: [], parameters: {} }],
    });
    expect(read.id).not.toBe(standIns({ "files/etc/private/a.yaml": "a: 2\n" }).id);
  });

  it.each([
    [{ "hiera/common.yaml": "" }, "hiera/common.yaml can't stand in for anything: nothing reads a file of that name."],
    [{ "dns.yaml": "www: nowhere\n" }, 'dns.yaml can\'t stand in for anything: www: "nowhere" is no address.'],
    [{ "puppetdb.yaml": "query: x\n" }, "puppetdb.yaml can't stand in for anything: it: unrecognized key"],
  ])("is refused where nothing would come of it: %j", (files, expected) => {
    expect(() => standIns(files as Record<string, string>)).toThrow(expected);
  });
});
