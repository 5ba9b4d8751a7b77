import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type PlannedCommit, textFile, toFastImport } from "../../../src/demo/control-repo/history.ts";
import { assumedFacts } from "../../../src/fleet/assumed.ts";
import { type Files, filesOf, type FleetNode, type Kind, nodesOf } from "./files-of.ts";

/** The changes that are measured, each a branch with one commit on base. */
export const heads = ["all", "one", "rack", "readme", "unread"] as const;
export type Head = (typeof heads)[number];

/** A control repo with its nodes' facts on disk, the same in every run but for what versions Debian's modules have. */
export interface World {
  folder: string;
  repo: string;
  facts: string;
  nodes: readonly FleetNode[];
  /** Nodes whose catalogs a head changes. */
  changedBy: (head: Head) => readonly FleetNode[];
  env: Record<string, string>;
}

const author = { name: "Bench", email: "bench@bench.example.net" };

export async function makeWorld(folder: string, kind: Kind, count: number): Promise<World> {
  const repo = join(folder, "repo");
  const facts = join(folder, "facts");
  for (const path of [repo, facts, join(folder, "home")]) await mkdir(path, { recursive: true });
  const nodes = nodesOf(kind, count);
  const files = filesOf(kind, nodes);
  const commit = (branch: string, parent: string | null, changed: Files): PlannedCommit => ({
    branch,
    id: branch,
    parent,
    author,
    message: branch,
    files: changed,
  });
  const [first] = nodes;
  if (first === undefined) throw new Error("a fleet has at least one node");
  const edited = (path: string, from: string, to: string): Files => {
    const text = files.get(path)?.content.toString() ?? "";
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    return new Map([[path, textFile(text.replace(from, to))]]);
  };
  const edits: Record<Head, Files> = {
    all: edited("data/common.yaml", "Managed by Puppet.", "Managed by Puppet, and by nobody else."),
    one: edited(`data/nodes/${first.certname}.yaml`, "tries: 4", "tries: 5"),
    rack: edited(`data/racks/${first.rack}.yaml`, `${first.rack}.example.net`, `new-${first.rack}.example.net`),
    readme: edited("README.md", "fleet", "large fleet"),
    unread: edited("site/profile/manifests/unused.pp", "ensure => file", "ensure => absent"),
  };
  const commits = [commit("production", null, files), ...heads.map((head) => commit(head, "production", edits[head]))];
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: join(folder, "home"),
    LANG: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
  await run("git", ["init", "--quiet", "--template=", "--initial-branch=production"], { cwd: repo, env });
  await new Promise<void>((resolve, reject) => {
    const child = execFile("git", ["fast-import", "--quiet", "--done"], { cwd: repo, env }, (error) => (error ? reject(error) : resolve()));
    child.stdin?.end(toFastImport(commits));
  });
  await run("git", ["reset", "--quiet", "--hard", "production"], { cwd: repo, env });
  for (const node of nodes) await writeFile(join(facts, `${node.certname}.json`), JSON.stringify(factsOf(node)));
  const changedBy = (head: Head): readonly FleetNode[] => {
    if (head === "all") return nodes;
    if (head === "rack") return nodes.filter(({ rack }) => rack === first.rack);
    return head === "one" ? [first] : [];
  };
  return { folder, repo, facts, nodes, changedBy, env };
}

/** As Puppet's own cache of facts has them. */
export function factsOf({ certname, role, rack, datacentre }: FleetNode): { name: string; values: Record<string, unknown> } {
  return { name: certname, values: { ...assumedFacts(certname).values, role, rack, datacentre } };
}

const run = promisify(execFile);
