import { randomUUID } from "node:crypto";
import { lstat, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { run, type RunResult } from "../process/run.ts";
import { endedBadly, lastWords } from "./ended-badly.ts";
import { reasonOf } from "./folder.ts";
import { type Compiler, forEnvironment } from "./site-schema.ts";

/**
 * One deploy of one environment on one compiler. r10k has no lock of its own, and two of it at once spoil an environment (r10k#610): flock(1) holds one
 * for each compiler, in a process above the command, so that it holds for as long as the command goes on even when this process was killed.
 *
 * From before the command begins until all has ended well a mark stands beside the lock. A deploy that was broken off leaves files of one commit under a
 * deploy file of another, which is not to be seen in that file: while there is the mark, nothing is believed of the environment.
 */
export async function deployOn(compiler: Compiler, environment: string, folder: string, signal: AbortSignal): Promise<string | null> {
  const { name, deploy, flush, minutes } = compiler;
  const seconds = minutes * 60;
  const files = { lock: join(folder, `${name}.lock`), mark: markOf(folder, name, environment) };
  const id = randomUUID();
  const called = (argv: readonly string[]): string[] => argv.map((each) => forEnvironment(each, environment));
  const program = basename(deploy[0] ?? "");
  if (signal.aborted) return `${name}: nothing was started, because it was called off`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    return `${name}: nothing was started, because ${folder} can't be made: ${reasonOf(error)}`;
  }
  const started = await start(compiler, locked(files.lock, 0, begin, [files.mark, id, ...called(deploy)]), seconds, signal);
  if (started.exitCode === busy && (await readMark(files.mark)) !== id)
    return `${name}: nothing was started, because another process deploys there; it is tried again`;
  if (started.exitCode === frozen)
    return `${name}: deploying is frozen there (\`write_lock\` of r10k)${lastWords(`${started.stdout.toString()}\n${started.stderr}`)}`;
  const failed = endedBadly(program, started, seconds);
  if (failed !== null) return `${name}: ${failed}`;
  if (flush !== null) {
    const flushed = await start(compiler, called(flush), seconds, signal);
    const unflushed = endedBadly(basename(flush[0] ?? ""), flushed, seconds);
    if (unflushed !== null) return `${name}: ${environment} was deployed, but not flushed: ${unflushed}`;
  }
  const ended = await start(compiler, locked(files.lock, lockSeconds, end, [files.mark, id]), lockSeconds * 2, signal);
  const unmarked = endedBadly("flock", ended, lockSeconds);
  return unmarked === null ? null : `${name}: ${environment} was deployed, but its mark could not be taken away: ${unmarked}`;
}

/** Whether a deploy of the environment began and did not end well. Throws where that can't be looked at. */
export async function isUnfinished(folder: string, compiler: string, environment: string): Promise<boolean> {
  try {
    await lstat(markOf(folder, compiler, environment));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

const markOf = (folder: string, compiler: string, environment: string): string => join(folder, `${compiler}.${environment}.unfinished`);

async function readMark(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

const outputBytes = 4 * 1024 * 1024;

const start = (
  { variables }: Compiler,
  [file = "", ...args]: readonly string[],
  seconds: number,
  signal: AbortSignal,
): Promise<RunResult> => run({ file, args, env: variables, cwd: "/", seconds, outputBytes, signal });

/** To take a mark away. A deploy does not wait for another process: its own time would pass, and it is tried again soon enough. */
const lockSeconds = 10;
/** EX_TEMPFAIL of sysexits.h. The command may end so, too: the mark tells whether it began. */
const busy = 75;
/** How r10k ends where `deploy: write_lock` is set, before it touches anything (3.15, lib/r10k/action/deploy/deploy_helpers.rb). */
const frozen = 16;

/** A shell's script under the lock. `--close`: what a command leaves running must not hold the lock for ever. */
const locked = (lock: string, wait: number, script: string, args: readonly string[]): string[] => [
  "/usr/bin/flock",
  "--close",
  `--timeout=${wait}`,
  `--conflict-exit-code=${busy}`,
  lock,
  "/bin/sh",
  "-c",
  script,
  "puppet-gate",
  ...args,
];

/** Sets the mark and deploys. Where nothing was touched, a mark that was not there before goes again. */
const begin = `mark=$1 id=$2
shift 2
before=
[ -e "$mark" ] && before=yes
printf %s "$id" >"$mark" || exit 1
"$@"
code=$?
[ "$code" = ${frozen} ] && [ -z "$before" ] && rm -f "$mark"
exit "$code"`;

/** Takes the mark away, unless it is of a later deploy by now. */
const end = `[ "$(cat "$1")" != "$2" ] || rm "$1"`;
