import { fork, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { weatherNames } from "./faults.ts";
import { plants, type Patch } from "./plants.ts";
import type { SeedRequest, SeedResult } from "./seed.ts";
import { shrink } from "./shrink.ts";

/**
 * `npm run simulate`: drives the gate through storms, one for each seed, and ends with one line of figures. Exit code 0: nothing was found;
 * 1: a rule was broken; 2: what was asked for can't be done.
 */
const help = `npm run simulate -- [--seeds N] [--first-seed S] [--steps N] [--jobs N] [--plant BUG] [--json]

  --seeds N        how many seeds; 10 without it
  --first-seed S   the first of them; 1 without it
  --steps N        steps of each storm; 2500 without it. What comes to rest afterwards is counted too
  --jobs N         processes side by side; as many as there are cores without it
  --plant BUG      puts a bug into the gate, to see it found; --plant list names them
  --patch FILE     puts in what a JSON file says: [{"file": "gate/x.ts", "find": "…", "replace": "…"}]
  --weather KIND   the same for all seeds: WEATHERS
  --skip LIST      deeds of people that are left out, as a failing seed's replay command gives them: 3,7-12
  --deeds N        deeds after which people do nothing more
  --shrink         makes a seed that fails smaller also where a bug is put in
  --whole          goes on after the first seed that fails, and shrinks none
  --trace          prints every step
  --json           one JSON object instead of words
  --help           this
`;

const options = {
  seeds: { type: "string", default: "10" },
  "first-seed": { type: "string", default: "1" },
  steps: { type: "string", default: "2500" },
  jobs: { type: "string", default: String(availableParallelism()) },
  plant: { type: "string" },
  patch: { type: "string" },
  weather: { type: "string" },
  skip: { type: "string", default: "" },
  deeds: { type: "string" },
  shrink: { type: "boolean", default: false },
  whole: { type: "boolean", default: false },
  trace: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

class UsageError extends Error {}

async function main(): Promise<number> {
  const { values } = parseArgs({ options, strict: true });
  if (values.help) {
    process.stdout.write(help.replace("WEATHERS", weatherNames.join(", ")));
    return 0;
  }
  if (values.plant === "list") {
    process.stdout.write(plants.map(({ name, wrong }) => `${name}: ${wrong}\n`).join(""));
    return 0;
  }
  const count = (name: "seeds" | "first-seed" | "steps" | "jobs"): number => wholeNumber(values[name], `--${name}`);
  const [seeds, first, steps, jobs] = [count("seeds"), count("first-seed"), count("steps"), count("jobs")];
  const patches = patchesOf(values.plant, values.patch);
  const skip = skipOf(values.skip);
  const weather = weatherNames.find((name) => name === values.weather) ?? null;
  if (values.weather !== undefined && weather === null) throw new UsageError(`--weather is one of ${weatherNames.join(", ")}.`);
  const mostDeeds = values.deeds === undefined ? null : wholeNumber(values.deeds, "--deeds");
  const began = process.hrtime.bigint();
  const results: SeedResult[] = [];
  const say = (text: string): void => void (values.json || process.stdout.write(`${text}\n`));
  const pool = createPool(Math.max(1, Math.min(jobs, seeds)), patches);
  let replay: string | null = null;
  try {
    let next = first;
    let isOver = false;
    // The seeds that are under way are finished, and the figures told.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => (isOver = true));
    await pool.each(async (run) => {
      while (!isOver && next < first + seeds) {
        const seed = next;
        next += 1;
        const result = await run({ seed, steps, skip, mostDeeds, weather });
        results.push(result);
        if (values.trace) say(result.trace.join("\n"));
        if (result.violation === null) continue;
        say(`seed ${seed}, step ${result.violation.step}: rule ${result.violation.rule} is broken: ${result.violation.text}`);
        if (values.whole) continue;
        if (replay !== null) return;
        replay = "";
        isOver = true;
        const isOwn = values.plant === undefined && values.patch === undefined;
        const smaller = (isOwn || values.shrink) && skip.length === 0 ? await shrink(run, result, { seed, steps, weather }) : null;
        replay = commandOf(smaller?.request ?? { seed, steps, skip, mostDeeds, weather }, values);
        if (smaller !== null) say(smaller.text);
        say(`replay it: ${replay}`);
      }
    });
  } finally {
    pool.end();
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const total = (name: keyof SeedResult["counts"]): number => results.reduce((sum, { counts }) => sum + counts[name], 0);
  const violations = results.flatMap(({ seed, violation }) => (violation === null ? [] : [{ seed, ...violation }]));
  const figures = {
    seeds: results.length,
    firstSeed: first,
    steps: total("steps"),
    deeds: total("deeds"),
    deliveries: total("deliveries"),
    kills: total("kills"),
    landings: total("landings"),
    seconds: Math.round(seconds * 10) / 10,
    violations: violations.length,
    digest: digestOf(results),
  };
  if (values.json) process.stdout.write(`${JSON.stringify({ ...figures, found: violations, replay })}\n`);
  else
    process.stdout.write(
      `${figures.seeds} seeds, ${figures.steps} steps, ${figures.deeds} deeds, ${figures.deliveries} webhooks, ${figures.kills} kills, ` +
        `${figures.landings} landings, ${figures.violations} violations, ${figures.seconds} s\n`,
    );
  return violations.length === 0 ? 0 : 1;
}

/** Of all that happened, seed by seed: equal for equal runs. */
function digestOf(results: readonly SeedResult[]): string {
  const hash = createHash("sha1");
  for (const { seed, trace } of results.toSorted((one, other) => one.seed - other.seed)) hash.update(`${seed}\n${trace.join("\n")}\n`);
  return hash.digest("hex");
}

function wholeNumber(text: string, name: string): number {
  if (!/^\d+$/u.test(text)) throw new UsageError(`${name} takes a whole number, and not ${JSON.stringify(text)}.`);
  return Number(text);
}

function patchesOf(plant: string | undefined, file: string | undefined): readonly Patch[] {
  if (file !== undefined) return JSON.parse(readFileSync(file, "utf8")) as Patch[];
  if (plant === undefined) return [];
  const found = plants.find(({ name }) => name === plant);
  if (found === undefined) throw new UsageError(`There is no bug ${plant}; --plant list names them.`);
  return [found];
}

function skipOf(text: string): number[] {
  return text.split(",").flatMap((part) => {
    if (part === "") return [];
    const [from = "", to = from] = part.split("-");
    const [low, high] = [wholeNumber(from, "--skip"), wholeNumber(to, "--skip")];
    return Array.from({ length: high - low + 1 }, (_, n) => low + n);
  });
}

function commandOf(
  { seed, steps, skip = [], mostDeeds, weather = null }: SeedRequest,
  { plant, patch }: { plant?: string; patch?: string },
): string {
  const ranges: string[] = [];
  const sorted = [...skip].sort((a, b) => a - b);
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1;
    ranges.push(end === at ? `${sorted[at]}` : `${sorted[at]}-${sorted[end]}`);
    at = end + 1;
  }
  const more = [
    ...(ranges.length === 0 ? [] : [`--skip ${ranges.join(",")}`]),
    ...(mostDeeds === null || mostDeeds === undefined ? [] : [`--deeds ${mostDeeds}`]),
    ...(weather === null ? [] : [`--weather ${JSON.stringify(weather)}`]),
    ...(plant === undefined ? [] : [`--plant ${plant}`]),
    ...(patch === undefined ? [] : [`--patch ${JSON.stringify(patch)}`]),
  ];
  return ["npm run simulate -- --first-seed", seed, "--seeds 1 --steps", steps, ...more, "--trace"].join(" ");
}

export type RunSeed = (request: SeedRequest) => Promise<SeedResult>;

/** Processes of their own, because a simulation sets the clock of its process. */
function createPool(size: number, patches: readonly Patch[]): { each(work: (run: RunSeed) => Promise<void>): Promise<void>; end(): void } {
  const program = fileURLToPath(import.meta.resolve("./programs/simulate-worker.ts"));
  const children = Array.from({ length: size }, () => fork(program, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
  for (const child of children) child.send({ patches });
  return {
    each: async (work) => {
      await Promise.all(children.map((child) => work((request) => ask(child, request))));
    },
    end: () => {
      for (const child of children) child.kill();
    },
  };
}

const ask = (child: ChildProcess, request: SeedRequest): Promise<SeedResult> =>
  new Promise((resolve, reject) => {
    const end = (code: number | null): void => reject(new Error(`a process of the simulation ended with ${code ?? "a signal"}`));
    child.once("exit", end);
    child.once("message", (answer: { result: SeedResult } | { failure: string }) => {
      child.off("exit", end);
      if ("failure" in answer) reject(new UsageError(answer.failure));
      else resolve(answer.result);
    });
    child.send({ request });
  });

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
  process.stderr.write(`${isUsage ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = 2;
}
