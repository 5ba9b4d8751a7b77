import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { sectionOfPlan } from "../plan.ts";
import { median, ofRuns, type Row, seconds, type Section } from "../table.ts";
import { checkCold, type ColdCheck } from "./cold.ts";
import type { FleetNode, Kind } from "./files-of.ts";
import { comparePairs } from "./octocatalog.ts";
import { openServer, type WarmServer } from "./server.ts";
import { type Head, makeWorld, type World } from "./world.ts";

/** A whole fleet, cold and warm, with and without what is kept of base, against octocatalog-diff and against what the compiles alone must take. */
export interface FleetSettings {
  /** Which of the numbered rows; 1 to 8. */
  rows: readonly number[];
  /** Nodes of rows 1 and 2, of row 3, and of rows 4, 5, 6 and 8. */
  sizes: { usual: number; large: number; many: number };
  /** Pairs of catalogs for octocatalog-diff, usual and large. */
  pairs: { usual: number; large: number };
  /** Runs of what takes seconds. */
  runs: number;
}

/** Nodes of a change to all that the limit is measured on; the others are taken to cost what these cost after the first. */
const limitNodes = 100;
const cores = availableParallelism();

export async function sectionOfFleet(settings: FleetSettings): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-"));
  const told = { rows: [] as Row[], about: [] as string[] };
  const has = (...numbers: number[]): boolean => numbers.some((number) => settings.rows.includes(number));
  const world = async (name: string, kind: Kind, nodes: number): Promise<World> =>
    timed(`making ${name}: ${nodes} nodes`, () => makeWorld(join(folder, name), kind, nodes));
  try {
    if (has(1, 2)) await usualRows(await world("usual", "usual", settings.sizes.usual), settings, told);
    if (has(3)) await largeRow(await world("large", "large", settings.sizes.large), settings, told);
    if (has(4, 5, 6, 8)) await manyRows(await world("many", "usual", settings.sizes.many), settings, told);
    if (has(7)) {
      const plan = await timed("plan", sectionOfPlan);
      told.rows.push(...plan.rows);
      told.about.push(plan.about);
    }
    return { rows: told.rows, about: told.about.join("\n") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Told {
  rows: Row[];
  about: string[];
}

async function usualRows(world: World, { rows, pairs, runs }: FleetSettings, told: Told): Promise<void> {
  const against = await octocatalog(world, pairs.usual);
  const nothing = await timed("all changed, nothing cached", () => checkCold(world, "all", "cache"));
  const count = world.nodes.length;
  if (rows.includes(1))
    told.rows.push(timesRow(`${count} usual nodes, all changed, nothing cached`, [nothing], against, "15 times, aim 20"));
  if (rows.includes(2)) {
    const cached = await repeated(Math.min(runs, 2), "all changed, base cached", () => checkCold(world, "all", "cache"));
    told.rows.push(timesRow(`${count} usual nodes, all changed, base cached`, cached, against, "30 times, aim 40"));
    told.about.push(phases("all changed, base cached", cached));
  }
  told.about.push(phases("all changed, nothing cached", [nothing]), against.about);
}

async function largeRow(world: World, { pairs, runs }: FleetSettings, told: Told): Promise<void> {
  const against = await octocatalog(world, pairs.large);
  await timed("large, base compiled", () => checkCold(world, "all", "cache"));
  const cached = await repeated(Math.min(runs, 2), "large, all changed, base cached", () => checkCold(world, "all", "cache"));
  told.rows.push(timesRow(`${world.nodes.length} large nodes, all changed, base cached`, cached, against, "8 times, aim 10"));
  told.about.push(phases("large, all changed, base cached", cached), against.about);
}

async function manyRows(world: World, { rows, runs }: FleetSettings, told: Told): Promise<void> {
  const has = (number: number): boolean => rows.includes(number);
  const count = world.nodes.length;
  const filled = await timed("many, base compiled", () => checkCold(world, "one", "cache"));
  const row = (what: string, times: readonly number[], promised: string): void =>
    void told.rows.push({ what, measured: ofRuns(times), promised, instead: "" });
  const cold = async (what: string, head: Head, promised: string): Promise<readonly ColdCheck[]> => {
    const all = await repeated(runs, what, () => checkCold(world, head, "cache"));
    row(`${what} of ${count}, a cold process`, all.map(ms), promised);
    told.about.push(phases(what, all));
    return all;
  };
  const peaks: ColdCheck[] = [filled];
  if (has(4)) peaks.push(...(await cold("one node changed", "one", "6 s")));
  if (has(5)) {
    peaks.push(...(await cold("nothing changed (a README)", "readme", "1.5 s")));
    peaks.push(...(await cold("nothing changed (a class that nobody includes)", "unread", "1.5 s")));
  }
  if (has(4) || has(6)) {
    const server = await timed("opening a server", () => openServer(world, "cache"));
    try {
      await timed("first check of the server", () => server.check("rack"));
      if (has(4)) {
        const warm = await repeated(runs, "one node changed, warm", () => server.check("one"));
        row(`one node changed of ${count}, a warm server`, warm.map(ms), "1.5 s");
        told.about.push(phases("one node changed, warm", warm));
      }
      if (has(6)) await limitRows(world, server, runs, told);
    } finally {
      await server.close();
    }
  }
  if (has(8)) {
    const [supervisor, worker] = [Math.max(...peaks.map((each) => each.supervisorMib)), Math.max(...peaks.map((each) => each.workerMib))];
    const measured = `${Math.round(worker)} MiB, ${Math.round(supervisor)} MiB`;
    told.rows.push({ what: `memory at ${count} nodes: a worker, the supervisor`, measured, promised: "300 MB, 300 MB", instead: "" });
    const ofFirst = `${Math.round(filled.supervisorMib)} MiB when nothing was kept and all nodes were compiled on base`;
    told.about.push(`The supervisor took ${ofFirst}. Memory is the largest resident size of any check's process and of any Ruby below it.`);
  }
}

/** A change's time against what its changed catalogs cost alone. */
async function limitRows(world: World, server: WarmServer, runs: number, told: Told): Promise<void> {
  for (const head of ["one", "rack", "all"] as const) {
    const changed = world.changedBy(head).length;
    const sampled = Math.min(changed, limitNodes);
    const cpu = await timed(`limit of ${changed} changed`, () => server.cpuOf(head, sampled));
    const whole = changed === sampled ? cpu.all : cpu.first + ((cpu.all - cpu.first) / Math.max(1, sampled - 1)) * (changed - 1);
    const limit = whole / cores;
    const times = await repeated(head === "all" ? 1 : runs, `${changed} changed, base warm`, () => server.check(head));
    const took = median(times.map(ms));
    told.rows.push({
      what: `${changed} changed of ${world.nodes.length}, base warm, against the limit`,
      measured: `${seconds(took)}: ${(took / limit).toFixed(2)} times the limit, ${seconds(Math.max(0, took - 1.3 * limit))} above 1.3 times`,
      promised: "1.3 times and 1.5 s",
      instead: `${seconds(limit)}: CPU of these catalogs in one traced worker, divided by ${cores} cores${changed === sampled ? "" : ` (${sampled} measured)`}`,
    });
    told.about.push(phases(`${changed} changed, base warm`, times));
  }
}

interface Against {
  /** Milliseconds a pair, with as many side by side as there are cores. */
  pair: number;
  pairs: number;
  about: string;
}

/** Nodes spread evenly over the fleet. */
async function octocatalog(world: World, pairs: number): Promise<Against> {
  const { nodes } = world;
  const count = Math.min(pairs, nodes.length);
  const sample = Array.from({ length: count }, (_, at) => nodes[Math.floor((at * nodes.length) / count)] as FleetNode);
  const ran = await timed(`octocatalog-diff, ${count} pairs`, () => comparePairs(world, "all", sample, cores));
  const resources = Math.round(median(ran.resources));
  const about = `octocatalog-diff took ${seconds(ran.milliseconds)} for ${count} pairs of catalogs of ${resources} resources (median), ${cores} pairs side by side.`;
  return { pair: ran.milliseconds / count, pairs: count, about };
}

function timesRow(what: string, runs: readonly ColdCheck[], { pair, pairs }: Against, promised: string): Row {
  const times = runs.map(ms);
  const nodes = runs[0]?.report.nodes.length ?? 0;
  const theirs = pair * nodes;
  return {
    what,
    measured: `${ofRuns(times)}; ${(theirs / median(times)).toFixed(1)} times as fast`,
    promised,
    instead: `octocatalog-diff: ${seconds(theirs)} (${pairs} pairs' time, times ${nodes}/${pairs})`,
  };
}

/** Where a check's time went, of the run in the middle. */
function phases(what: string, runs: ReadonlyArray<Pick<ColdCheck, "milliseconds" | "report">>): string {
  const middle = runs.toSorted((a, b) => a.milliseconds - b.milliseconds)[Math.floor(runs.length / 2)];
  if (middle === undefined) return "";
  const { total = 0, ...steps } = middle.report.timing;
  const parts = Object.entries(steps).map(([step, milliseconds]) => `${step} ${seconds(milliseconds)}`);
  const { plan } = middle.report.coverage ?? {};
  const compiled = plan === undefined ? "" : `; ${plan.reached} reached, ${plan.sampled} sampled, ${plan.kept} kept`;
  return `${what}: ${parts.join(", ")}; ${seconds(middle.milliseconds - total)} for the process itself${compiled}.`;
}

const ms = ({ milliseconds }: { milliseconds: number }): number => milliseconds;

async function repeated<T>(count: number, what: string, work: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let at = 0; at < count; at += 1) all.push(await timed(what, work));
  return all;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  process.stderr.write(`${what}: ${seconds(performance.now() - start)}\n`);
  return result;
}
