import { reportSchema } from "../../gate/report.ts";
import type { Facts } from "../../gate/facts.ts";
import { nearest } from "../../policy/nearest.ts";
import { defaultPolicy } from "../../policy/schema.ts";
import { Problem } from "../../problem.ts";
import { factsOf, factsOfReport } from "./example-facts.ts";
import { parseExamples } from "./examples.ts";
import { filesAt, policyAt, textOf } from "./files.ts";
import { judged } from "./judged.ts";
import type { Output } from "./test-command.ts";
import { jsonOf, renderExplained } from "./words.ts";

/** The options of `puppet-gate policy explain`, with absolute paths. */
export interface ExplainOptions {
  policy: string | null;
  /** An example's name and the file it is in, or a report with the paths of its change. */
  example: string | null;
  file: string | null;
  report: string | null;
  paths: readonly string[] | null;
  author: string | null;
  json: boolean;
}

/** `puppet-gate policy explain`: prints the rule tree for one change. Explaining does not fail because of what is explained. */
export async function explainCommand(options: ExplainOptions, { write, paint }: Output): Promise<0> {
  const { title, facts } = await explained(options);
  const result = judged(facts);
  if (options.json) write(`${JSON.stringify(jsonOf({ schema: "puppet-gate/policy-explain@1", title, ...result }), null, 2)}\n`);
  else write(renderExplained(title, result, paint));
  return 0;
}

interface Explained {
  title: string;
  facts: Facts;
}

async function explained(options: ExplainOptions): Promise<Explained> {
  const { example, file, report } = options;
  if (report !== null && example === null) return ofReport(report, options);
  if (example !== null && file !== null && report === null) return ofExample(example, file, options);
  throw new Problem({
    code: "bad-option",
    text: "What to explain is not clear.",
    hint: "Give `--example NAME FILE` for an example, or `--report report.json --paths a,b --author ann` for a report of `puppet-gate check`.",
  });
}

async function ofExample(name: string, file: string, { policy }: ExplainOptions): Promise<Explained> {
  const names: string[] = [];
  for (const files of await filesAt(file)) {
    const examples = parseExamples(await textOf(files.examples), files.examples);
    const example = examples.find((each) => each.name === name);
    if (example !== undefined) return { title: name, facts: factsOf(example, await policyAt(policy ?? files.policy)) };
    names.push(...examples.map((each) => each.name));
  }
  const near = nearest(name, names);
  throw new Problem({
    code: "unknown-example",
    text: `${file} has no example called ${JSON.stringify(name)}.`,
    hint: near === null ? `It has ${listed(names)}.` : `Did you mean ${JSON.stringify(near)}?`,
  });
}

const mostNamed = 5;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map((name) => JSON.stringify(name));
  return names.length > mostNamed ? `${shown.join(", ")} and ${names.length - mostNamed} more` : shown.join(", ");
}

async function ofReport(path: string, { policy, paths, author }: ExplainOptions): Promise<Explained> {
  if (paths === null || author === null)
    throw new Problem({
      code: "bad-option",
      text: "--report needs --paths and --author: a report does not say which files change, nor who opens the pull request.",
      hint: "Give the paths separated by commas (`git diff --name-only BASE...HEAD` lists them), and a login.",
    });
  const rules = policy === null ? defaultPolicy : await policyAt(policy);
  return { title: path, facts: factsOfReport(parsed(await textOf(path, reportHint), path), rules, { paths, author }) };
}

const reportHint = "Give the report.json that `puppet-gate check --output DIR` writes.";

function parsed(text: string, path: string): ReturnType<typeof reportSchema.parse> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Problem({ code: "bad-report", text: `${path} is no JSON.`, hint: reportHint }, { cause });
  }
  const report = reportSchema.safeParse(value);
  if (report.success) return report.data;
  const [issue] = report.error.issues;
  throw new Problem({
    code: "bad-report",
    text: `${path} is no report: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`,
    hint: reportHint,
  });
}
