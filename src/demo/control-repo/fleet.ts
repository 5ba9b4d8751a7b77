import { createHash } from "node:crypto";

/** The machines of Tonearm, the music streaming company that the sample belongs to. All of it is arithmetic: no randomness, no clock. */

const domain = "tonearm.example";

/** How many machines of a service stand in each datacentre. */
const perDatacentre = { playlist: 4, web: 3, search: 3, metadata: 3, storage: 3, dns: 2, monitoring: 1, ads: 2 } as const;
const datacentres = { lon: 1, sto: 2, ash: 3 } as const;

type Datacentre = keyof typeof datacentres;
type Role = keyof typeof perDatacentre | "bastion";

export interface SampleNode {
  certname: string;
  role: Role;
  datacentre: Datacentre;
  /** Within its role and datacentre, from 1. */
  number: number;
  os: keyof typeof systems;
}

/** Machines that site.pp names one by one. */
const bastions: readonly SampleNode[] = [bastion("lon"), bastion("ash")];

/** Every machine, in the order of its certname. */
export function sampleNodes(): SampleNode[] {
  const nodes = (Object.keys(datacentres) as Datacentre[]).flatMap((datacentre) =>
    (Object.keys(perDatacentre) as Array<keyof typeof perDatacentre>).flatMap((role) =>
      Array.from({ length: perDatacentre[role] }, (_, at) => nodeOf(role, datacentre, at + 1)),
    ),
  );
  return [...nodes, ...bastions].sort((a, b) => (a.certname < b.certname ? -1 : 1));
}

function nodeOf(role: Role, datacentre: Datacentre, number: number): SampleNode {
  // One corner of the fleet runs another family, so that the layer of hiera for it is used and services are called differently there.
  const os = role === "storage" && datacentre === "ash" ? "rocky9" : "bookworm";
  return { certname: `${role}${number}.${datacentre}.${domain}`, role, datacentre, number, os };
}

function bastion(datacentre: Datacentre): SampleNode {
  return nodeOf("bastion", datacentre, 1);
}

const systems = {
  bookworm: {
    os: {
      architecture: "amd64",
      family: "Debian",
      hardware: "x86_64",
      name: "Debian",
      distro: { codename: "bookworm", description: "Debian GNU/Linux 12 (bookworm)", id: "Debian", release: { full: "12.5", major: "12" } },
      release: { full: "12.5", major: "12", minor: "5" },
      selinux: { enabled: false },
    },
    kernelrelease: "6.1.0-18-amd64",
    legacy: { lsbdistid: "Debian", lsbdistcodename: "bookworm" },
    python: "3.11.2",
  },
  rocky9: {
    os: {
      architecture: "x86_64",
      family: "RedHat",
      hardware: "x86_64",
      name: "Rocky",
      distro: {
        codename: "Blue Onyx",
        description: "Rocky Linux release 9.3 (Blue Onyx)",
        id: "Rocky",
        release: { full: "9.3", major: "9" },
      },
      release: { full: "9.3", major: "9", minor: "3" },
      selinux: { enabled: true, enforced: true },
    },
    kernelrelease: "5.14.0-362.8.1.el9_3.x86_64",
    legacy: { lsbdistid: "Rocky", lsbdistcodename: "BlueOnyx" },
    python: "3.9.18",
  },
} as const;

/** GiB of memory and processors by role. */
const sizes: Record<Role, { memory: number; processors: number }> = {
  playlist: { memory: 32, processors: 16 },
  web: { memory: 16, processors: 8 },
  search: { memory: 128, processors: 32 },
  metadata: { memory: 64, processors: 16 },
  storage: { memory: 64, processors: 24 },
  dns: { memory: 8, processors: 4 },
  monitoring: { memory: 64, processors: 16 },
  ads: { memory: 32, processors: 16 },
  bastion: { memory: 4, processors: 2 },
};

/** Third octet of a role's addresses. */
const subnets: Record<Role, number> = {
  playlist: 1,
  web: 2,
  search: 3,
  metadata: 4,
  storage: 5,
  dns: 6,
  monitoring: 7,
  ads: 8,
  bastion: 0,
};

interface Inventory {
  certname: string;
  timestamp: string;
  environment: string;
  facts: Record<string, unknown>;
  trusted: Record<string, unknown>;
}

/** What PuppetDB's inventory endpoint says of a node: its facts, structured and in legacy form, and what its certificate vouches for. */
export function inventoryOf(node: SampleNode): Inventory {
  const { certname, role, datacentre, number } = node;
  const system = systems[node.os];
  const hostname = `${role}${number}`;
  const fqdnDomain = `${datacentre}.${domain}`;
  const ip = `10.${datacentres[datacentre]}.${subnets[role]}.${number}`;
  const network = `10.${datacentres[datacentre]}.${subnets[role]}.0`;
  const digest = createHash("sha256").update(certname).digest("hex");
  const mac = `52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`;
  const { memory, processors } = sizes[role];
  const bytes = memory * 1024 ** 3;
  const interfaces = { eth0: { ip, mac, mtu: 1500, netmask: "255.255.255.0", network }, lo: { ip: "127.0.0.1", netmask: "255.0.0.0" } };
  const isVirtual = role !== "storage";
  return {
    certname,
    timestamp: "2026-03-12T06:00:00.000Z",
    environment: "production",
    facts: {
      // Legacy names first: modules as Debian packages them still read them.
      ...system.legacy,
      architecture: system.os.architecture,
      // An agent adds these three to what Facter says; concat reads the version.
      clientcert: certname,
      clientnoop: false,
      clientversion: "7.23.0",
      domain: fqdnDomain,
      fqdn: certname,
      hardwaremodel: "x86_64",
      hostname,
      interfaces: "eth0,lo",
      ipaddress: ip,
      ipaddress_eth0: ip,
      macaddress: mac,
      operatingsystem: system.os.name,
      operatingsystemmajrelease: system.os.release.major,
      operatingsystemrelease: system.os.release.full,
      osfamily: system.os.family,
      processorcount: processors,
      // Structured ones.
      dmi: { manufacturer: isVirtual ? "QEMU" : "Supermicro", product: { serial_number: digest.slice(6, 16).toUpperCase() } },
      identity: { gid: 0, group: "root", privileged: true, uid: 0, user: "root" },
      is_virtual: isVirtual,
      kernel: "Linux",
      kernelmajversion: system.kernelrelease.split(".").slice(0, 2).join("."),
      kernelrelease: system.kernelrelease,
      kernelversion: system.kernelrelease.split("-", 1)[0],
      memory: { system: { total_bytes: bytes, total: `${memory.toFixed(2)} GiB` } },
      networking: {
        domain: fqdnDomain,
        fqdn: certname,
        hostname,
        interfaces,
        ip,
        mac,
        mtu: 1500,
        netmask: "255.255.255.0",
        network,
        primary: "eth0",
      },
      os: system.os,
      path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      processors: {
        count: processors,
        isa: "x86_64",
        models: Array.from({ length: processors }, () => "AMD EPYC 7443P 24-Core Processor"),
      },
      puppetversion: "7.23.0",
      python3_version: system.python,
      service_provider: "systemd",
      ssh: { ed25519: { key: `AAAAC3NzaC1lZDI1NTE5AAAAI${digest.slice(0, 43)}`, type: "ssh-ed25519" } },
      timezone: "UTC",
      virtual: isVirtual ? "kvm" : "physical",
    },
    trusted: {
      authenticated: "remote",
      certname,
      hostname,
      domain: fqdnDomain,
      extensions: { pp_role: role, pp_datacenter: datacentre },
      external: {},
    },
  };
}
