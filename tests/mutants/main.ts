import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { figuresLine, figuresOf, interval } from "./figures.ts";
import { hunt, type Hunt } from "./hunt.ts";
import { mutantsOf, type Mutant } from "./places.ts";
import { rooms } from "./rooms.ts";
import { drawn } from "./sample.ts";
import { root, sourceOf } from "./sources.ts";

/**
 * `npm run mutants`: puts small bugs into a room of the gate, one at a time, and counts those that its tests and the simulation see. Ends with one
 * line of figures. Exit code 0: done, whatever survived; 2: what was asked for can't be done.
 */
const help = `npm run mutants -- --room ROOM [--sample N --seed S] [--json]

  --room ROOM      ROOMS
  --file FILE      only mutants of this source, or of these: gate/wish.ts,gate/glass.ts
  --sample N       so many of the room's mutants, drawn by chance; all without it
  --seed S         what the chance is drawn from; 1 without it
  --seeds N        storms of the simulation that the survivors of all tests are put through; 4 without it, 0 for none
  --steps N        steps of each storm; 800 without it
  --spend S        seconds that a mutant may take in the room's stories, by what they take without it; 20 without it, 0 leaves them out
  --typed WHOM     all, survivors or none: whom the type checker is asked about, because what it refuses is not viable; survivors without it
  --again FILE     only those that survived an earlier run, whose --json is in FILE
  --json           one JSON object with every survivor instead of words
  --help           this
`;

const options = {
  room: { type: "string" },
  file: { type: "string" },
  sample: { type: "string" },
  seed: { type: "string", default: "1" },
  seeds: { type: "string", default: "4" },
  steps: { type: "string", default: "800" },
  spend: { type: "string", default: "20" },
  typed: { type: "string", default: "survivors" },
  again: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

class UsageError extends Error {}

async function main(): Promise<number> {
  const { values } = parseArgs({ options, strict: true });
  if (values.help) {
    process.stdout.write(help.replace("ROOMS", Object.keys(rooms).join(", ")));
    return 0;
  }
  const room = rooms[values.room ?? ""];
  if (room === undefined) throw new UsageError(`--room is one of ${Object.keys(rooms).join(", ")}.`);
  const all = allOf(values.room ?? "", values.file?.split(",") ?? null);
  const wanted = values.again === undefined ? all : survivorsOf(values.again, all);
  const sample =
    values.sample === undefined ? wanted : drawn(wanted, wholeNumber(values.sample, "--sample"), wholeNumber(values.seed, "--seed"));
  const typed = (["all", "survivors", "none"] as const).find((whom) => whom === values.typed);
  if (typed === undefined) throw new UsageError("--typed is all, survivors or none.");
  if (sample.length === 0) throw new UsageError("There is no mutant of that.");
  const folder = mkdtempSync(join(tmpdir(), "puppet-gate-mutants-"));
  try {
    const request: Hunt = {
      room,
      mutants: sample,
      storms: { seeds: wholeNumber(values.seeds, "--seeds"), steps: wholeNumber(values.steps, "--steps") },
      spend: wholeNumber(values.spend, "--spend") * 1_000,
      typed,
      said: (text) => void process.stderr.write(`${text}\n`),
    };
    const fates = await hunt(folder, request);
    const figures = { room: values.room ?? "", of: wanted.length, ...figuresOf(fates) };
    const survivors = fates.filter(({ fate }) => fate === "survived");
    if (values.json) process.stdout.write(`${JSON.stringify({ ...figures, interval: interval(figures), fates, survivors })}\n`);
    else {
      for (const { mutant, covered } of survivors) process.stdout.write(`${wordsOf(mutant)}${covered ? "" : " (no test passes by it)"}\n`);
      process.stdout.write(`${figuresLine(figures)}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

function allOf(room: string, files: readonly string[] | null): Mutant[] {
  const found = globSync(`${room}/**/*.ts`, { cwd: join(root, "src") }).sort();
  let id = 0;
  return found
    .filter((file) => files === null || files.includes(file))
    .flatMap((file) => mutantsOf(file, sourceOf(file)))
    .map((mutant) => ({ ...mutant, id: (id += 1) }));
}

/** Of a run whose sources may have moved a little since: known by the line's text and what is changed in it. */
function survivorsOf(file: string, all: readonly Mutant[]): Mutant[] {
  const { survivors } = JSON.parse(readFileSync(file, "utf8")) as { survivors: Array<{ mutant: Mutant }> };
  const keyOf = ({ file: source, before, after }: Mutant): string => JSON.stringify([source, before, after]);
  const left = new Set(survivors.map(({ mutant }) => keyOf(mutant)));
  return all.filter((mutant) => left.has(keyOf(mutant)));
}

function wordsOf({ file, line, kind, before, after }: Mutant): string {
  const short = (text: string): string => text.replaceAll(/\s+/gu, " ").slice(0, 100);
  return `src/${file}:${line} ${kind}: ${short(before)} => ${short(after)}`;
}

function wholeNumber(text: string, name: string): number {
  if (!/^\d+$/u.test(text)) throw new UsageError(`${name} takes a whole number, and not ${JSON.stringify(text)}.`);
  return Number(text);
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
  process.stderr.write(`${isUsage ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = 2;
}
