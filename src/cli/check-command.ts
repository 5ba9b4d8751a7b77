import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Progress } from "../engine/ports/progress.ts";
import type { Report } from "../gate/report.ts";
import { Problem } from "../problem.ts";
import type { CheckOptions } from "./options.ts";
import { progressLine, type ProgressStream } from "./progress.ts";
import { painter, renderProblem } from "./paint.ts";
import { renderReport } from "./words.ts";

/** The streams and the clock of a command. */
export interface Terminal {
  stdout: { isTTY?: boolean; write(text: string): unknown };
  stderr: ProgressStream;
  /** Milliseconds. */
  now: () => number;
}

/** Runs the check itself; `policy` is `--config`'s file. */
export type RunCheck = (
  options: CheckOptions,
  policy: { path: string; text: string } | null,
  onProgress: (progress: Progress) => void,
) => Promise<Report>;

/** `puppet-gate check`: runs it, prints the report, gives the exit code. What can't begin is one error, on the stream of its format. */
export async function checkCommand(
  options: CheckOptions,
  run: RunCheck,
  terminal: Terminal,
  renderPage: (report: Report) => string | Promise<string>,
): Promise<number> {
  const progress = progressLine(terminal.stderr, terminal.now);
  try {
    const policy = options.config === null ? null : { path: options.config, text: await readConfig(options.config) };
    const report = await run(options, policy, (step) => progress.show(step));
    progress.end();
    if (options.output !== null) await writeText(join(options.output, "report.json"), `${JSON.stringify(report, null, 2)}\n`, "--output");
    if (options.html !== null) await writeText(options.html, await renderPage(report), "--html");
    terminal.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report, painter(terminal.stdout)));
    return exitCodeOf(report);
  } catch (error) {
    progress.end();
    return failed(error, options.json, terminal);
  }
}

/** 0: nothing changes. 2: something changes. 1: blocked, newly broken or unknown. */
export function exitCodeOf({ verdict, nodes }: Report): 0 | 1 | 2 {
  if (verdict.outcome !== "pass") return 1;
  return nodes.some(({ outcome }) => outcome === "changed" || outcome === "fixed") ? 2 : 0;
}

/** Prints a Problem; anything else is a fault of ours and is thrown on, with its stack. */
function failed(error: unknown, json: boolean, terminal: Terminal): 1 {
  if (!(error instanceof Problem)) throw error;
  const { code, text, hint } = error;
  if (json) terminal.stdout.write(`${JSON.stringify({ schema: "puppet-gate/report@1", error: { code, text, hint } }, null, 2)}\n`);
  else terminal.stderr.write(renderProblem(error, painter(terminal.stderr)));
  return 1;
}

/** A policy file that was named. Throws a Problem. */
export async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Problem(
      { code: "unreadable-config", text: `${path} (--config) can't be read: ${wordsOf(cause)}.`, hint: "Give the path of a policy file." },
      { cause },
    );
  }
}

async function writeText(path: string, text: string, option: "--output" | "--html"): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    const what = option === "--html" ? "a file" : "a folder";
    const hint = `Give ${option} ${what} that you may write to.`;
    throw new Problem({ code: "unwritable-output", text: `${path} can't be written: ${wordsOf(cause)}.`, hint }, { cause });
  }
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
