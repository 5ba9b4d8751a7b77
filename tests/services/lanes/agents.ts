import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RealPuppetDb } from "../puppetdb.ts";

/** Agents and the compilers that serve them: what a node gets is what lies in its compiler's folder, whatever the gate thinks is there. */
export interface Agent {
  certname: string;
  lane: string;
  role: string;
}

/** What a node does with a commit, if it is something special. */
export type Behaviour = (agent: Agent, commit: string) => Special | null;
export type Special =
  /** Sends nothing. */
  | { kind: "silent" }
  /** Its catalog does not compile, and it applies the one of before. */
  | { kind: "cached" }
  /** A resource fails at every run. */
  | { kind: "fails"; resource: string };

type Wire = Record<string, unknown>;

/** As the report processor of puppet-terminus-puppetdb 7.12.1 sends it. */
const quiet = readFileSync(join(import.meta.dirname, "..", "..", "fleet", "reports", "wire.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as { name: string; report: Wire })
  .find(({ name }) => name === "a run with nothing to do")?.report;

export interface Served {
  commit: string;
  /** Resources by what they hold. */
  resources: ReadonlyMap<string, string>;
}

/** What a compiler's folder has for a node. */
export function servedFrom(folder: string, { role }: Agent): Served {
  const { signature } = JSON.parse(readFileSync(join(folder, ".r10k-deploy.json"), "utf8")) as { signature: string };
  const data = new Map(
    readFileSync(join(folder, "data", "common.yaml"), "utf8")
      .split("\n")
      .flatMap((line) => {
        const [, key, value] = /^(\w+): '(.*)'$/u.exec(line) ?? [];
        return key === undefined || value === undefined ? [] : [[key, value] as const];
      }),
  );
  const resources = new Map([
    ["File[/etc/motd]", data.get("motd") ?? ""],
    [`File[/etc/${role}.conf]`, data.get(role) ?? ""],
  ]);
  return { commit: signature, resources };
}

/** The machines of one repository, and what they have. */
export class Machines {
  readonly #has = new Map<string, Map<string, string>>();
  readonly #ran = new Map<string, string>();

  /** One run: what PuppetDB is sent of it; null where nothing comes. */
  run(agent: Agent, served: Served, special: Special | null, by: { producer: string; environment: string }): Wire | null {
    if (special?.kind === "silent") return null;
    const { certname, role } = agent;
    const before = this.#ran.get(certname) ?? served.commit;
    if (special?.kind === "cached") return wire({ certname, commit: before, changed: [], failed: [], cached: "on_failure", ...by });
    const has = this.#has.get(certname) ?? new Map(served.resources);
    const changed = [...served.resources].filter(([resource, value]) => has.get(resource) !== value).map(([resource]) => resource);
    this.#has.set(certname, new Map(served.resources));
    this.#ran.set(certname, served.commit);
    const failed = special === null ? [] : [special.resource];
    const restarted = changed.includes(`File[/etc/${role}.conf]`) && failed.length === 0 ? [`Service[${role}]`] : [];
    return wire({ certname, commit: served.commit, changed: [...changed, ...restarted], failed, cached: "not_used", ...by });
  }
}

interface Ran {
  certname: string;
  commit: string;
  environment: string;
  producer: string;
  changed: readonly string[];
  failed: readonly string[];
  cached: "not_used" | "on_failure";
}

function wire({ certname, commit, environment, producer, changed, failed, cached }: Ran): Wire {
  const end = new Date();
  const timestamp = end.toISOString();
  const event = (resource: string, status: "success" | "failure"): Wire => {
    const [, resource_type, resource_title] = /^([^[]+)\[(.*)\]$/u.exec(resource) ?? [];
    const what = resource_type === "Service" ? { name: "restarted", property: null } : { name: "content_changed", property: "content" };
    const told = { status, timestamp, ...what, new_value: "", old_value: "", corrective_change: false, message: "" };
    const where = { file: null, line: null, containment_path: ["Stage[main]", "Main", resource], corrective_change: false };
    return { skipped: false, timestamp, resource_type, resource_title, ...where, events: [told] };
  };
  return {
    ...quiet,
    certname,
    environment,
    producer,
    configuration_version: commit,
    transaction_uuid: randomUUID(),
    catalog_uuid: randomUUID(),
    status: failed.length > 0 ? "failed" : changed.length > 0 ? "changed" : "unchanged",
    cached_catalog_status: cached,
    producer_timestamp: timestamp,
    // By the agent's own clock: only the difference counts.
    start_time: new Date(end.getTime() - 20_000).toISOString(),
    end_time: timestamp,
    resources: [...changed.map((each) => event(each, "success")), ...failed.map((each) => event(each, "failure"))],
  };
}

/** A catalog as a compiler's terminus sends it, and the facts that came with it. */
export function compiledFor(
  agent: Agent,
  served: Served,
  by: { producer: string; environment: string },
  more: readonly string[],
): [Wire, Wire] {
  const common = { ...by, producer_timestamp: new Date().toISOString() };
  const resource = (ref: string, parameters: Wire): Wire => {
    const [, type, title] = /^([^[]+)\[(.*)\]$/u.exec(ref) ?? [];
    return { type, title, exported: false, file: "/site.pp", line: 1, tags: ["class"], parameters };
  };
  const refs: Array<readonly [string, Wire]> = [...served.resources].map(([ref, content]) => [ref, { content }]);
  refs.push([`Service[${agent.role}]`, { ensure: "running" }], ...more.map((ref) => [ref, { command: "/bin/true" }] as const));
  const uuids = { transaction_uuid: randomUUID(), catalog_uuid: randomUUID(), code_id: null, job_id: null };
  const catalog = { ...common, ...uuids, version: served.commit, edges: [], resources: refs.map(([ref, given]) => resource(ref, given)) };
  return [catalog, { ...common, values: { kernel: "Linux", system_uptime: { seconds: Math.floor(performance.now()) } } }];
}

/** Hands reports in, eight at a time. */
export async function send(puppetDb: RealPuppetDb, reports: readonly Wire[]): Promise<void> {
  const left = [...reports];
  const one = async (): Promise<void> => {
    for (let report = left.shift(); report !== undefined; report = left.shift())
      await puppetDb.submit("store_report", 8, report as Wire & { certname: string });
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

/** How many reports it has stored. */
export async function storedIn(puppetDb: RealPuppetDb): Promise<number> {
  const answer = await fetch(`${puppetDb.url}/pdb/query/v4/reports`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: ["extract", [["function", "count"]]] }),
  });
  return ((await answer.json()) as Array<{ count: number }>)[0]?.count ?? 0;
}
