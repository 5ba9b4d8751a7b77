import { parseArgs } from "node:util";
import { sampleNodes } from "../../src/demo/control-repo/fleet.ts";
import { Problem } from "../../src/problem.ts";
import { benchCheck, type CheckSettings } from "./check.ts";
import { sectionOfDiff } from "./diff.ts";
import { sectionOfExpect } from "./expect.ts";
import { type FleetSettings, sectionOfFleet } from "./fleet/section.ts";
import { readMachine, renderMachine } from "./machine.ts";
import { sectionOfPlan } from "./plan.ts";
import { sectionOfLedger } from "./ledger.ts";
import { sectionOfPages } from "./pages/section.ts";
import { sectionOfReport } from "./report.ts";
import { sectionOfSweep } from "./sweep.ts";
import { renderTable, type Section } from "./table.ts";
import { sectionOfVerdict } from "./verdict/section.ts";
import { benchWarm } from "./warm.ts";
import { sectionOfWebhooks } from "./webhooks.ts";

/** `npm run bench`: what people wait for, measured in one run on one machine and told in one table, beside what they would do without it. */
const usage = `Usage: npm run bench -- [--webhooks] [--sweep] [--diff] [--report] [--plan] [--expect] [--check] [--warm] [--verdict] [--fleet] [--ledger] [--pages] [--markdown]
  --webhooks  how soon serve answers webhooks, and acts on a review, on a PostgreSQL of its own
  --sweep     a sweep over 500 open changes
  --ledger    appending to the ledger, a proof among a million entries, a bundle verified; some minutes
  --pages     every page's time at the server, with 100,000 changes and 1,000,000 entries; some minutes
  --diff      comparing catalogs of 20,000 resources, and arrays of 17,000 items
  --report    a report's page of 1,000 nodes, in Chromium
  --plan      whom of 10,000 nodes a change reaches, by what their compiles read
  --expect    expectations on the catalogs of 1,000 nodes, all at once and after a change of one file
  --check     puppet-gate check against a loop of puppet catalog compile;
              --nodes N: nodes of the loop, default 6; --runs N: runs of check, default 3; --jobs N: loops side by side, default 1
  --warm      how soon catalogs come with what was started or kept before; --runs N: default 3
  --verdict   a lane's verdict over 20,000 nodes, on a PuppetDB and a PostgreSQL of its own
  --fleet     whole fleets of usual and large catalogs, against octocatalog-diff and against what the compiles alone take; about 20 minutes;
              --rows 1,2,…: 1 nothing cached, 2 base cached, 3 large catalogs, 4 one node changed, 5 nothing changed, 6 against the limit, 7 plan,
              8 memory; --nodes N: nodes of each fleet; --pairs N: pairs for octocatalog-diff; --runs N: runs of what takes seconds
Without any of them, all but --verdict, --fleet, --ledger and --pages; that takes some minutes.`;

interface Settings extends CheckSettings {
  fleet: FleetSettings;
  kinds: readonly Kind[];
  markdown: boolean;
  help: boolean;
}
type Kind = "webhooks" | "sweep" | "diff" | "report" | "plan" | "expect" | "check" | "warm" | "verdict" | "fleet" | "ledger" | "pages";

function settings(): Settings {
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    options: {
      webhooks: flag,
      sweep: flag,
      ledger: flag,
      pages: flag,
      diff: flag,
      report: flag,
      plan: flag,
      expect: flag,
      check: flag,
      warm: flag,
      verdict: flag,
      fleet: flag,
      markdown: flag,
      help: flag,
      nodes: { type: "string" },
      rows: { type: "string", default: "1,2,3,4,5,6,7,8" },
      pairs: { type: "string" },
      runs: { type: "string", default: "3" },
      jobs: { type: "string", default: "1" },
    },
  });
  // First what is over soonest, and what may lack PostgreSQL.
  const all = ["webhooks", "sweep", "diff", "report", "plan", "expect", "warm", "check"] as const;
  const asked: Kind[] = all.filter((kind) => values[kind]);
  if (values.verdict) asked.push("verdict");
  if (values.ledger) asked.push("ledger");
  if (values.pages) asked.push("pages");
  if (values.fleet) asked.push("fleet");
  const [nodes, pairs] = [values.nodes, values.pairs].map((text, at) =>
    text === undefined ? null : wholeNumber(["--nodes", "--pairs"][at] ?? "", text, 10_000),
  );
  return {
    kinds: asked.length === 0 ? all : asked,
    markdown: values.markdown,
    help: values.help,
    nodes: values.fleet ? 6 : wholeNumber("--nodes", values.nodes ?? "6", sampleNodes().length - 1),
    fleet: {
      rows: values.rows.split(",").map((row) => wholeNumber("--rows", row, 8)),
      sizes: { usual: nodes ?? 200, large: nodes ?? 12, many: nodes ?? 1_000 },
      pairs: { usual: pairs ?? 12, large: pairs ?? 4 },
      runs: wholeNumber("--runs", values.runs, 100),
    },
    runs: wholeNumber("--runs", values.runs, 100),
    jobs: wholeNumber("--jobs", values.jobs, 64),
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

async function bench(given: Settings): Promise<string> {
  const measure: Readonly<Record<Kind, () => Promise<Section>>> = {
    webhooks: () => sectionOfWebhooks(),
    sweep: () => sectionOfSweep(),
    ledger: () => sectionOfLedger(),
    pages: () => sectionOfPages(),
    diff: async () => sectionOfDiff(),
    report: () => sectionOfReport(),
    plan: () => sectionOfPlan(),
    expect: () => sectionOfExpect(),
    check: () => benchCheck(given),
    warm: () => benchWarm(given),
    verdict: () => sectionOfVerdict(),
    fleet: () => sectionOfFleet(given.fleet),
  };
  const sections: Section[] = [];
  for (const kind of given.kinds) sections.push(await measure[kind]());
  const table = renderTable(
    sections.flatMap(({ rows }) => rows),
    given.markdown,
  );
  return [table, renderMachine(await readMachine()), ...sections.map(({ about }) => about)].join("\n\n");
}

try {
  const given = settings();
  process.stdout.write(`${given.help ? usage : await bench(given)}\n`);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`bench: ${error.text}\n  ${error.hint}\n`);
  process.exitCode = 1;
}
