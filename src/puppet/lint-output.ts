import type { Unplaced } from "../catalog/finding.ts";
import { z } from "zod";

import type { RunResult } from "../process/run.ts";
import { visible } from "./visible.ts";

const number = z.int().nullish();
const problemSchema = z.object({
  kind: z.enum(["error", "warning", "ignored", "fixed"]),
  check: z.string(),
  message: z.string(),
  line: number,
  column: number,
  reason: z.string().nullish(),
});
type LintProblem = z.infer<typeof problemSchema>;
const outputSchema = z.array(z.array(problemSchema));

/**
 * puppet-lint's JSON, which versions 2.5 to 5 agree on: a list for each file, in the order of the arguments. Null where it is not that:
 * a file that crashes puppet-lint ends the whole run with a text on standard output.
 */
export function readProblems(result: RunResult, files: number): LintProblem[][] | null {
  if (result.exitCode !== 0 && result.exitCode !== 1) return null;
  let output: unknown;
  try {
    output = JSON.parse(result.stdout.toString("utf8"));
  } catch {
    return null;
  }
  const parsed = outputSchema.safeParse(output);
  return parsed.success && parsed.data.length === files ? parsed.data : null;
}

export function lintFinding(path: string, problem: LintProblem): Unplaced {
  return {
    check: "lint",
    severity: severities[problem.kind],
    path,
    line: positive(problem.line),
    column: positive(problem.column),
    code: visible(problem.check, 60),
    message: visible(problem.kind === "ignored" ? `ignored by a control comment${because(problem)}: ${problem.message}` : problem.message),
  };
}

const severities = { error: "error", warning: "warning", fixed: "warning", ignored: "notice" } as const;
const because = ({ reason }: LintProblem): string => (reason ? ` (${reason})` : "");
const positive = (place: number | null | undefined): number | null => (typeof place === "number" && place > 0 ? place : null);
