import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { textFile, type TreeFile } from "../../../src/demo/control-repo/history.ts";
import { vendoredModules } from "../../../src/demo/control-repo/sources.ts";

/** The files of a control repo for measuring: written ones of `files/`, Debian's packaged modules, and generated services, roles and data. */

export type Files = Map<string, TreeFile>;
export type Kind = "usual" | "large";

export const roles = 12;
/** Nodes that stand in one rack, and so have one file of data. */
export const nodesOfRack = 20;
const services = 24;
const servicesOfRole = 4;
/** Of one large node: with what each comes to, about 2,700 resources. */
const platformServices = 315;

const certnameOf = (at: number): string => `node${String(at).padStart(4, "0")}.bench.example.net`;
export interface FleetNode {
  certname: string;
  role: string;
  rack: string;
  datacentre: string;
}

export const nodesOf = (kind: Kind, count: number): FleetNode[] =>
  Array.from({ length: count }, (_, at) => ({
    certname: certnameOf(at),
    role: kind === "large" ? "platform" : `r${String(at % roles).padStart(2, "0")}`,
    rack: `rack${String(Math.floor(at / nodesOfRack)).padStart(2, "0")}`,
    datacentre: ["lon", "sto", "ash"][at % 3] ?? "lon",
  }));

const written = join(import.meta.dirname, "files");

export function filesOf(kind: Kind, nodes: readonly FleetNode[]): Files {
  const files: Files = new Map(vendoredModules());
  const add = (path: string, text: string): void => void files.set(path, textFile(text));
  for (const entry of readdirSync(written, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) add(relative(written, path), readFileSync(path, "utf8"));
  }
  for (let at = 0; at < services; at += 1) for (const [path, text] of serviceFiles(at)) add(path, text);
  for (let at = 0; at < roles; at += 1) add(`site/role/manifests/r${String(at).padStart(2, "0")}.pp`, roleManifest(at));
  add(
    "site/role/manifests/platform.pp",
    "# Very many services.\nclass role::platform {\n  include profile::base\n  include profile::platform\n}\n",
  );
  add("data/common.yaml", yaml(common()));
  add("data/os/Debian.yaml", yaml({ "profile::base::packages": [...packages, "apt-transport-https", "debian-goodies"] }));
  for (const datacentre of ["lon", "sto", "ash"])
    add(
      `data/datacentres/${datacentre}.yaml`,
      yaml({ "profile::base::time::servers": [1, 2, 3].map((n) => `ntp${n}.${datacentre}.example.net`) }),
    );
  for (const rack of new Set(nodes.map((node) => node.rack)))
    add(`data/racks/${rack}.yaml`, yaml({ "monitor::server": `${rack}.example.net` }));
  for (let at = 0; at < roles; at += 1) add(`data/roles/r${String(at).padStart(2, "0")}.yaml`, yaml(roleData(at)));
  // A fifth of the nodes have data of their own.
  for (const { certname } of nodes.filter((_, at) => at % 5 === 0))
    add(`data/nodes/${certname}.yaml`, yaml({ "profile::base::shell::tries": 4 }));
  if (kind === "large") add("data/roles/platform.yaml", yaml(platformData()));
  return files;
}

/** JSON is YAML; a top-level pair a line, as people write it. */
const yaml = (data: Record<string, unknown>): string =>
  `---\n${Object.entries(data)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("")}`;

const two = (at: number): string => String(at).padStart(2, "0");
const packages = Array.from({ length: 20 }, (_, at) => `tool-${two(at)}`);
const record = <T>(count: number, of: (at: number) => [string, T]): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => of(at)));

function common(): Record<string, unknown> {
  return {
    lookup_options: {
      "firewall::rules": { merge: "hash" },
      "monitor::checks": { merge: "deep" },
      "profile::base::packages": { merge: "unique" },
    },
    "profile::base::packages": packages,
    "profile::base::banner": "Managed by Puppet.",
    "profile::base::people": record(8, (at) => [
      `person${two(at)}`,
      { uid: 2_000 + at, comment: `Person ${at}`, keys: [`AAAAC3NzaC1lZDI1NTE5AAAAI${at}`] },
    ]),
    "profile::base::rotated": record(6, (at) => [`log${at}`, { paths: [`/var/log/log${at}.log`], keep: 7 + at }]),
    "sysctl::values": record(10, (at) => [`net.bench.value_${at}`, at * 10]),
    "monitor::checks": record(5, (at) => [
      `common_${at}`,
      { command: `/usr/lib/monitor/check_${at} --host %{facts.networking.hostname}`, thresholds: { warn: 70 + at, critical: 90 } },
    ]),
    "firewall::rules": record(5, (at) => [`common ${at}`, { port: 9_000 + at, from: ["10.0.0.0/8"] }]),
  };
}

const servicesOf = (role: number): number[] => Array.from({ length: servicesOfRole }, (_, at) => (role * 5 + at * 3) % services);

const hasSites = (role: number): boolean => role % 4 === 0;

function roleManifest(role: number): string {
  const profiles = [...servicesOf(role).map((at) => `svc${two(at)}`), ...(hasSites(role) ? ["web"] : [])];
  return `# Role ${role}.\nclass role::r${two(role)} {\n${["base", ...profiles].map((name) => `  include profile::${name}\n`).join("")}}\n`;
}

function roleData(role: number): Record<string, unknown> {
  const sites = { "profile::web::sites": record(2, (at) => [`www${at}.r${two(role)}.example.net`, { port: 8_080 + at }]) };
  const ofServices = Object.fromEntries(
    servicesOf(role).flatMap((at) => [
      [`profile::svc${two(at)}::port`, 5_000 + at * 10 + role],
      [
        `profile::svc${two(at)}::settings`,
        { threads: 4 + role, cache: `${64 * (at + 1)}M`, upstream: `svc${two(at)}.%{facts.datacentre}.example.net` },
      ],
    ]),
  );
  return {
    ...ofServices,
    "monitor::checks": { [`role_${role}`]: { command: `/usr/lib/monitor/role ${role}` } },
    ...(hasSites(role) ? sites : {}),
  };
}

function serviceFiles(at: number): Array<[string, string]> {
  const name = `svc${two(at)}`;
  return [
    [
      `site/profile/manifests/${name}.pp`,
      `# Service ${at}.
class profile::${name} (
  Stdlib::Port $port = ${7_000 + at},
  String[1] $version = '1.${at}.0',
  Hash[String[1], Variant[Integer, String[1]]] $settings = {},
  Array[String[1]] $peers = [],
) {
  $listen = profile::address($port)
  package { '${name}':
    ensure => $version,
  }
  file { '/etc/${name}':
    ensure => directory,
  }
  file { '/etc/${name}/${name}.conf':
    ensure  => file,
    content => epp('profile/${name}.conf.epp', { 'listen' => $listen, 'settings' => $settings, 'peers' => $peers }),
    require => Package['${name}'],
    notify  => Unit::Service['${name}'],
  }
  file { '/etc/default/${name}':
    ensure  => file,
    content => template('profile/${name}.env.erb'),
    notify  => Unit::Service['${name}'],
  }
  file { '/usr/local/bin/${name}-check':
    ensure => file,
    mode   => '0755',
    source => 'puppet:///modules/profile/${name}-check.sh',
  }
  unit::service { '${name}':
    command     => '/usr/bin/${name} --config /etc/${name}/${name}.conf',
    user        => '${name}',
    environment => { 'LISTEN' => $listen, 'DATACENTRE' => $facts['datacentre'] },
  }
  logrotate::rule { '${name}':
    paths      => ['/var/log/${name}/out.log', '/var/log/${name}/error.log'],
    postrotate => 'systemctl reload ${name}',
  }
  ['alive', 'latency'].each |$what| {
    monitor::check { "${name}_\${what}":
      command    => "/usr/local/bin/${name}-check \${what} \${listen}",
      thresholds => { 'warn' => 50, 'critical' => 100 },
    }
  }
  firewall::rule { '${name}':
    port => $port,
  }
}
`,
    ],
    [
      `site/profile/templates/${name}.conf.epp`,
      `<%- | String $listen, Hash $settings, Array $peers | -%>
# ${name}
listen = <%= $listen %>
<% $settings.each |$key, $value| { -%>
<%= $key %> = <%= $value %>
<% } -%>
peers = <%= $peers.join(',') %>
`,
    ],
    [
      `site/profile/templates/${name}.env.erb`,
      `VERSION=<%= @version %>\nTHREADS=<%= @settings.fetch('threads', 2) %>\nHOST=<%= @facts['networking']['fqdn'] %>\n`,
    ],
    [`site/profile/files/${name}-check.sh`, `#!/bin/sh\nexec /usr/lib/monitor/${name} "$@"\n`],
  ];
}

function platformData(): Record<string, unknown> {
  const services_ = record(platformServices, (at) => [
    `app-${String(at).padStart(3, "0")}`,
    {
      port: 20_000 + at,
      image: `registry.example.net/team${at % 9}/app:${at}`,
      memory_mib: 64 + (at % 16) * 32,
      tags: ["managed", `team${at % 9}`, `tier${at % 4}`],
      settings: record(12, (n) => [`SETTING_${n}`, `value ${at} ${n} of %{facts.networking.hostname}`]),
      volumes: { data: { path: `/srv/app-${at}/data` } },
    },
  ]);
  return { "platform::services": services_ };
}
