import { createHash } from "node:crypto";

import type { NodeFacts } from "../engine/ports/nodes.ts";
import host from "./debian12.json" with { type: "json" };
import { deriveTrusted } from "./trusted.ts";

/**
 * The shipped facts under a node's name: a virtual machine with Debian 12, as Facter 4 reports it with its legacy facts, which many
 * repositories still read. Names and addresses are the node's own, so that two nodes' catalogs differ where real ones would: the addresses
 * come from a digest of the name, within 10.0.0.0/8 and the IPv6 range for documentation (RFC 3849).
 */
export function assumedFacts(certname: string): NodeFacts {
  const trusted = deriveTrusted(certname);
  const { hostname, domain } = trusted;
  const net = network(createHash("sha256").update(certname).digest());
  const { interfaces, primary } = net;
  const names = { fqdn: certname, hostname, ...(domain === null ? {} : { domain }) };
  const structured = { ...names, ...primary, interfaces, mtu: 1500, primary: "eth0" };
  return {
    certname,
    origin: "assumed",
    values: {
      ...host,
      ...names,
      ...legacy("", primary),
      ...legacy("_eth0", primary),
      ...legacy("_lo", interfaces.lo),
      networking: structured,
      clientcert: certname,
    },
    trusted,
  };
}

interface Interface {
  ip: string;
  ip6: string;
  netmask: string;
  netmask6: string;
  network: string;
  network6: string;
  scope6: string;
  mac?: string;
}

function network([a = 0, b = 0, c = 0]: Uint8Array) {
  const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
  // Neither the network's own address nor its broadcast address.
  const last = 1 + (c % 254);
  const primary: Interface & { mac: string } = {
    ip: `10.${a}.${b}.${last}`,
    ip6: `2001:db8:${hex(a)}${hex(b)}::${last.toString(16)}`,
    mac: `52:54:00:${hex(a)}:${hex(b)}:${hex(last)}`,
    netmask: "255.255.255.0",
    netmask6: "ffff:ffff:ffff:ffff::",
    network: `10.${a}.${b}.0`,
    network6: `2001:db8:${hex(a)}${hex(b)}::`,
    scope6: "global",
  };
  const loopback: Interface = {
    ip: "127.0.0.1",
    ip6: "::1",
    netmask: "255.0.0.0",
    netmask6: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    network: "127.0.0.0",
    network6: "::1",
    scope6: "host",
  };
  return {
    primary,
    interfaces: { eth0: { ...bindings(primary), ...primary, mtu: 1500 }, lo: { ...bindings(loopback), ...loopback, mtu: 65_536 } },
  };
}

const bindings = (of: Interface) => ({
  bindings: [{ address: of.ip, netmask: of.netmask, network: of.network }],
  bindings6: [{ address: of.ip6, flags: ["permanent"], netmask: of.netmask6, network: of.network6, scope6: of.scope6 }],
});

const legacy = (suffix: string, of: Interface): Record<string, string> => ({
  [`ipaddress${suffix}`]: of.ip,
  [`ipaddress6${suffix}`]: of.ip6,
  [`netmask${suffix}`]: of.netmask,
  [`netmask6${suffix}`]: of.netmask6,
  [`network${suffix}`]: of.network,
  [`network6${suffix}`]: of.network6,
  [`scope6${suffix}`]: of.scope6,
  ...(of.mac === undefined ? {} : { [`macaddress${suffix}`]: of.mac }),
});
