import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The fleet's agents, as far as a folder of stored reports tells of them: each run is a file in the form that Puppet's `store` writes. */

export interface Agent {
  certname: string;
  environment: string;
}

/** What a run does to a machine, by the code that it gets: `Service[nginx]`. */
export type Behaviour = (certname: string, commit: string) => { changed: readonly string[]; failed: readonly string[] };

/** Which file of the tree declares a resource, and how that line begins. */
export type Declaration = (resource: string) => { path: string; begins: string } | null;

export interface Runs {
  reports: string;
  /** Where a compiler has its environments. */
  code: string;
  at: Date;
  behaviour: Behaviour;
  declaration: Declaration;
}

/** A resource, and where it is declared by the code that the agent got its catalog of. */
interface Status {
  resource: string;
  isFailed: boolean;
  place: { file: string; line: number } | null;
}

/** Every agent runs once. */
export async function runAgents(agents: readonly Agent[], { reports, code, at, behaviour, declaration }: Runs): Promise<void> {
  const commits = new Map<string, string>();
  const places = placesIn(code, declaration);
  for (const { certname, environment } of agents) {
    const commit = commits.get(environment) ?? (await commitOf(join(code, environment)));
    commits.set(environment, commit);
    const folder = join(reports, certname);
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${at.toISOString().replaceAll(/[-:T]/gu, "").slice(0, 12)}.yaml`);
    const { changed, failed } = behaviour(certname, commit);
    const statuses: Status[] = [];
    for (const resource of [...changed, ...failed])
      statuses.push({ resource, isFailed: failed.includes(resource), place: await places(environment, resource) });
    await writeFile(file, reportOf(certname, environment, commit, statuses));
    // The file's own time has the seconds of its arrival.
    await utimes(file, at, at);
  }
}

/** What a compiler puts into a catalog: its own path of the file, and the line in the code that it serves at this moment. */
function placesIn(code: string, declaration: Declaration): (environment: string, resource: string) => Promise<Status["place"]> {
  const files = new Map<string, string[]>();
  return async (environment, resource) => {
    const declared = declaration(resource);
    if (declared === null) return null;
    const { path, begins } = declared;
    const file = join(code, environment, path);
    const lines = files.get(file) ?? (await readFile(file, "utf8")).split("\n");
    files.set(file, lines);
    const line = lines.findIndex((text) => text.trimStart().startsWith(begins)) + 1;
    if (line === 0) throw new Error(`no line of ${path} in ${environment} begins with ${begins}`);
    return { file: `/etc/puppetlabs/code/environments/${environment}/${path}`, line };
  };
}

async function commitOf(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, ".r10k-deploy.json"), "utf8")) as { signature: string }).signature;
}

function reportOf(certname: string, environment: string, commit: string, statuses: readonly Status[]): string {
  const status = statuses.some(({ isFailed }) => isFailed) ? "failed" : statuses.length > 0 ? "changed" : "unchanged";
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
    ...(statuses.length === 0 ? ["resource_statuses: {}"] : ["resource_statuses:", ...statuses.flatMap(statusOf)]),
    "corrective_change: false",
    "server_used: puppet1",
    "cached_catalog_status: not_used",
    "",
  ].join("\n");
}

const statusOf = ({ resource, isFailed, place }: Status): string[] => [
  `  ${resource}:`,
  `    resource: ${resource}`,
  ...(place === null ? [] : [`    file: "${place.file}"`, `    line: ${place.line}`]),
  `    failed: ${isFailed}`,
  "    failed_to_restart: false",
  "    events:",
  "    - property: ensure",
  "      name: ensure",
  `      status: ${isFailed ? "failure" : "success"}`,
];
