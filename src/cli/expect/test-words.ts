import type { ExampleFault } from "../../catalog/expect/examples.ts";
import type { Expectation } from "../../catalog/expect/schema.ts";
import type { PolicyProblem } from "../../policy/problems.ts";
import { plain } from "../plain.ts";
import type { Paint } from "../paint.ts";

/** What came of one file's examples. */
export interface Tested {
  path: string;
  /** Null for a file that can't be read. */
  name: string | null;
  ok: boolean;
  problems: readonly PolicyProblem[];
  faults: readonly ExampleFault[];
  examples: Expectation["examples"];
  /** Why nothing can be said of it, where that is so. */
  reason: string | null;
}

const verbs = { pass: "pass", fail: "fail", unknown: "be unknown" } as const;
const came = { pass: "it passes", fail: "it fails", unknown: "it can't be told" } as const;

export function renderTested(files: readonly Tested[], paint: Paint): string {
  const blocks = files.map((file) =>
    [paint("bold", plain(file.name === null ? file.path : `${file.name}  (${file.path})`)), ...linesOf(file, paint)].join("\n"),
  );
  const examples = files.reduce((sum, file) => sum + file.examples.length, 0);
  const bad = files.filter(({ ok }) => !ok).length;
  const counts = `${files.length} ${files.length === 1 ? "expectation" : "expectations"}, ${examples} ${examples === 1 ? "example" : "examples"}`;
  const end = bad === 0 ? paint("green", `${counts}, all as expected`) : paint("red", `${counts}; ${bad} to be mended`);
  return `${blocks.join("\n\n")}\n\n${end}\n`;
}

function linesOf({ problems, faults, examples, reason }: Tested, paint: Paint): string[] {
  const wrong = problems.flatMap(({ path, line, column, text, hint }) => [
    `  ${paint("red", "FAIL")}  ${plain(`${path}:${line}:${column}: ${text}`, 1_000)}`,
    `        ${plain(hint, 1_000)}`,
  ]);
  const whole = reason === null ? [] : [`  ${paint("red", "FAIL")}  ${plain(reason, 1_000)}`];
  const each = examples.map(({ name, result }) => {
    const fault = faults.find((one) => one.example === name && one.expected === result);
    if (fault === undefined) return `  ${paint("green", "ok")}    ${plain(name, 200)}`;
    const why = fault.reason === null ? "" : `: ${plain(fault.reason, 500)}`;
    return `  ${paint("red", "FAIL")}  ${plain(name, 200)}: it should ${verbs[result]}, and ${came[fault.got]}${why}`;
  });
  return [...wrong, ...whole, ...(reason === null ? each : [])];
}

export const testedJson = (files: readonly Tested[]): object => ({
  schema: "puppet-gate/expect-test@1",
  ok: files.every(({ ok }) => ok),
  files: files.map(({ examples, ...file }) => ({ ...file, examples: examples.length })),
});
