import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseExamples } from "../src/cli/policy/examples.ts";
import { policyAt, textOf } from "../src/cli/policy/files.ts";
import { runExample } from "../src/cli/policy/run-examples.ts";

const root = join(import.meta.dirname, "../policies");
/** Expectations are no policy, and have a test of their own. */
const folders = readdirSync(root).filter((name) => name !== "expectations");

it("ships at least five worked policies", () => {
  expect(folders.length).toBeGreaterThanOrEqual(5);
});

describe.each(folders)("policies/%s", async (folder) => {
  const examplesPath = join(root, folder, "examples.yml");
  const policy = await policyAt(join(root, folder, "puppet-gate.yml"));
  const examples = parseExamples(await textOf(examplesPath), examplesPath);

  it.each(examples.map((example) => [example.name, example] as const))("%s", (_, example) => {
    expect(runExample(example, policy).failures).toEqual([]);
  });

  it("has at least five examples, and its rules are met in one and hold something up in another", () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
    const seen = examples.flatMap((example) => runExample(example, policy).judged.rules);
    for (const { name } of policy.rules) {
      const outcomes = new Set(seen.filter((rule) => rule.name === name).map(({ reason }) => reason.outcome));
      expect([name, outcomes.has("pass") || outcomes.has("skipped"), outcomes.size > 1]).toEqual([name, true, true]);
    }
  });
});
