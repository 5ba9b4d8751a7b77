import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inventoryOf, type SampleNode } from "../../src/demo/control-repo/fleet.ts";
import { run } from "../../src/process/run.ts";

/** One run of `puppet catalog compile`. */
export interface CompileRun {
  certname: string;
  side: Side;
  milliseconds: number;
  resources: number;
}

const sides = ["base", "head"] as const;
type Side = (typeof sides)[number];

/**
 * Puppet's command knows trusted extensions only from certificates, and the sample classifies by them. This preload hands them over;
 * it loads nothing that the command does not load itself, so it costs the loop no time.
 */
const preload = `require 'puppet'
require 'puppet/context/trusted_information'
extensions = JSON.parse(ENV.fetch('BENCH_EXTENSIONS'))
Puppet::Context::TrustedInformation.define_singleton_method(:local) do |node|
  new('remote', node.parameters['clientcert'], extensions, proc { {} })
end
`;

/** What the loop needs on disk, once for all of its runs. */
export async function prepareLoop(folder: string): Promise<void> {
  await mkdir(factsFolder(folder), { recursive: true });
  await mkdir(join(folder, "conf"), { recursive: true });
  await writeFile(join(folder, "extensions.rb"), preload);
}

const factsFolder = (folder: string): string => join(folder, "var", "yaml", "facts");

/**
 * The loop that people write when they want to know what a change does: Puppet's own command, for every node, on both sides.
 * `environments` holds one environment folder a side, called `base` and `head`. `jobs` commands run side by side; a shell's loop has one.
 */
export async function compileLoop(
  folder: string,
  environments: string,
  nodes: readonly SampleNode[],
  jobs: number,
  onRun: (done: CompileRun) => void,
): Promise<void> {
  for (const node of nodes) {
    const { facts: values } = inventoryOf(node);
    // JSON is YAML; the tag is what Puppet's own fact cache begins with.
    const cached = { name: node.certname, values, timestamp: "2026-03-12 06:00:00 +0000" };
    const file = join(factsFolder(folder), `${node.certname}.yaml`);
    await writeFile(file, `--- !ruby/object:Puppet::Node::Facts\n${JSON.stringify(cached)}\n`);
  }
  const work = nodes.flatMap((node) => sides.map((side) => ({ node, side }))).values();
  // They share one iterator, so each takes what nobody has taken yet.
  const worker = async (): Promise<void> => {
    for (const { node, side } of work) onRun(await compileOnce(folder, environments, node, side));
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

async function compileOnce(folder: string, environments: string, node: SampleNode, side: Side): Promise<CompileRun> {
  const { certname, role, datacentre } = node;
  const settings = {
    "--environmentpath": environments,
    "--environment": side,
    "--node_terminus": "plain",
    "--facts_terminus": "yaml",
    "--confdir": join(folder, "conf"),
    "--vardir": join(folder, "var"),
    "--codedir": folder,
    "--render-as": "json",
    "--log_level": "warning",
  };
  const result = await run({
    file: "puppet",
    args: ["catalog", "compile", certname, ...Object.entries(settings).flat()],
    cwd: folder,
    env: {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: folder,
      LANG: "C.UTF-8",
      RUBYOPT: `-r${join(folder, "extensions.rb")}`,
      BENCH_EXTENSIONS: JSON.stringify({ pp_role: role, pp_datacenter: datacentre }),
    },
    seconds: 300,
    outputBytes: 64 << 20,
  });
  if (!result.ok) throw new Error(`puppet catalog compile ${certname} failed: ${result.spawnError?.message ?? result.stderr}`);
  return { certname, side, milliseconds: result.milliseconds, resources: countResources(result.stdout.toString(), certname) };
}

/** A loop that compiled nothing would be fast: the catalog has to be one. */
function countResources(output: string, certname: string): number {
  const catalog: unknown = JSON.parse(output.slice(output.indexOf("{")));
  const resources = typeof catalog === "object" && catalog !== null && "resources" in catalog ? catalog.resources : null;
  if (!Array.isArray(resources) || resources.length < 20) throw new Error(`puppet catalog compile ${certname} gave no catalog`);
  return resources.length;
}
