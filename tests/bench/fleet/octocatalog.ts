import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type FleetNode } from "./files-of.ts";
import { factsOf, type Head, type World } from "./world.ts";

/** octocatalog-diff as Debian has it, on pairs of catalogs of the same trees and facts. */
export interface Pairs {
  /** From the first's start to the last's end. */
  milliseconds: number;
  pairs: number;
  /** Resources of the sampled nodes' catalogs, in the median as whoever calls sees fit. */
  resources: number[];
}

const program = "/usr/bin/octocatalog-diff";

/** `jobs` run side by side; each compiles its own two catalogs side by side too, as it does unless told otherwise. */
export async function comparePairs(world: World, head: Head, nodes: readonly FleetNode[], jobs: number): Promise<Pairs> {
  const folder = join(world.folder, "octocatalog");
  await mkdir(folder);
  const git = (...args: string[]): Promise<unknown> => execute("git", args, { cwd: world.repo, env: world.env });
  for (const [side, branch] of [
    ["from", "production"],
    ["to", head],
  ] as const)
    await git("worktree", "add", "--quiet", "--detach", join(folder, side), branch);
  const resources: number[] = [];
  const work = nodes.values();
  const job = async (): Promise<void> => {
    for (const node of work) resources.push(await compareOne(folder, world, node));
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: jobs }, job));
  const milliseconds = performance.now() - start;
  for (const side of ["from", "to"]) await git("worktree", "remove", "--force", join(folder, side));
  await rm(folder, { recursive: true, force: true });
  return { milliseconds, pairs: nodes.length, resources };
}

/** Gives how many resources the catalog has. A pair of which it did not tell a difference is no measurement. */
async function compareOne(folder: string, { env }: World, node: FleetNode): Promise<number> {
  const facts = join(folder, `${node.certname}.yaml`);
  const saved = join(folder, `${node.certname}.catalog.json`);
  await writeFile(facts, `--- !ruby/object:Puppet::Node::Facts\n${JSON.stringify(factsOf(node))}\n`);
  const folders = [`--bootstrapped-from-dir=${join(folder, "from")}`, `--bootstrapped-to-dir=${join(folder, "to")}`, "--fact-file", facts];
  const how = ["--puppet-binary", "/usr/bin/puppet", "--output-format", "json", "--no-hiera-config", "--to-save-catalog", saved];
  const ran = await execute(program, ["-n", node.certname, ...folders, ...how], { cwd: folder, env, maxBuffer: 256 << 20 }).then(
    () => ({ code: 0, stdout: "", stderr: "" }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  const { diff } = (ran.code === 2 ? JSON.parse(ran.stdout) : { diff: [] }) as { diff: unknown[] };
  if (diff.length === 0) throw new Error(`octocatalog-diff ended with ${ran.code} on ${node.certname}: ${ran.stderr.slice(-2_000)}`);
  const catalog = JSON.parse(await readFile(saved, "utf8")) as { resources?: unknown[]; data?: { resources: unknown[] } };
  return (catalog.resources ?? catalog.data?.resources ?? []).length;
}

const execute = promisify(execFile);
