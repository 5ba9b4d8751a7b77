import { Problem } from "../../problem.ts";
import type { Paint } from "../paint.ts";
import { parseExamples } from "./examples.ts";
import { filesAt, policyAt, textOf, type PolicyFiles } from "./files.ts";
import { runExample, type ExampleResult } from "./run-examples.ts";
import { jsonOf, renderCounts, renderResults } from "./words.ts";

/** Where a policy command writes, and whether in colour. */
export interface Output {
  write: (text: string) => unknown;
  paint: Paint;
}

/** `puppet-gate policy test`: runs the examples of every path, prints them, gives the exit code. What can't be read is a Problem. */
export async function testCommand(paths: readonly string[], json: boolean, { write, paint }: Output): Promise<0 | 1> {
  if (paths.length === 0)
    throw new Problem({
      code: "bad-option",
      text: "There is nothing to test: no path was given.",
      hint: "Give a policy file, its examples.yml, or a folder: puppet-gate policy test .github",
    });
  const found = (await Promise.all(paths.map(filesAt))).flat();
  const files = await Promise.all(found.map(async (each) => ({ ...each, results: await resultsOf(each) })));
  const ok = files.every(({ results }) => results.every(({ failures }) => failures.length === 0));
  if (json) write(`${JSON.stringify(jsonOf({ schema: "puppet-gate/policy-test@1", ok, files }), null, 2)}\n`);
  else {
    for (const { policy, results } of files) write(`${renderResults(policy, results, paint)}\n`);
    write(renderCounts(files, paint));
  }
  return ok ? 0 : 1;
}

async function resultsOf({ policy: path, examples }: PolicyFiles): Promise<ExampleResult[]> {
  const policy = await policyAt(path);
  return parseExamples(await textOf(examples), examples).map((example) => runExample(example, policy));
}
