import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The fleet's agents, as far as a folder of stored reports tells of them: each run is a file in the form that Puppet's `store` writes. */

export interface Agent {
  certname: string;
  environment: string;
}

/** What a run does to a machine, by the code that it gets: `Service[nginx]`. */
export type Behaviour = (certname: string, commit: string) => { changed: readonly string[]; failed: readonly string[] };

/** Every agent runs once; `code` is where a compiler has its environments. */
export async function runAgents(
  agents: readonly Agent[],
  { reports, code, at, behaviour }: { reports: string; code: string; at: Date; behaviour: Behaviour },
): Promise<void> {
  const commits = new Map<string, string>();
  for (const { certname, environment } of agents) {
    const commit = commits.get(environment) ?? (await commitOf(join(code, environment)));
    commits.set(environment, commit);
    const folder = join(reports, certname);
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${at.toISOString().replaceAll(/[-:T]/gu, "").slice(0, 12)}.yaml`);
    await writeFile(file, reportOf(certname, environment, commit, behaviour(certname, commit)));
    // The file's own time has the seconds of its arrival.
    await utimes(file, at, at);
  }
}

async function commitOf(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, ".r10k-deploy.json"), "utf8")) as { signature: string }).signature;
}

function reportOf(certname: string, environment: string, commit: string, { changed, failed }: ReturnType<Behaviour>): string {
  const status = failed.length > 0 ? "failed" : changed.length > 0 ? "changed" : "unchanged";
  const resources = [
    ...changed.map((resource) => ({ resource, isFailed: false })),
    ...failed.map((resource) => ({ resource, isFailed: true })),
  ];
  return [
    "--- !ruby/object:Puppet::Transaction::Report",
    `host: ${certname}`,
    `configuration_version: '${commit}'`,
    "report_format: 12",
    "puppet_version: 7.23.0",
    `status: ${status}`,
    "transaction_completed: true",
    "noop: false",
    "noop_pending: false",
    `environment: ${environment}`,
    "logs: []",
    "metrics:",
    "  time:",
    "    name: time",
    "    label: Time",
    "    values:",
    "    - - total",
    "      - Total",
    "      - 20.5",
    ...(resources.length === 0 ? ["resource_statuses: {}"] : ["resource_statuses:", ...resources.flatMap(statusOf)]),
    "corrective_change: false",
    "server_used: puppet1",
    "cached_catalog_status: not_used",
    "",
  ].join("\n");
}

const statusOf = ({ resource, isFailed }: { resource: string; isFailed: boolean }): string[] => [
  `  ${resource}:`,
  `    resource: ${resource}`,
  `    failed: ${isFailed}`,
  "    failed_to_restart: false",
  "    events:",
  "    - property: ensure",
  "      name: ensure",
  `      status: ${isFailed ? "failure" : "success"}`,
];
