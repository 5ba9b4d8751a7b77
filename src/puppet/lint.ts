import type { Unplaced } from "../catalog/finding.ts";
import { isUtf8 } from "node:buffer";

import { syntaxKind } from "../catalog/syntax-kind.ts";
import { Problem } from "../problem.ts";
import type { RunResult } from "../process/run.ts";
import { lintFinding, readProblems } from "./lint-output.ts";
import { type ExportedTree, inspect, type TreeFile, unchecked, type UncheckedCode } from "./tree-files.ts";
import { visible } from "./visible.ts";

/** Bounds of linting one tree. puppet-lint takes about 30 ms for a usual file and a second for each 64 KiB of a large one. */
export interface LintLimits {
  /** Bytes; a larger manifest is not linted, which is a finding. */
  fileBytes: number;
  /** Manifests of one run. */
  batch: number;
  /** Seconds for a run, and besides that for each of its files, and the bytes that buy another second. */
  runSeconds: number;
  fileSeconds: number;
  bytesPerSecond: number;
  /** Seconds after which no further run is started. */
  seconds: number;
}

const defaults: LintLimits = { fileBytes: 1024 * 1024, batch: 50, runSeconds: 20, fileSeconds: 0.5, bytesPerSecond: 16_384, seconds: 300 };

/**
 * Lints the manifests among `paths` in the sandbox by the machine's own puppet-lint, with the plugins that are installed as gems. Its
 * folder and home are empty, it is told to read no configuration, and every file is named by its absolute path: whatever the tree
 * holds is material and never an option. Findings that a control comment hides come as notices, the others as puppet-lint rates
 * them. `options` have been vetted; one that this puppet-lint does not know is a notice.
 *
 * A manifest that makes puppet-lint fail is found out by halving its batch, and is a finding; the others keep their results.
 * Throws a Problem where puppet-lint does not start.
 */
export async function runLint(
  tree: ExportedTree,
  paths: readonly string[],
  options: readonly string[],
  settings: { limits?: Partial<LintLimits>; signal?: AbortSignal } = {},
): Promise<Unplaced[]> {
  const limits = { ...defaults, ...settings.limits };
  const { files, refused } = await inspect(tree.folder, paths.filter(isManifest), limits.fileBytes);
  const named = files.filter(({ name }) => isUtf8(name));
  const found = refused.map(({ path, code, message }) => unchecked("lint", path, code, message));
  for (const { path, name } of files) {
    if (!isUtf8(name)) found.push(unchecked("lint", path, "unchecked-name", "not checked: puppet-lint needs a name that is UTF-8"));
  }
  if (named.length > 0) {
    const { known, notices } = await knownOptions(tree, options, settings.signal);
    const run = { tree, options: known, limits, startedAt: performance.now(), signal: settings.signal };
    for (let at = 0; at < named.length; at += limits.batch) found.push(...(await lintBatch(run, named.slice(at, at + limits.batch))));
    found.push(...notices);
  }
  const order = new Map(paths.map((path, at) => [path, at]));
  const placeOf = ({ path }: Unplaced): number => order.get(path ?? "") ?? -1;
  return found.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.line ?? 0) - (b.line ?? 0));
}

const isManifest = (path: string): boolean => ["manifest", "plan"].includes(syntaxKind(path) ?? "");

interface LintRun {
  tree: ExportedTree;
  options: readonly string[];
  limits: LintLimits;
  /** Milliseconds, monotonic. */
  startedAt: number;
  signal: AbortSignal | undefined;
}

async function lintBatch(run: LintRun, files: readonly TreeFile[]): Promise<Unplaced[]> {
  const all = (code: UncheckedCode, message: string): Unplaced[] => files.map(({ path }) => unchecked("lint", path, code, message));
  const { limits } = run;
  if (performance.now() - run.startedAt > limits.seconds * 1000) {
    return all("unchecked-time", `not checked: linting the other files of this change took more than ${limits.seconds} seconds`);
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const result = await puppetLint(
    run.tree,
    [
      ...run.options,
      "--ignore-paths=",
      "--show-ignored",
      "--json",
      ...files.map(({ name }) => `${run.tree.root}/${name.toString("utf8")}`),
    ],
    limits.runSeconds + limits.fileSeconds * files.length + bytes / limits.bytesPerSecond,
    run.signal,
  );
  const problems = readProblems(result, files.length);
  if (problems !== null) return problems.flatMap((ofFile, at) => ofFile.map((problem) => lintFinding(files[at]?.path ?? "", problem)));
  if (files.length === 1) return all(...causeOf(result));
  const half = Math.ceil(files.length / 2);
  return [...(await lintBatch(run, files.slice(0, half))), ...(await lintBatch(run, files.slice(half)))];
}

/** Exit code 1 means findings, and many other things too: whether it worked is told by its output. */
function causeOf(result: RunResult): [UncheckedCode, string] {
  if (result.timedOut) return ["unchecked-time", "not checked: linting it did not end in time"];
  if (result.memoryLimit) return ["unchecked-memory", "not checked: linting it took more memory than it may"];
  if (result.outputLimit) return ["unchecked-output", "not checked: puppet-lint said more about it than is kept"];
  // The last of these words are puppet-lint's: the file's content, which it prints before them, may hold them too.
  const failure = /^[^]*\nerror:\n```\n(.*)/.exec(result.stdout.toString("utf8"))?.[1];
  const how = failure ?? result.signal ?? `exit code ${result.exitCode}`;
  return ["unchecked-crash", `not checked: puppet-lint failed on it (${visible(how, 200)})`];
}

/**
 * Options of this machine's puppet-lint, by its own help: one that it does not know would end the run, and checks that it does not have
 * would leave nothing to be run by `--only-checks`.
 */
export async function knownOptions(
  tree: ExportedTree,
  options: readonly string[],
  signal?: AbortSignal,
): Promise<{ known: string[]; notices: Unplaced[] }> {
  if (options.length === 0) return { known: [], notices: [] };
  const { stdout } = await puppetLint(tree, ["--help"], 60, signal);
  const names = new Set(stdout.toString("utf8").match(/(?<=\s)--[a-z0-9_-]+/g));
  const isKnown = (option: string): boolean => {
    const [name = "", checks = ""] = option.split("=");
    return names.has(name) && (name !== "--only-checks" || checks.split(",").every((check) => names.has(`--no-${check}-check`)));
  };
  const notices = options
    .filter((option) => !isKnown(option))
    .map((option): Unplaced => ({
      check: "lint",
      severity: "notice",
      path: null,
      line: null,
      column: null,
      code: "lint-option-unknown",
      message: `puppet-lint on this machine has no use for ${visible(option, 100)}: the check is not installed, or is on anyway`,
    }));
  return { known: options.filter(isKnown), notices };
}

/** `--no-config` comes first: puppet-lint looks for it among its arguments before it reads any of the files of options. */
async function puppetLint(tree: ExportedTree, args: readonly string[], seconds: number, signal?: AbortSignal): Promise<RunResult> {
  const result = await tree.sandbox.run({
    command: ["puppet-lint", "--no-config", ...args],
    seconds,
    outputBytes: 64 * 1024 * 1024,
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  if (result.exitCode === 126 || result.exitCode === 127) {
    throw new Problem({
      code: "missing-program",
      text: `puppet-lint does not start in the sandbox: ${visible(result.stderr, 200)}.`,
      hint: "Install it: on Debian and Ubuntu, apt-get install puppet-lint; elsewhere, gem install puppet-lint.",
    });
  }
  return result;
}
