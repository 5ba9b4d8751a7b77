import { findingsOf } from "../catalog/finding.ts";
import type { Finding } from "../catalog/effects.ts";
import { disableChecks, vetLintOptions } from "../catalog/lint-options.ts";
import type { Policy } from "../policy/schema.ts";
import { type Apart, askPolicy } from "./head-policy.ts";
import { policyOf, policyPath, readPolicyText, type PolicyFileText } from "./layers.ts";
import type { ChangedFile, Commit, MergeResult, Repository } from "./ports/repository.ts";

const lintPath = ".puppet-lint.rc";

/** What is judged: two commits, their merge result, and by which rules. */
export interface Subject {
  base: Commit;
  head: Commit;
  baseTree: string;
  merge: MergeResult;
  policy: Policy;
}

export async function readSubject(
  repository: Repository,
  refs: { base: string | null; head: string },
  { given, organisation }: { given: PolicyFileText | null; organisation: PolicyFileText | null },
): Promise<Subject> {
  const base = await repository.resolve(refs.base ?? (await repository.defaultBranch()));
  const head = await repository.resolve(refs.head);
  const baseTree = await repository.treeOf(base);
  const policy = policyOf(organisation, given ?? (await readPolicyText(repository, baseTree)));
  return { base, head, baseTree, merge: await repository.merge(base, head), policy };
}

/** Findings about files that say how a change is judged: base's count for this one, and a policy that the change would break blocks. The change's own is read by `apart`. */
export async function configFindings(
  repository: Repository,
  tree: string,
  changed: readonly ChangedFile[],
  { enc, standIns }: Pick<Policy["compile"], "enc" | "standIns">,
  apart: Apart,
): Promise<Finding[]> {
  const findings = [...outsideFindings("classification", enc, changed), ...outsideFindings("stand-ins", standIns, changed)];
  for (const change of changed) {
    const goes = change.oldPath === policyPath || (change.status === "removed" && change.path === policyPath);
    if (goes)
      findings.push(
        finding("notice", { path: policyPath }, "policy-goes", "the policy goes: from the next change on the default one judges"),
      );
    if (change.status === "removed") continue;
    if (change.path === policyPath) findings.push(...(await policyFindings(repository, tree, change, apart)));
    if (change.path === lintPath) {
      findings.push(
        finding("notice", { path: lintPath }, "lint-of-base", "the lint configuration changes here; this change was linted with base's"),
      );
    }
  }
  return findings;
}

/** Classification and stand-ins that the repository holds are base's as well. */
function outsideFindings(what: "classification" | "stand-ins", place: string | null, changed: readonly ChangedFile[]): Finding[] {
  const folder = place?.replace(/\/+$/u, "");
  const isIn = (path: string | null): boolean => path !== null && (path === folder || path.startsWith(`${folder}/`));
  const found = folder === undefined ? [] : changed.filter(({ path, oldPath }) => isIn(path) || isIn(oldPath));
  return found.map(({ path }) => {
    const verb = what === "classification" ? "changes" : "change";
    return finding(
      "notice",
      { path },
      `${what}-of-base`,
      `${what} ${verb} here; this change was judged with base's, the next one is with these`,
    );
  });
}

async function policyFindings(repository: Repository, tree: string, change: ChangedFile, apart: Apart): Promise<Finding[]> {
  const bytes = await repository.read(tree, policyPath);
  if (bytes === null) return [finding("error", { path: policyPath }, "policy-unreadable", "the policy would no longer be a regular file")];
  const problems = await askPolicy(apart, { kind: "policy", ask: "problems", text: bytes.toString("utf8"), path: policyPath });
  if (!problems.known) return [finding("error", { path: policyPath }, "bad-policy", `the policy can't be read: ${problems.reason}`)];
  if (problems.value.length === 0)
    return [finding("notice", { path: policyPath }, "policy-of-base", "the policy changes here; this change was judged by base's")];
  return problems.value.map(({ path, line, column, text, hint }) => ({
    ...finding("error", { path, line, column }, "bad-policy", `${text} ${hint}`),
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
  const rc = await repository.read(baseTree, lintPath);
  const vetted = vetLintOptions(rc?.toString("utf8") ?? "");
  return {
    options: [...vetted.options, ...disableChecks(policy.lint.disable)],
    ignores: policy.lint.ignores === "allow" ? "allow" : "block",
    findings: vetted.refused.map(({ line, option, why }) =>
      finding("notice", { path: lintPath, line }, "lint-option", `${option} is not used: ${why}`),
    ),
  };
}

const finding = findingsOf("config");
