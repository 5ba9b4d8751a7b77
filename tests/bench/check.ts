import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SampleNode, sampleNodes } from "../../src/demo/control-repo/fleet.ts";
import { makeControlRepo } from "../../src/demo/control-repo/make.ts";
import { reportSchema } from "../../src/gate/report.ts";
import { run } from "../../src/process/run.ts";
import { type CompileRun, compileLoop, prepareLoop } from "./puppet-loop.ts";
import { median, ofRuns, seconds, type Section } from "./table.ts";

/**
 * How long `puppet-gate check` takes, against a loop of `puppet catalog compile` over the same nodes and both sides, in one run on one
 * machine. Both are started as a person starts them, so both pay for their start.
 */

/** The change that is judged: one line of a template, 24 nodes change, three services restart. */
const story = "template-restart";
/** On base already it does not compile, so the loop could not time it. */
const unsound = "storage3.ash.tonearm.example";

const root = join(import.meta.dirname, "..", "..");

export interface CheckSettings {
  /** Nodes of the loop. */
  nodes: number;
  /** Runs of check. */
  runs: number;
  /** Loops side by side. */
  jobs: number;
}

/** Nodes spread evenly over the fleet in order of their names, and so over its services. */
function spread(count: number): SampleNode[] {
  const all = sampleNodes().filter(({ certname }) => certname !== unsound);
  return Array.from({ length: count }, (_, at) => all[Math.floor((at * all.length) / count)]).filter((node) => node !== undefined);
}

/** One `puppet-gate check` as a person runs it; a check that did not compile every node is no measurement. */
async function checkOnce(repo: string, nodes: readonly SampleNode[] | null): Promise<void> {
  const only = nodes === null ? [] : ["--nodes", nodes.map(({ certname }) => certname).join(",")];
  const result = await run({
    file: process.execPath,
    args: [join(root, "src", "cli.ts"), "check", "--repo", repo, "--base", "production", "--head", story, "--json", ...only],
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: process.env["HOME"] ?? "/", LANG: "C.UTF-8" },
    seconds: 1_800,
    outputBytes: 64 << 20,
  });
  if (result.exitCode !== 2)
    throw new Error(
      `check ended with ${result.exitCode}, not with 2 (something changes): ${result.stderr}${result.stdout.toString().slice(0, 2_000)}`,
    );
  const report = reportSchema.parse(JSON.parse(result.stdout.toString()));
  const compiled = report.nodes.filter(({ outcome }) => outcome === "changed" || outcome === "unchanged").length;
  const expected = nodes?.length ?? sampleNodes().length - 1;
  if (compiled !== expected) throw new Error(`check compiled ${compiled} nodes on both sides, not ${expected}`);
}

/** One folder a side, as Puppet's environment path wants it. The story stands on base's tip, so its tree is the merge result. */
async function checkOut(repo: string, environments: string): Promise<void> {
  await mkdir(environments);
  for (const [side, branch] of [
    ["base", "production"],
    ["head", story],
  ] as const) {
    const args = ["worktree", "add", "--quiet", "--detach", join(environments, side), branch];
    const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: repo, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
    const { ok, stderr } = await run({ file: "git", args, cwd: repo, env, seconds: 60, outputBytes: 1 << 20 });
    if (!ok) throw new Error(`git ${args.join(" ")} failed: ${stderr}`);
  }
}

export async function benchCheck({ nodes, runs, jobs }: CheckSettings): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-"));
  try {
    const repo = join(folder, "repo");
    const environments = join(folder, "environments");
    await mkdir(repo);
    const made = await makeControlRepo(repo);
    await checkOut(repo, environments);
    await prepareLoop(folder);
    const sample = spread(nodes);
    const few: number[] = [];
    const all: number[] = [];
    const compiles: CompileRun[] = [];
    let loop = 0;
    // In turns, so that a machine that gets busier meanwhile slows all of them down alike.
    for (let round = 0; round < runs; round += 1) {
      few.push(await timed(`check, ${nodes} nodes`, async () => checkOnce(repo, sample)));
      all.push(await timed(`check, ${made.nodes} nodes`, async () => checkOnce(repo, null)));
      const share = sample.filter((_, at) => at % runs === round);
      if (share.length > 0)
        loop += await timed(`loop, ${share.length} nodes`, async () =>
          compileLoop(folder, environments, share, jobs, (done) => compiles.push(done)),
        );
    }
    const what = jobs === 1 ? "loop of `puppet catalog compile`" : `${jobs} loops of \`puppet catalog compile\``;
    const instead = (count: number, times: readonly number[]): string => {
      const computed = (loop / nodes) * count;
      const factor = `${(computed / median(times)).toFixed(1)} times as long`;
      return `${what}: ${seconds(computed)}, ${factor}${count === nodes ? "" : ` (${nodes} nodes' time, times ${count}/${nodes})`}`;
    };
    const row = (count: number, times: readonly number[]): Section["rows"][number] => ({
      what: `\`puppet-gate check\`, ${count} nodes, both sides`,
      measured: `${ofRuns(times)}, ${Math.round(median(times) / count)} ms a node`,
      promised: "",
      instead: instead(count, times),
    });
    const resources = Math.round(median(compiles.map((each) => each.resources)));
    const one = seconds(median(compiles.map((each) => each.milliseconds)));
    return {
      rows: [row(nodes, few), row(made.nodes, all)],
      about:
        `The change that is checked is the sample's \`${story}\`; a catalog has about ${resources} resources, and one puppet catalog compile takes ${one} (median of ${compiles.length}). ` +
        "check is started anew for each run and remembers nothing; it also merges, lints, parses, compares and judges, where the loop only compiles.",
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(what: string, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  const milliseconds = performance.now() - start;
  process.stderr.write(`${what}: ${seconds(milliseconds)}\n`);
  return milliseconds;
}
