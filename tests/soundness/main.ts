import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Problem } from "../../src/problem.ts";
import { commitsOf } from "./commits.ts";
import { mutatedWorld } from "./mutated-world.ts";
import { prove } from "./prove.ts";
import { lineOf, Tally } from "./tally.ts";

/** `npm run soundness`: proves the plan of what to compile by compiling everything, on changes of any repository and on changes made up. */
const usage = `Usage: npm run soundness -- [--mutations N] [--corpus DIR --commits N] [options]
Every node is compiled on both sides of every change; a node that differs and that the plan would have left out is a miss.
  --mutations N    so many of the changes that are made to a small world of our own, spread over all kinds; 0 for all (the default without --corpus)
  --corpus DIR     a clone of any control repo: its commits, each compared with the one before it
  --commits N      so many of its commits, default 20
  --at REF         the newest of them, default HEAD
  --skip N         begin so many commits further back
  --facts DIR, --enc PATH, --stand-ins DIR, --modulepath DIRS, --nodes GLOBS, --config FILE   as for puppet-gate check
  --json           one line of JSON for each change instead of a line of words
Ends with one line of figures. Exit code: 0 nothing missed, 1 something was, or a change could not be looked at.`;

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      mutations: text,
      corpus: text,
      commits: { ...text, default: "20" },
      at: { ...text, default: "HEAD" },
      skip: { ...text, default: "0" },
      facts: text,
      enc: text,
      "stand-ins": text,
      modulepath: text,
      nodes: text,
      config: text,
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-soundness-"));
  const tally = new Tally();
  const path = (name: "facts" | "enc" | "stand-ins" | "config"): string | null =>
    values[name] === undefined ? null : resolve(values[name]);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const asked = {
      facts: path("facts"),
      enc: path("enc"),
      standIns: path("stand-ins"),
      config: path("config"),
      modulepath: values.modulepath?.split(",") ?? null,
      nodes: values.nodes?.split(",") ?? [],
    };
    const none = { facts: null, enc: null, standIns: null, config: null, modulepath: null, nodes: [] };
    if (values.corpus !== undefined) {
      const changes = await commitsOf(resolve(values.corpus), {
        at: values.at,
        skip: whole("skip", values.skip),
        most: whole("commits", values.commits),
      });
      await prove({ changes, asked, tally, say, json: values.json });
    }
    if (values.corpus === undefined || values.mutations !== undefined) {
      const changes = await mutatedWorld(folder, whole("mutations", values.mutations ?? "0"));
      await prove({ changes, asked: none, tally, say, json: values.json });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  say(lineOf(tally));
  return tally.missed > 0 || tally.failed > 0 ? 1 : 0;
}

function whole(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Problem({
    code: "usage",
    text: `--${option} takes a whole number, not ${JSON.stringify(text)}.`,
    hint: "npm run soundness -- --help says more.",
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`${error.text} ${error.hint}\n`);
  process.exitCode = 1;
}
