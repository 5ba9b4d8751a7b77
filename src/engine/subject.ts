import type { Finding } from "../catalog/effects.ts";
import { disableChecks, vetLintOptions } from "../catalog/lint-options.ts";
import { loadPolicy, type PolicyProblem } from "../policy/load.ts";
import { defaultPolicy, type Policy } from "../policy/schema.ts";
import { Problem } from "../problem.ts";
import type { ChangedFile, Commit, MergeResult, Repository } from "./ports.ts";

export const policyPath = ".github/puppet-gate.yml";

/** What is judged: two commits, their merge result, and by which rules. */
export interface Subject {
  base: Commit;
  head: Commit;
  baseTree: string;
  merge: MergeResult;
  policy: Policy;
}

/** A policy given apart from the repository: the file's text and how to call it in errors. */
export interface GivenPolicy {
  path: string;
  text: string;
}

export async function readSubject(
  repository: Repository,
  refs: { base: string | null; head: string },
  given: GivenPolicy | null,
): Promise<Subject> {
  const base = await repository.resolve(refs.base ?? (await repository.defaultBranch()));
  const head = await repository.resolve(refs.head);
  const baseTree = await repository.treeOf(base);
  const policy = given === null ? await policyOf(repository, baseTree) : parsed(given.text, given.path);
  return { base, head, baseTree, merge: await repository.merge(base, head), policy };
}

async function policyOf(repository: Repository, tree: string): Promise<Policy> {
  const bytes = await repository.read(tree, policyPath);
  return bytes === null ? defaultPolicy : parsed(bytes.toString("utf8"), policyPath);
}

/** Base's policy has to be right before anything can be judged by it. */
function parsed(text: string, path: string): Policy {
  const loaded = loadPolicy(text, path);
  if (loaded.ok) return loaded.policy;
  const [first, ...others] = loaded.problems;
  throw new Problem({
    code: "bad-policy",
    text: `${place(first)}${first?.text ?? "the policy can't be read."}${others.length > 0 ? ` (and ${others.length} more)` : ""}`,
    hint: first?.hint ?? "Mend the file.",
  });
}

const place = (problem: PolicyProblem | undefined): string =>
  problem === undefined ? "" : `${problem.path}:${problem.line}:${problem.column}: `;

/** Findings about configuration: a policy that the change would break, and lint options of base that are not passed on. */
export async function configFindings(
  repository: Repository,
  subject: Subject,
  tree: string,
  changed: readonly ChangedFile[],
): Promise<Finding[]> {
  const change = changed.find(({ path, status }) => path === policyPath && status !== "removed");
  if (change === undefined) return [];
  const bytes = await repository.read(tree, policyPath);
  if (bytes === null)
    return [finding("error", policyPath, null, null, "policy-unreadable", "the policy would no longer be a regular file")];
  const loaded = loadPolicy(bytes.toString("utf8"), policyPath);
  if (loaded.ok)
    return [finding("notice", policyPath, null, null, "policy-of-base", "the policy changes here; this change was judged by base's")];
  return loaded.problems.map(({ path, line, column, text, hint }) => ({
    ...finding("error", path, line, column, "bad-policy", `${text} ${hint}`),
    onChangedLine: change.added.has(line),
  }));
}

export interface LintSettings {
  options: string[];
  ignores: "block" | "allow";
  findings: Finding[];
}

/** How to lint: base's `.puppet-lint.rc`, as far as it is harmless, and the policy's own words. */
export async function lintSettings(repository: Repository, { baseTree, policy }: Subject): Promise<LintSettings> {
  const rc = await repository.read(baseTree, ".puppet-lint.rc");
  const vetted = vetLintOptions(rc?.toString("utf8") ?? "");
  return {
    options: [...vetted.options, ...disableChecks(policy.lint.disable)],
    ignores: policy.lint.ignores === "allow" ? "allow" : "block",
    findings: vetted.refused.map(({ line, option, why }) =>
      finding("notice", ".puppet-lint.rc", line, null, "lint-option", `${option} is not used: ${why}`),
    ),
  };
}

const finding = (
  severity: Finding["severity"],
  path: string,
  line: number | null,
  column: number | null,
  code: string,
  message: string,
): Finding => ({
  check: "config",
  severity,
  path,
  line,
  column,
  code,
  message,
  onChangedLine: false,
});
