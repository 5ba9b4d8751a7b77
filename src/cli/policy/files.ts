import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { loadPolicy } from "../../policy/load.ts";
import type { PolicyProblem } from "../../policy/problems.ts";
import type { Policy } from "../../policy/schema.ts";
import { Problem } from "../../problem.ts";

/** A policy file and the examples beside it. */
export interface PolicyFiles {
  policy: string;
  examples: string;
}

const policyName = "puppet-gate.yml";
const examplesName = "examples.yml";

/**
 * What `policy test` runs for a path: a folder is searched for folders that have examples, itself among them; of a file the other one lies
 * beside it.
 */
export async function filesAt(path: string): Promise<PolicyFiles[]> {
  if (!(await isFolder(path))) {
    const folder = dirname(path);
    return basename(path) === examplesName
      ? [{ policy: join(folder, policyName), examples: path }]
      : [{ policy: path, examples: join(folder, examplesName) }];
  }
  const names = await readdir(path, { recursive: true });
  const found = names.filter((name) => basename(name) === examplesName).toSorted();
  if (found.length === 0)
    throw new Problem({
      code: "no-examples",
      text: `${path} has no ${examplesName} in it.`,
      hint: `Put ${examplesName} beside the policy file; the folders of policies/ show what one looks like.`,
    });
  return found.map((name) => ({ policy: join(path, dirname(name), policyName), examples: join(path, name) }));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause, policyHint);
  }
}

/** Throws a Problem with `hint`, which says what should have been given. */
export async function textOf(path: string, hint: string = policyHint): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw unreadable(path, cause, hint);
  }
}

export async function policyAt(path: string): Promise<Policy> {
  const loaded = loadPolicy(await textOf(path), path);
  if (loaded.ok) return loaded.policy;
  const [first, ...others] = loaded.problems;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  throw new Problem({ code: "bad-policy", text: `${placeOf(first)}${more}`, hint: first?.hint ?? "Mend the file." });
}

const placeOf = (problem: PolicyProblem | undefined): string =>
  problem === undefined ? "The policy can't be read." : `${problem.path}:${problem.line}:${problem.column}: ${problem.text}`;

const policyHint = "Give the path of a policy file, of its examples.yml, or of a folder with both.";

const unreadable = (path: string, cause: unknown, hint: string): Problem =>
  new Problem(
    {
      code: "unreadable-file",
      text: `${path} can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint,
    },
    { cause },
  );
