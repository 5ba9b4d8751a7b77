import type { CompileError, CompileLimits } from "../engine/ports/compile.ts";
import { Problem } from "../problem.ts";
import type { Answer } from "../process/line-worker.ts";
import { throwIfNoSandbox } from "./sandbox.ts";
import { visible } from "./visible.ts";

/** All words about compiles that failed for another reason than that Puppet said no. */

const failure = (code: CompileError["code"], message: string): CompileError => ({ code, message, path: null, line: null });

export const hostile = (why: string): CompileError =>
  failure("hostile", `The compiler's answer can't be trusted: ${why}. Code of this tree may write answers of its own.`);

export const tooMuchMemory = ({ memoryMib }: CompileLimits): CompileError =>
  failure("memory", `The compile needed more than the ${memoryMib} MiB of memory it may have.`);

export const tooLong = ({ outputMib }: CompileLimits): CompileError =>
  failure("output", `The catalog is larger than the ${outputMib} MiB it may have.`);

export const timeout = ({ nodeSeconds }: CompileLimits): CompileError =>
  failure("timeout", `The compile did not end within the ${nodeSeconds} seconds it may take.`);

/** What the end of a worker means for the node it was asked about. */
export function failureOf(answer: Exclude<Answer, { kind: "line" | "aborted" }>, limits: CompileLimits): CompileError {
  if (answer.kind === "timeout") return timeout(limits);
  if (answer.kind === "too-long") return tooLong(limits);
  if (answer.kind === "unasked") return hostile("it said more than it was asked");
  if (answer.memoryLimit) return tooMuchMemory(limits);
  // Ruby's last words where even the exception can't be made, and those of the allocators below it.
  if (/failed to allocate memory|\bNoMemoryError\b|[Cc]annot allocate memory|bad_alloc/.test(answer.stderr)) return tooMuchMemory(limits);
  return failure("crash", `The compiler ended without an answer (${ending(answer)}).`);
}

/** For the nodes that come after so many failures that the rest would only repeat them. */
export const givenUp = (last: CompileError, count: number): CompileError => ({
  ...last,
  message: `Not compiled: the ${count} nodes before it ended one after the other without a catalog, the last one so: ${last.message}`,
  path: null,
  line: null,
});

/** A worker that is not ready has loaded Puppet and evaluated nothing of the tree: it is this machine that is at fault. */
export function cannotStart(answer: Answer, limits: Pick<CompileLimits, "startSeconds">): Problem {
  if (answer.kind === "ended") throwIfNoSandbox(answer);
  const missing = answer.kind === "ended" && /cannot load such file -- puppet\b/.test(answer.stderr);
  const how =
    answer.kind === "timeout"
      ? `it was not ready within ${limits.startSeconds} seconds`
      : answer.kind === "ended"
        ? `${ending(answer)}: ${visible(answer.stderr, 300) || "it said nothing"}`
        : "it said something else than that it is ready";
  return new Problem({
    code: missing ? "missing-program" : "compiler-start",
    text: missing ? "Ruby finds no Puppet in the sandbox." : `The compiler does not start in the sandbox: ${how}.`,
    hint: missing
      ? "Install it: on Debian and Ubuntu, apt-get install puppet-agent."
      : "See that `puppet --version` works here, and raise the limits of memory, processes or start time where they are too low for it.",
  });
}

const ending = ({ exitCode, signal }: { exitCode: number | null; signal: string | null }): string => signal ?? `exit code ${exitCode}`;
