import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type SampleNode, sampleNodes } from "../../src/demo/control-repo/fleet.ts";
import { makeControlRepo } from "../../src/demo/control-repo/make.ts";
import { Problem } from "../../src/problem.ts";
import { reportSchema } from "../../src/gate/report.ts";
import { run } from "../../src/process/run.ts";
import { type CompileRun, compileLoop, prepareLoop } from "./puppet-loop.ts";
import { benchSweep } from "./sweep.ts";
import { benchWebhooks } from "./webhooks.ts";
import { type Machine, median, renderMachine, renderTable, type Row } from "./table.ts";

/**
 * `npm run bench`: how long `puppet-gate check` takes, against a loop of `puppet catalog compile` over the same nodes and both sides,
 * in one run on one machine. Both are started as a person starts them, so both pay for their start.
 */
const usage =
  "Usage: npm run bench -- [--nodes N: nodes of the loop, default 6] [--runs N: runs of check, default 3] [--jobs N: loops side by side, default 1] [--markdown], or with --webhooks alone: how soon serve answers and acts, on a PostgreSQL of its own; or with --sweep alone: a sweep over 500 open changes";

/** The change that is judged: one line of a template, 24 nodes change, three services restart. */
const story = "template-restart";
/** On base already it does not compile, so the loop could not time it. */
const unsound = "storage3.ash.tonearm.example";

const root = join(import.meta.dirname, "..", "..");
const say = (text: string): boolean => process.stderr.write(`${text}\n`);

interface Settings {
  nodes: number;
  runs: number;
  jobs: number;
  markdown: boolean;
  webhooks: boolean;
  sweep: boolean;
}

function settings(): Settings {
  const { values } = parseArgs({
    options: {
      nodes: { type: "string", default: "6" },
      runs: { type: "string", default: "3" },
      jobs: { type: "string", default: "1" },
      markdown: { type: "boolean", default: false },
      webhooks: { type: "boolean", default: false },
      sweep: { type: "boolean", default: false },
    },
  });
  const most = sampleNodes().length - 1;
  return {
    nodes: wholeNumber("--nodes", values.nodes, most),
    runs: wholeNumber("--runs", values.runs, 100),
    jobs: wholeNumber("--jobs", values.jobs, 64),
    markdown: values.markdown,
    webhooks: values.webhooks,
    sweep: values.sweep,
  };
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Problem({
    code: "usage",
    text: `${option} takes a whole number from 1 to ${most}, not ${JSON.stringify(text)}.`,
    hint: usage,
  });
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

async function machine(): Promise<Machine> {
  return {
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    processor: cpus()[0]?.model.trim() ?? "unknown",
    versions: {
      Puppet: await version("puppet", ["--version"]),
      Ruby: await version("ruby", ["-e", "print RUBY_VERSION"]),
      Node: process.versions.node,
    },
  };
}

async function version(file: string, args: string[]): Promise<string> {
  const { ok, stdout } = await run({
    file,
    args,
    cwd: root,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
    seconds: 60,
    outputBytes: 1 << 16,
  });
  if (!ok) throw new Error(`${file} does not say its version; is it installed?`);
  return stdout.toString().trim();
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

async function bench({ nodes, runs, jobs, markdown }: Settings): Promise<string> {
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
    const loopOf = (count: number): number => (loop / nodes) * count;
    const what = jobs === 1 ? "loop of puppet catalog compile" : `${jobs} loops of puppet catalog compile`;
    const rows: Row[] = [
      { what, nodes, runs: [loop], milliseconds: loop, note: "" },
      { what: "puppet-gate check", nodes, runs: few, milliseconds: median(few), note: "" },
      { what, nodes: made.nodes, runs: [], milliseconds: loopOf(made.nodes), note: `${nodes} nodes' time, times ${made.nodes}/${nodes}` },
      { what: "puppet-gate check", nodes: made.nodes, runs: all, milliseconds: median(all), note: "" },
    ];
    const resources = Math.round(median(compiles.map((each) => each.resources)));
    const one = (median(compiles.map((each) => each.milliseconds)) / 1000).toFixed(1);
    const about =
      `The change is the sample's \`${story}\`; a catalog has about ${resources} resources, and one puppet catalog compile takes ${one} s (median of ${compiles.length}). ` +
      "check is started anew for each run and remembers nothing; it also merges, lints, parses, compares and judges, where the loop only compiles.";
    return [renderTable(rows, loopOf, markdown), "", renderMachine(await machine()), "", about, ""].join("\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function webhooks(): Promise<string> {
  const { perSecond, sent, acknowledged, loop, lost, reviewToCheckRun } = await benchWebhooks();
  const ms = (milliseconds: number): string => `${Math.round(milliseconds)} ms`;
  return [
    `${sent} webhooks at ${perSecond} a second: acknowledged in ${ms(acknowledged.p50)} (median), ${ms(acknowledged.p99)} (99th percentile), ${lost} lost`,
    `event loop of serve: late by ${loop.p50.toFixed(1)} ms (median), ${ms(loop.p99)} (99th percentile), ${ms(loop.most)} at most`,
    `review to check run, ${reviewToCheckRun.runs} runs: ${ms(reviewToCheckRun.p50)} (median), ${ms(reviewToCheckRun.p95)} (95th percentile)`,
    "",
    renderMachine(await machine()),
    "",
  ].join("\n");
}

async function sweeps(): Promise<string> {
  const { changes, quiet, quietRequests, moved, movedRequests, woken, one, oneRequests, sampled } = await benchSweep(500, 5);
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
  const usual = median(quiet);
  return [
    `a sweep over ${changes} open changes of which none moved: ${seconds(usual)} (median of ${quiet.length}), ${quietRequests} requests`,
    `the same when ${woken} had moved without a webhook: ${seconds(moved)}, ${movedRequests} requests, ${woken} found`,
    `reading each of them by itself instead: ${seconds(one)}, ${oneRequests} requests (computed from ${sampled}): the sweep is ${Math.round(one / usual)} times as fast`,
    "Latencies of the network are not in it: the stand-in answers in the same process.",
    "",
    renderMachine(await machine()),
    "",
  ].join("\n");
}

async function timed(what: string, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  const milliseconds = performance.now() - start;
  say(`${what}: ${(milliseconds / 1000).toFixed(1)} s`);
  return milliseconds;
}

try {
  const given = settings();
  process.stdout.write(given.webhooks ? await webhooks() : given.sweep ? await sweeps() : await bench(given));
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  say(`bench: ${error.text}\n  ${error.hint}`);
  process.exitCode = 1;
}
