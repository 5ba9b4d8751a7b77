import { isIPv4, isIPv6 } from "node:net";

import { describe, expect, it } from "vitest";

import { inventory } from "../../src/fleet/inventory.ts";

describe("the shipped facts", () => {
  const snapshot = inventory.assume(["web01.ams.example.com", "db01", "web01.ams.example.com"]);
  const [db, web] = snapshot.nodes;

  it("stand in for each name once, and say that they are assumed", () => {
    expect(snapshot.nodes.map(({ certname, origin }) => [certname, origin])).toEqual([
      ["db01", "assumed"],
      ["web01.ams.example.com", "assumed"],
    ]);
    expect(snapshot.unreadable).toEqual([]);
  });

  it("carry the node's own names, in structured and legacy form", () => {
    expect(web?.values).toMatchObject({
      clientcert: "web01.ams.example.com",
      fqdn: "web01.ams.example.com",
      hostname: "web01",
      domain: "ams.example.com",
      networking: { fqdn: "web01.ams.example.com", hostname: "web01", domain: "ams.example.com", primary: "eth0" },
    });
    expect(web?.trusted).toMatchObject({
      authenticated: "remote",
      certname: "web01.ams.example.com",
      hostname: "web01",
      domain: "ams.example.com",
    });
    expect(db?.values).toMatchObject({ fqdn: "db01", hostname: "db01", networking: { fqdn: "db01", hostname: "db01" } });
    expect(Object.keys(db?.values ?? {})).not.toContain("domain");
  });

  it("carry addresses of the node's own, equal in both forms and in every run", () => {
    const networking = web?.values.networking as Record<string, unknown> & { ip: string; ip6: string };
    expect(isIPv4(networking.ip) && networking.ip.startsWith("10.")).toBe(true);
    expect(isIPv6(networking.ip6)).toBe(true);
    expect(web?.values).toMatchObject({
      ipaddress: networking.ip,
      ipaddress_eth0: networking.ip,
      ipaddress6: networking.ip6,
      ipaddress_lo: "127.0.0.1",
    });
    expect(networking.interfaces).toMatchObject({ eth0: { ip: networking.ip, mac: web?.values.macaddress }, lo: { ip: "127.0.0.1" } });
    expect(db?.values.ipaddress).not.toBe(networking.ip);
    expect(inventory.assume(["web01.ams.example.com"]).nodes[0]).toEqual(web);
  });

  it("are those of a Debian 12, as new and old manifests ask for them", () => {
    expect(web?.values).toMatchObject({
      os: { family: "Debian", name: "Debian", release: { major: "12" }, distro: { codename: "bookworm" } },
      osfamily: "Debian",
      operatingsystem: "Debian",
      operatingsystemmajrelease: "12",
      lsbdistcodename: "bookworm",
      kernel: "Linux",
      is_virtual: true,
      virtual: "kvm",
      processors: { count: 4 },
      processorcount: 4,
      memory: { system: { total_bytes: 8_325_103_616 } },
      service_provider: "systemd",
    });
  });

  it("have an id that depends on the names", () => {
    expect(inventory.assume(["db01", "web01.ams.example.com"]).id).toBe(snapshot.id);
    expect(inventory.assume(["db01"]).id).not.toBe(snapshot.id);
  });

  it("are not for a name that no certificate can have", () => {
    const { nodes, unreadable } = inventory.assume(["db01", "Web 01"]);
    expect(nodes).toHaveLength(1);
    expect(unreadable).toMatchObject([
      {
        certname: "Web 01",
        problem: { code: "bad-certname", text: expect.stringContaining('The main manifest: "Web 01" is no certname') },
      },
    ]);
  });
});
