import { parseArgs } from "node:util";
import { plants } from "../../../simulation/plants.ts";
import { startPostgres } from "../../postgres.ts";
import { hurried, runKilled, type RunResult } from "../run.ts";

/** Kills two real servers for longer than the test does. Exit code 0: nothing was found; 1: a rule was broken. */
const help = `node tests/services/killed/programs/main.ts [--seeds N] [--first-seed S] [--kills N] [--repositories N] [--paced] [--plant LIST] [--quiet]

  --seeds N          runs, one after the other; 1 without it
  --first-seed S     the first of them; 1 without it
  --kills N          of each run; 16 without it
  --repositories N   of each run; 2 without it
  --paced            with the product's own pace: a second between two writes to GitHub, and leases of half a minute
  --plant LIST       puts bugs into the gate, to see them found, by their names as \`npm run simulate -- --plant list\` has them
  --quiet            prints what is broken, and figures, alone
`;

const options = {
  seeds: { type: "string", default: "1" },
  "first-seed": { type: "string", default: "1" },
  kills: { type: "string", default: "16" },
  repositories: { type: "string", default: "2" },
  paced: { type: "boolean", default: false },
  plant: { type: "string", default: "" },
  quiet: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const { values } = parseArgs({ options, strict: true });
if (values.help) process.stdout.write(help);
else process.exitCode = await main();

async function main(): Promise<number> {
  const names = values.plant.split(",").filter(Boolean);
  const planted = plants.filter(({ name }) => names.includes(name));
  if (planted.length < names.length) throw new Error(`No such bug among ${values.plant}.`);
  const patches = [...(values.paced ? [] : hurried), ...planted];
  const postgres = await startPostgres();
  const results: RunResult[] = [];
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const say = (text: string): void => void (values.quiet || print(text));
  try {
    for (let seed = Number(values["first-seed"]), end = seed + Number(values.seeds); seed < end; seed += 1) {
      const [kills, repositories] = [Number(values.kills), Number(values.repositories)];
      const result = await runKilled({ seed, kills, repositories, patches, postgres: postgres.url, say });
      results.push(result);
      print(`seed ${seed}: ${JSON.stringify({ ...result.counts, seconds: result.seconds, kinds: result.kinds })}`);
      for (const { rule, text } of result.violations) print(`seed ${seed}: rule ${rule} is broken: ${text}`);
    }
  } finally {
    await postgres.close();
  }
  const sum = (of: (result: RunResult) => number): number => results.reduce((all, result) => all + of(result), 0);
  print(
    `${results.length} runs, ${sum(({ counts }) => counts.kills)} kills, ${sum(({ counts }) => counts.landings)} landings, ` +
      `${sum(({ counts }) => counts.landingsAmongKills)} of them among the kills, ${sum(({ violations }) => violations.length)} violations`,
  );
  return results.some(({ violations }) => violations.length > 0) ? 1 : 0;
}
