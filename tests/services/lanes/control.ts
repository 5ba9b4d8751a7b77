import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Agent } from "./agents.ts";

/** A fleet of 21 nodes in three lanes. The first lane has no database. */
const lanes: ReadonlyArray<readonly [lane: string, roles: Readonly<Record<string, number>>]> = [
  ["canary", { web: 3, mail: 1 }],
  ["lon", { web: 3, db: 3 }],
  ["rest", { web: 5, mail: 3, db: 3 }],
];

export const agents: readonly Agent[] = lanes.flatMap(([lane, roles]) =>
  Object.entries(roles).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, index) => ({ lane, role, certname: `${lane}-${role}${index + 1}.example.com` })),
  ),
);

export const environmentOf = (lane: string): string => (lane === "rest" ? "production" : `production_${lane}`);

const policy = `version: 1
lanes:
  - { name: canary, members: { certnames: ["canary-*"] }, bake_minutes: 10, runs_per_node: 2 }
  - { name: lon, members: { certnames: ["lon-*"] }, bake_minutes: 10, runs_per_node: 2 }
  - { name: rest, bake_minutes: 10, runs_per_node: 1 }
rollout: { run_minutes: 4, newly_silent: { count: 0, percent: 0 } }
`;

const data = (number: number): string =>
  ["---", ...["motd", "web", "db", "mail"].map((key) => `${key}: '${key} ${number}'`), ""].join("\n");

export function git(cwd: string, ...args: string[]): string {
  const settings = ["user.name=Ann", "user.email=ann@example.com", "init.defaultBranch=main", "core.hooksPath=/dev/null"];
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const asked = [...settings.flatMap((each) => ["-c", each]), ...args];
  return execFileSync("git", asked, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

const facts = (certname: string): string => {
  const hostname = certname.split(".")[0];
  const trusted = { authenticated: "remote", certname, hostname, domain: "example.com", extensions: {} };
  return JSON.stringify({ certname, facts: { os: { family: "Debian", name: "Debian", release: { major: "12", full: "12.1" } } }, trusted });
};

/** The commits that all repositories of a story share, so that what compiles is compiled once. */
export interface Commits {
  folder: string;
  begin: string;
  /** Changes every node: a class for each role. */
  change: string;
  /** Changes no node. */
  docs: string;
}

export function makeControl(folder: string): Commits {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "-q");
  const commit = (files: Record<string, string>, message: string): string => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    git(folder, "add", "-A");
    git(folder, "commit", "-q", "-m", message);
    return git(folder, "rev-parse", "HEAD");
  };
  const begin = commit(
    {
      ".github/puppet-gate.yml": policy,
      "environment.conf": "modulepath = site:$basemodulepath\n",
      "hiera.yaml":
        "---\nversion: 5\nhierarchy:\n  - name: common\n    path: common.yaml\ndefaults:\n  datadir: data\n  data_hash: yaml_data\n",
      "manifests/site.pp": `$role = regsubst($trusted['certname'], '^[a-z]+-([a-z]+)[0-9]+[.].*$', '\\1')
file { '/etc/motd': content => lookup('motd') }
file { "/etc/\${role}.conf": content => lookup($role), notify => Service[$role] }
service { $role: ensure => running }
`,
      "data/common.yaml": data(1),
      ...Object.fromEntries(agents.map(({ certname }) => [`facts/${certname}.json`, facts(certname)])),
    },
    "begin",
  );
  const change = commit({ "data/common.yaml": data(2) }, "change");
  git(folder, "checkout", "-q", "--detach", begin);
  const docs = commit({ "README.md": "How it is done.\n" }, "docs");
  git(folder, "branch", "docs");
  git(folder, "checkout", "-q", "main");
  return { folder, begin, change, docs };
}
