import type { DiskLimit } from "../process/disk.ts";
import { type RunResult, run } from "../process/run.ts";
import type { Environment } from "./environment.ts";
import { gitFailed, gitMissing, missingObjects, problem, saidBy, tookTooLong } from "./problems.ts";

/** Where a question is asked: an environment that names the repository, and an absolute folder to stand in. */
export interface Place {
  env: Environment;
  cwd: string;
  /** Whether its objects are those of a partial clone: then a missing one is no damage. */
  partial?: boolean;
}

export interface Question {
  input?: string | Uint8Array;
  /** Exit codes that are answers; 0 alone where nothing is said. */
  answers?: readonly number[];
  /** Wall clock. */
  seconds?: number;
  /** What it may write below a folder; more is no answer, which whoever asks has to tell by `diskLimit`. */
  disk?: DiskLimit;
  /** What must not stand in any words: it is taken out of what git says, and a remote may make git say anything. */
  secrets?: readonly string[];
  /** A program in git's place, which is given git's arguments. */
  through?: readonly string[];
}

/** Enough for a tree of a million files; what is larger is read as a stream. */
const OUTPUT_BYTES = 256 * 2 ** 20;
const SECONDS = 120;

/** Asks git one question. Throws a Problem for whatever is no answer. */
export async function git(place: Place, args: readonly string[], question: Question = {}): Promise<RunResult> {
  const seconds = question.seconds ?? SECONDS;
  const [file = "git", ...before] = question.through ?? [];
  const raw = await run({
    file,
    args: [...before, ...args],
    env: place.env,
    cwd: place.cwd,
    seconds,
    outputBytes: OUTPUT_BYTES,
    ...(question.input === undefined ? {} : { input: question.input }),
    ...(question.disk === undefined ? {} : { disk: question.disk }),
  });
  const result = { ...raw, stderr: (question.secrets ?? []).reduce((text, secret) => text.replaceAll(secret, "***"), raw.stderr) };
  if (result.diskLimit) return result;
  if (result.exitCode !== null && !result.outputLimit && (question.answers ?? [0]).includes(result.exitCode)) return result;
  throw failure(place, args, result, seconds);
}

/** Why a question has no answer. */
export function failure(
  place: Place,
  args: readonly string[],
  result: Pick<RunResult, "spawnError" | "timedOut" | "stderr"> & { outputLimit?: boolean },
  seconds = SECONDS,
): Error {
  const what = args.find((arg) => !arg.startsWith("-")) ?? "";
  if (result.spawnError?.code === "ENOENT") return problem(gitMissing());
  if (result.spawnError) return problem(gitFailed(what, result.spawnError.message));
  if (result.timedOut) return problem(tookTooLong(what, seconds));
  if (result.outputLimit) return problem(gitFailed(what, `its answer is larger than ${OUTPUT_BYTES / 2 ** 20} MiB`));
  if (MISSING.test(result.stderr)) return problem(missingObjects(place.partial === true, saidBy(result.stderr)));
  return problem(gitFailed(what, saidBy(result.stderr)));
}

const MISSING =
  /unable to read|could not read|missing (?:blob|tree|commit|object)|bad object|not a valid object|object not found|promisor|lazy fetching/iu;

/** Splits what is ended by NUL bytes. */
export function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

/** A full object id, SHA-1 or SHA-256. */
export const isObjectId = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text);

/** The door for ids that others hand in: none can be taken for an option or a revision expression. */
export function requireObjectId(text: string): string {
  if (!isObjectId(text)) throw new TypeError(`${JSON.stringify(text)} is not a full object id`);
  return text;
}
