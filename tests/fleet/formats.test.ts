import { describe, expect, it } from "vitest";

import type { FactSnapshot, NodeFacts } from "../../src/engine/ports/nodes.ts";
import { inventory } from "../../src/fleet/inventory.ts";

/** Every format that sites have their facts in: what is in the file, and what a compile is to see. */
const read = (...files: Array<[path: string, content: string]>): FactSnapshot =>
  inventory.readFiles(files.map(([path, content]) => ({ path, content: Buffer.from(content) })));

const derived = (certname: string, hostname: string, domain: string | null) => ({
  authenticated: "remote" as const,
  certname,
  hostname,
  domain,
  extensions: {},
  external: {},
});

interface Case {
  name: string;
  path: string;
  content: string;
  nodes: Array<Pick<NodeFacts, "certname" | "values"> & { trusted?: NodeFacts["trusted"] }>;
}

const web01 = { certname: "web01.example.com", values: { clientcert: "web01.example.com", os: { family: "Debian" }, role: "web" } };
const db01 = { certname: "db01", values: { clientcert: "db01", os: { family: "RedHat" } } };

const cases: Case[] = [
  {
    name: "octocatalog-diff's YAML: Ruby's tag and the time it was gathered are dropped",
    path: "facts/anything.yaml",
    content: `--- !ruby/object:Puppet::Node::Facts
name: web01.example.com
values:
  os:
    family: Debian
  role: web
  _timestamp: 2026-01-01 10:00:00.000000000 Z
timestamp: 2026-01-01 10:00:00.000000000 Z
expiration: 2026-01-01 10:30:00.000000000 Z
`,
    nodes: [web01],
  },
  {
    name: "the same with Ruby's symbols as keys and values",
    path: "x.yaml",
    content:
      "--- !ruby/object:Puppet::Node::Facts\n:name: web01.example.com\n:values:\n  :os:\n    family: :Debian\n  ? !ruby/sym role\n  : !ruby/sym web\n",
    nodes: [web01],
  },
  {
    name: "values without a name: the file's name is the node's",
    path: "facts/web01.example.com.yml",
    content: "values: {os: {family: Debian}, role: web}\n",
    nodes: [web01],
  },
  {
    name: "facter --json",
    path: "web01.example.com.json",
    content: '{"os": {"family": "Debian"}, "role": "web"}',
    nodes: [web01],
  },
  {
    name: "facter --yaml, with a comment",
    path: "web01.example.com.yaml",
    content: "# taken in March\n---\nos:\n  family: Debian\nrole: web\n",
    nodes: [web01],
  },
  {
    name: "puppet facts, whose clientcert names the node",
    path: "somewhere/else.json",
    content: '{"clientcert": "web01.example.com", "os": {"family": "Debian"}, "role": "web"}',
    nodes: [web01],
  },
  {
    name: "puppet facts find: a name around values",
    path: "x.json",
    content: '{"name": "web01.example.com", "values": {"os": {"family": "Debian"}, "role": "web"}, "timestamp": "2026-01-01T10:00:00Z"}',
    nodes: [web01],
  },
  {
    name: "puppet node find: parameters",
    path: "x.yaml",
    content:
      "--- !ruby/object:Puppet::Node\nname: web01.example.com\nenvironment: production\nparameters:\n  os:\n    family: Debian\n  role: web\n",
    nodes: [web01],
  },
  {
    name: "PuppetDB's inventory, one node, with the server's word on its extensions",
    path: "x.json",
    content: JSON.stringify({
      certname: "web01.example.com",
      timestamp: "2026-01-01T10:00:00Z",
      environment: "production",
      facts: { os: { family: "Debian" }, role: "web" },
      trusted: {
        authenticated: "remote",
        certname: "web01.example.com",
        hostname: "web01",
        domain: "example.com",
        extensions: { pp_role: "web", pp_datacenter: "ams" },
        external: {},
      },
    }),
    nodes: [
      {
        ...web01,
        trusted: { ...derived("web01.example.com", "web01", "example.com"), extensions: { pp_role: "web", pp_datacenter: "ams" } },
      },
    ],
  },
  {
    name: "PuppetDB's inventory, many nodes",
    path: "fleet.json",
    content: JSON.stringify([
      { certname: "web01.example.com", facts: { os: { family: "Debian" }, role: "web" }, trusted: null },
      { certname: "db01", facts: { os: { family: "RedHat" } } },
    ]),
    nodes: [{ ...db01, trusted: derived("db01", "db01", null) }, web01],
  },
  {
    name: "PuppetDB's facts: one row a fact",
    path: "fleet.json",
    content: JSON.stringify([
      { certname: "web01.example.com", environment: "production", name: "os", value: { family: "Debian" } },
      { certname: "db01", environment: "production", name: "os", value: { family: "RedHat" } },
      { certname: "web01.example.com", environment: "production", name: "role", value: "web" },
    ]),
    nodes: [db01, web01],
  },
  {
    name: "PuppetDB's factsets",
    path: "fleet.json",
    content: JSON.stringify([
      {
        certname: "web01.example.com",
        hash: "b1",
        facts: {
          href: "/pdb/query/v4/factsets/web01.example.com/facts",
          data: [
            { name: "os", value: { family: "Debian" } },
            { name: "role", value: "web" },
          ],
        },
      },
    ]),
    nodes: [web01],
  },
  {
    name: "trusted among the facts, as PuppetDB keeps it, is no fact",
    path: "web01.example.com.yaml",
    content:
      "os:\n  family: Debian\nrole: web\ntrusted:\n  authenticated: local\n  certname: web01.example.com\n  extensions:\n    pp_role: web\n",
    nodes: [
      {
        ...web01,
        trusted: { ...derived("web01.example.com", "web01", "example.com"), authenticated: "local", extensions: { pp_role: "web" } },
      },
    ],
  },
  {
    name: "a clientcert that the file has is kept, also where the file was copied from another node",
    path: "x.yaml",
    content: "name: db01\nvalues:\n  clientcert: db02\n  os:\n    family: RedHat\n",
    nodes: [{ certname: "db01", values: { clientcert: "db02", os: { family: "RedHat" } } }],
  },
  {
    name: "volatile and legacy facts stay, and no legacy fact is invented",
    path: "db01.json",
    content: '{"hostname": "db01", "uptime_seconds": 12, "system_uptime": {"seconds": 12}, "networking": {"fqdn": "db01"}}',
    nodes: [
      {
        certname: "db01",
        values: { clientcert: "db01", hostname: "db01", uptime_seconds: 12, system_uptime: { seconds: 12 }, networking: { fqdn: "db01" } },
      },
    ],
  },
  {
    name: "a fact with a name that JavaScript gives a meaning of its own",
    path: "db01.json",
    content: '{"kernel": "Linux", "__proto__": {"polluted": true}}',
    nodes: [
      {
        certname: "db01",
        values: JSON.parse('{"clientcert": "db01", "kernel": "Linux", "__proto__": {"polluted": true}}') as Record<string, unknown>,
      },
    ],
  },
];

describe("formats of fact files", () => {
  it.each(cases)("$name", ({ path, content, nodes }) => {
    const snapshot = read([path, content]);
    expect(snapshot.unreadable).toEqual([]);
    expect(snapshot.nodes.map(({ certname, values }) => ({ certname, values }))).toEqual(
      nodes.map(({ certname, values }) => ({ certname, values })),
    );
    const given = snapshot.nodes.filter((_, index) => nodes[index]?.trusted !== undefined);
    expect(given.map(({ trusted }) => trusted)).toEqual(nodes.flatMap(({ trusted }) => trusted ?? []));
    expect(snapshot.nodes.every(({ origin }) => origin === "given")).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("derives what the server would vouch for", () => {
    expect(read(["web01.ams.example.com.json", '{"kernel": "Linux"}']).nodes[0]?.trusted).toEqual(
      derived("web01.ams.example.com", "web01", "ams.example.com"),
    );
  });

  it("passes over files that are no fact files by their names", () => {
    const snapshot = read(["facts/README.md", "no facts"], ["facts/.hidden.yaml", "nor these"], ["facts/db01.json", '{"kernel": "Linux"}']);
    expect(snapshot.nodes.map(({ certname }) => certname)).toEqual(["db01"]);
    expect(snapshot.unreadable).toEqual([]);
  });
});

describe("the id of a snapshot", () => {
  const one = read(["db01.json", '{"kernel": "Linux", "os": {"family": "Debian", "name": "Debian"}}']);

  it("depends on what the facts say, not on how they are written", () => {
    expect(read(["x/db01.yaml", "os:\n  name: Debian\n  family: Debian\nkernel: Linux\n"]).id).toBe(one.id);
    expect(one.id).toMatch(/^[0-9a-f]{64}$/u);
  });

  it.each([
    ["a value", '{"kernel": "linux", "os": {"family": "Debian", "name": "Debian"}}'],
    ["a type", '{"kernel": "Linux", "os": {"family": "Debian", "name": ["Debian"]}}'],
    ["a fact more", '{"kernel": "Linux", "os": {"family": "Debian", "name": "Debian"}, "role": null}'],
  ])("changes with %s", (_, content) => {
    expect(read(["db01.json", content]).id).not.toBe(one.id);
  });

  it("changes with a node that can't be read, and with trusted facts", () => {
    expect(read(["db01.json", '{"kernel": "Linux", "os": {"family": "Debian", "name": "Debian"}}'], ["x.json", "{"]).id).not.toBe(one.id);
    const trusted =
      '{"kernel": "Linux", "os": {"family": "Debian", "name": "Debian"}, "trusted": {"certname": "db01", "extensions": {"pp_role": "db"}}}';
    expect(read(["db01.json", trusted]).id).not.toBe(one.id);
  });
});
