import { compareLint, type LintComparison, type SideTexts } from "../catalog/lint-debt.ts";
import { suggestionsOf, type Suggestion } from "../catalog/fixes.ts";
import { literalSecrets } from "../catalog/literal-secrets.ts";
import { addedIgnores } from "../catalog/lint-ignores.ts";
import { rubyCalls } from "../catalog/ruby-calls.ts";
import { Problem } from "../problem.ts";
import type { Finding } from "../catalog/effects.ts";
import type { Unplaced } from "../catalog/finding.ts";
import { syntaxKind } from "../catalog/syntax-kind.ts";
import { linkFindings } from "./links.ts";
import { laneCodes } from "./preconditions/codes.ts";
import type { ChangedFile, Repository } from "./ports/repository.ts";
import type { OpenTree } from "./ports/puppet.ts";
import type { Progress } from "./ports/progress.ts";

/** What linting and parsing the changed files came to. */
export interface FileFindings {
  findings: Finding[];
  /** Lint findings that base has too. */
  debt: number;
  /** What lanes have to know of; nothing where nobody asked. */
  lanes: LintComparison;
  linted: number;
  parsed: number;
  /** Of puppet-lint, for lines that the change touches and has findings on. */
  suggestions: Suggestion[];
  /** Secrets that the changed files spell out. */
  secrets: string[];
}

export interface FileCheck {
  repository: Repository;
  trees: { base: string; merged: string; head: string };
  changed: readonly ChangedFile[];
  /** Opened when something was found in a file that has a form on base to compare with. */
  openBase: () => Promise<OpenTree>;
  openMerged: () => Promise<OpenTree>;
  lint: { options: readonly string[]; ignores: "block" | "allow" };
  /** Whether it is asked what lanes have to know of. */
  lanes?: boolean;
  onProgress: (progress: Progress) => void;
  signal: AbortSignal | undefined;
}

/**
 * Parses and lints the files that the change touches. Only what base does not have counts, so that base is asked about those in which something was
 * found: a change without findings, the usual one, costs one start of Puppet and one of puppet-lint, and not two of each.
 */
export async function checkFiles(check: FileCheck): Promise<FileFindings> {
  const regular = check.changed.filter(isRegular);
  const parsed = regular.filter(({ path }) => isParsed(path));
  const manifests = regular.filter(({ path }) => isManifest(path));
  const after = (files: readonly ChangedFile[]): string[] => files.map(({ path }) => path);
  const options = check.lint.options;
  const links = await linkFindings(check.repository, check.trees.merged, check.changed);
  const none = { introduced: [], debt: 0 };
  if (parsed.length === 0) return { findings: links, debt: 0, lanes: none, linted: 0, parsed: 0, suggestions: [], secrets: [] };
  const merged = await check.openMerged();

  check.onProgress({ step: "syntax", done: 0, total: parsed.length });
  if (manifests.length > 0) check.onProgress({ step: "lint", done: 0, total: manifests.length });
  const [texts, saidHead, lintHead] = await Promise.all([
    readTexts(check, parsed),
    merged.syntax(after(parsed), check.signal),
    merged.lint(after(manifests), options, check.signal),
  ]);
  const { syntax: syntaxHead, lanes: lanesHead } = told(saidHead, check.lanes === true);
  const [saidBase, lintBase] = await Promise.all([
    onBase(check, foundIn(parsed, [...syntaxHead, ...lanesHead]), (tree, paths) => tree.syntax(paths, check.signal)),
    onBase(check, foundIn(manifests, lintHead), (tree, paths) => tree.lint(paths, options, check.signal)),
  ]);
  const { syntax: syntaxBase, lanes: lanesBase } = told(saidBase, check.lanes === true);
  const syntax = compareLint(syntaxBase, syntaxHead, check.changed, texts);
  const lint = compareLint(lintBase, lintHead, check.changed, texts);
  return {
    findings: [
      ...links,
      ...syntax.introduced,
      ...lint.introduced,
      ...addedIgnores(manifests, texts, check.lint.ignores),
      ...rubyCalls(parsed, texts),
    ],
    debt: lint.debt,
    lanes: compareLint(lanesBase, lanesHead, check.changed, texts),
    linted: manifests.length,
    parsed: parsed.length,
    suggestions: await suggested(check, merged, { lint: lint.introduced, syntax: syntaxHead }, texts),
    secrets: [...texts.base.values(), ...texts.head.values()].flatMap(literalSecrets),
  };
}

/** What the parsers found wrong, and what they say for lanes. */
const told = (said: readonly Unplaced[], lanes: boolean): { syntax: Unplaced[]; lanes: Unplaced[] } => ({
  syntax: said.filter(({ code }) => !laneCodes.has(code)),
  lanes: lanes ? said.filter(({ code }) => laneCodes.has(code)) : [],
});

/**
 * puppet-lint's own mending, offered where a finding of this change stands on one of its lines. Not in a file that does not parse: there
 * it has been seen to drop what it makes no token of (`class { "` became `class {`).
 */
async function suggested(
  check: FileCheck,
  merged: OpenTree,
  findings: { lint: readonly Finding[]; syntax: readonly Unplaced[] },
  texts: SideTexts,
): Promise<Suggestion[]> {
  const broken = new Set(findings.syntax.map(({ path }) => path));
  const open = findings.lint.filter(({ onChangedLine, severity, path }) => onChangedLine && severity !== "notice" && !broken.has(path));
  const paths = await asInHead(check, new Set(open.flatMap(({ path }) => (path === null ? [] : [path]))), texts);
  if (paths.length === 0) return [];
  const fixed = await merged.fixLint(paths, check.lint.options, check.signal);
  return [...(fixed ?? [])].flatMap(([path, text]) => {
    const lines = check.changed.find((file) => file.path === path)?.added ?? new Set<number>();
    const offered = suggestionsOf(path, texts.head.get(path) ?? text, text, lines);
    return offered.filter(({ line, endLine }) => open.some((finding) => isWithin(finding, path, line, endLine)));
  });
}

/** Suggestions are made on the head's lines: of a file that base changed too, the merge result's are others. */
async function asInHead({ repository, trees }: FileCheck, paths: ReadonlySet<string>, { head: merged }: SideTexts): Promise<string[]> {
  const same: string[] = [];
  for (const path of paths) if ((await textOf(repository, trees.head, path)) === merged.get(path)) same.push(path);
  return same;
}

const isWithin = (finding: Finding, path: string, from: number, to: number): boolean =>
  finding.path === path && finding.line !== null && finding.line >= from && finding.line <= to;

/** Whether Puppet itself has to be loaded to parse some of these. */
export const isParsedByPuppet = (changed: readonly ChangedFile[]): boolean =>
  changed.some((file) => isRegular(file) && ["manifest", "plan", "epp"].includes(syntaxKind(file.path) ?? ""));

const isRegular = ({ status, mode }: ChangedFile): boolean => status !== "removed" && (mode === "100644" || mode === "100755");
const isManifest = (path: string): boolean => ["manifest", "plan"].includes(syntaxKind(path) ?? "");
const isParsed = (path: string): boolean => syntaxKind(path) !== null;

/** What files with findings are called on base; those that it does not have are left out. */
function foundIn(files: readonly ChangedFile[], findings: readonly Unplaced[]): string[] {
  const found = new Set(findings.map(({ path }) => path));
  return files.filter(({ path, status }) => status !== "added" && found.has(path)).map(({ path, oldPath }) => oldPath ?? path);
}

const onBase = async (
  check: FileCheck,
  paths: string[],
  look: (tree: OpenTree, paths: string[]) => Promise<Unplaced[]>,
): Promise<Unplaced[]> => (paths.length === 0 ? [] : look(await check.openBase(), paths));

async function readTexts({ repository, trees }: FileCheck, files: readonly ChangedFile[]): Promise<SideTexts> {
  const base = new Map<string, string>();
  const head = new Map<string, string>();
  for (const { path, oldPath } of files) {
    const after = await textOf(repository, trees.merged, path);
    if (after !== null) head.set(path, after);
    const before = await textOf(repository, trees.base, oldPath ?? path);
    if (before !== null) base.set(oldPath ?? path, before);
  }
  return { base, head };
}

/** Null where the file is no regular one, or too large to read: without its text, nothing in it counts as known on base. */
async function textOf(repository: Repository, tree: string, path: string): Promise<string | null> {
  try {
    const bytes = await repository.read(tree, path);
    return bytes === null ? null : bytes.toString("utf8");
  } catch (error) {
    if (error instanceof Problem && error.code === "file-too-large") return null;
    throw error;
  }
}
