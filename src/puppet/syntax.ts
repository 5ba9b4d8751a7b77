import type { Unplaced } from "../catalog/finding.ts";
import { constants } from "node:os";
import { z } from "zod";

import { type SyntaxKind, syntaxKind } from "../catalog/syntax-kind.ts";
import { Problem } from "../problem.ts";
import type { RunResult } from "../process/run.ts";
import { type Parser, parse } from "./parser.ts";
import { type ExportedTree, inspect, type TreeFile, unchecked, type UncheckedCode } from "./tree-files.ts";
import { visible } from "./visible.ts";

/** Bounds of one look at a tree's files. The defaults are generous for honest files: Puppet parses 1 MiB in about 5 seconds. */
export interface SyntaxLimits {
  /** Bytes; a larger file is not parsed, which is a finding. */
  fileBytes: number;
  /** Seconds for one file. */
  fileSeconds: number;
  /** Findings of one file. */
  findings: number;
  /** How many files may kill the parser before the rest is given up. */
  deaths: number;
}

const defaults: SyntaxLimits = { fileBytes: 10 * 1024 * 1024, fileSeconds: 15, findings: 100, deaths: 3 };

/** Seconds for Ruby and Puppet to start on a busy machine (1 on an idle one), and for each file on average (2 ms on an idle one). */
const startSeconds = 60;
const secondsPerFile = 0.2;

interface Job {
  id: number;
  file: TreeFile;
  kind: SyntaxKind;
}

/**
 * Parses the files of a tree that have a syntax (`syntaxKind`) in the sandbox, by one Ruby process that evaluates nothing, and gives
 * what is wrong with them, in the order of `paths`. A file that could not be parsed in time, memory or size is a finding with a code
 * that begins with `unchecked-`. Throws a Problem where Ruby or Puppet don't start.
 */
export async function runSyntax(
  tree: ExportedTree,
  paths: readonly string[],
  options: { limits?: Partial<SyntaxLimits>; signal?: AbortSignal; parser?: Parser | null } = {},
): Promise<Unplaced[]> {
  const limits = { ...defaults, ...options.limits };
  const wanted = paths.filter((path) => syntaxKind(path) !== null);
  const { files, refused } = await inspect(tree.folder, wanted, limits.fileBytes);
  const jobs = files.flatMap((file, id): Job[] => {
    const kind = syntaxKind(file.path);
    return kind === null ? [] : [{ id, file, kind }];
  });
  const found = await parseAll(tree, jobs, limits, options);
  const refusals = refused.map(({ path, code, message }) => unchecked("syntax", path, code, message));
  const order = new Map(paths.map((path, at) => [path, at]));
  const placeOf = ({ path }: Unplaced): number => order.get(path ?? "") ?? 0;
  return [...found, ...refusals].toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Runs the parser over all files; where one of them ends it, that one is told and the parser is started again behind it. */
async function parseAll(
  tree: ExportedTree,
  jobs: Job[],
  limits: SyntaxLimits,
  { signal, parser: first = null }: { signal?: AbortSignal; parser?: Parser | null },
): Promise<Unplaced[]> {
  const found: Unplaced[] = [];
  let left = jobs;
  let parser = first;
  for (let deaths = 0; left.length > 0; deaths++) {
    if (deaths === limits.deaths) {
      const message = `not checked: ${deaths} other files of this change ended the parser`;
      return [...found, ...left.map(({ file }) => unchecked("syntax", file.path, "unchecked-crash", message))];
    }
    const result = await parseOnce(tree, left, limits, { signal, parser });
    parser = null;
    signal?.throwIfAborted();
    const answers = readAnswers(result);
    const answered = left.slice(0, answers.length);
    found.push(...answered.flatMap(({ id, file }, at) => toFindings(answers[at], id, file.path).toSorted(byPlace)));
    const [culprit, ...rest] = left.slice(answers.length);
    if (culprit === undefined) return found;
    found.push(unchecked("syntax", culprit.file.path, ...causeOf(result)));
    left = rest;
  }
  return found;
}

async function parseOnce(
  tree: ExportedTree,
  jobs: readonly Job[],
  limits: SyntaxLimits,
  { signal, parser }: { signal: AbortSignal | undefined; parser: Parser | null },
): Promise<RunResult> {
  const wanted = {
    seconds: limits.fileSeconds,
    most: limits.findings,
    files: jobs.map(({ id, file, kind }) => ({
      id,
      kind,
      path: Buffer.concat([Buffer.from(`${tree.root}/`), file.name]).toString("base64"),
    })),
  };
  const seconds = startSeconds + limits.fileSeconds + secondsPerFile * jobs.length;
  const request = JSON.stringify(wanted);
  if (parser === null || parser.seconds < seconds) return parse(tree.sandbox, { request, seconds, signal });
  const end = (): void => void parser.end();
  signal?.addEventListener("abort", end, { once: true });
  try {
    const result = await parser.parse(request);
    if (isReady(result)) return result;
  } finally {
    signal?.removeEventListener("abort", end);
  }
  signal?.throwIfAborted();
  // It ended while it waited, which says nothing of these files.
  return parse(tree.sandbox, { request, seconds, signal });
}

/** Whether it had loaded what it needs, and read what it is to parse. */
const isReady = ({ stdout }: RunResult): boolean => stdout.toString("utf8").startsWith("ready\n");

const place = z.int().positive().nullable();
const answerSchema = z.strictObject({
  id: z.int(),
  findings: z.array(z.tuple([z.enum(["error", "warning"]), place, place, z.string(), z.string()])),
});
type Answer = z.infer<typeof answerSchema>;

/**
 * The whole lines that are answers, up to the first that is not: what comes behind it can't be trusted to be one. Throws a Problem
 * where the parser ended before it had read the name of a single file.
 */
function readAnswers(result: RunResult): Answer[] {
  const [ready, ...lines] = result.stdout.toString("utf8").split("\n").slice(0, -1);
  if (ready !== "ready") throw notStarted(result);
  const answers: Answer[] = [];
  for (const line of lines) {
    const answer = answerSchema.safeParse(parseJson(line));
    if (!answer.success) break;
    answers.push(answer.data);
  }
  return answers;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined; // which the schema refuses
  }
}

function toFindings(answer: Answer | undefined, id: number, path: string): Unplaced[] {
  if (answer?.id !== id) return [unchecked("syntax", path, "unchecked-crash", "not checked: the parser answered out of order")];
  return answer.findings.map(([severity, line, column, code, message]) => ({
    check: "syntax",
    severity,
    path,
    line,
    column,
    code: visible(code, 60),
    message: visible(message),
  }));
}

const byPlace = (a: Unplaced, b: Unplaced): number => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

/** How a file ended the parser. bwrap gives a signal as 128 and its number. */
function causeOf(result: RunResult): [UncheckedCode, string] {
  const outOfTime = result.timedOut || result.exitCode === 128 + constants.signals.SIGXCPU;
  if (outOfTime) return ["unchecked-time", "not checked: parsing it did not end in time"];
  if (result.memoryLimit) return ["unchecked-memory", "not checked: parsing it took more memory than it may"];
  if (result.outputLimit) return ["unchecked-output", "not checked: the parser said more about it than is kept"];
  return ["unchecked-crash", `not checked: parsing it ended the parser (${result.signal ?? `exit code ${result.exitCode}`})`];
}

const notStarted = ({ timedOut, stderr, exitCode, signal }: RunResult): Problem =>
  new Problem({
    code: "no-puppet",
    text: `Ruby with Puppet did not start in the sandbox: ${timedOut ? "it took too long" : visible(stderr, 300) || (signal ?? `exit code ${exitCode}`)}.`,
    hint: "Check that `puppet --version` works on this machine; on Debian and Ubuntu: apt-get install ruby puppet-agent.",
  });
