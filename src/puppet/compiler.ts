import type { CompileError, CompileLimits, CompileOutcome, NodeFacts, NodeStatements } from "../engine/ports.ts";
import { Problem } from "../problem.ts";
import { type LineWorker, startLineWorker } from "../process/line-worker.ts";
import { isReady, readOutcome, readStatements } from "./answer.ts";
import type { Environment } from "./environment.ts";
import { cannotStart, failureOf, givenUp, hostile } from "./failures.ts";
import type { Sandbox } from "./sandbox.ts";
import { mebibyte, workerCommand, workerEnv, workerFiles } from "./worker-files.ts";

export interface CompilerOptions {
  sandbox: Sandbox;
  environment: Environment;
  limits: CompileLimits;
  workers: number;
  seal: (text: string) => string;
}

export interface Compiler {
  nodeStatements: () => Promise<NodeStatements>;
  compile: (nodes: readonly NodeFacts[], onOutcome: (outcome: CompileOutcome) => void, signal?: AbortSignal) => Promise<void>;
  /** Ends every worker, and every compile with an AbortError. */
  close: () => Promise<void>;
}

/** After so many failures in a row that are not Puppet's own (each may have cost its whole time limit), the rest is not tried. */
const mostFaults = 5;

/**
 * Compiles nodes of one tree on workers side by side, each a sandbox of its own. A worker stays for the next node, unless it failed
 * otherwise than by Puppet's word: then it is ended, that node's outcome says how, and a fresh one takes the next node.
 */
export async function createCompiler({ sandbox, environment, limits, workers, seal }: CompilerOptions): Promise<Compiler> {
  const files = await workerFiles(environment, limits);
  const closing = new AbortController();
  const running = new Set<LineWorker>();
  const idle: LineWorker[] = [];

  const end = async (worker: LineWorker): Promise<void> => {
    await worker.end();
    running.delete(worker);
  };

  /** A worker that is ready. Throws a Problem where there can be none. */
  const takeWorker = async (signal: AbortSignal): Promise<LineWorker> => {
    signal.throwIfAborted();
    for (let worker = idle.pop(); worker; worker = idle.pop()) {
      if (worker.alive) return worker;
      await end(worker);
    }
    const command = sandbox.worker({ command: workerCommand, files, env: workerEnv });
    // The worker itself keeps to the limit and says so; this is for one that no longer does.
    const worker = startLineWorker(command, { lineBytes: limits.outputMib * mebibyte + 1024 });
    running.add(worker);
    const answer = await worker.ask(null, { seconds: limits.startSeconds, signal });
    if (answer.kind === "line" && isReady(answer.line)) return worker;
    await end(worker);
    signal.throwIfAborted();
    throw cannotStart(answer, limits);
  };

  const compileOne = async (worker: LineWorker, node: NodeFacts, signal: AbortSignal): Promise<CompileOutcome> => {
    const { certname, values, trusted } = node;
    const request = JSON.stringify({ op: "compile", certname, facts: values, trusted });
    const answer = await worker.ask(request, { seconds: limits.nodeSeconds, signal });
    signal.throwIfAborted();
    if (answer.kind === "line") return readOutcome(answer.line, { certname, root: environment.root, limits, seal });
    if (answer.kind === "aborted") throw new Error("a worker was aborted without a signal");
    return { certname, ok: false, error: failureOf(answer, limits) };
  };

  const compile: Compiler["compile"] = async (nodes, onOutcome, signal) => {
    const failed = new AbortController();
    const any = AbortSignal.any([closing.signal, failed.signal, ...(signal ? [signal] : [])]);
    const queue = [...nodes];
    let faults = 0;
    let giveUp: ReturnType<typeof givenUp> | null = null;

    const lane = async (): Promise<void> => {
      let worker: LineWorker | null = null;
      for (let node = queue.shift(); node; node = queue.shift()) {
        if (giveUp) {
          onOutcome({ certname: node.certname, ok: false, error: giveUp });
          continue;
        }
        worker ??= await takeWorker(any);
        const outcome = await compileOne(worker, node, any);
        if (!outcome.ok && (!worker.alive || isFault(outcome.error))) {
          await end(worker);
          worker = null;
          if (++faults >= mostFaults) giveUp ??= givenUp(outcome.error, faults);
        } else faults = 0;
        onOutcome(outcome);
      }
      if (worker) idle.push(worker);
    };
    const lanes = Array.from({ length: Math.min(workers, nodes.length) }, async () => {
      try {
        await lane();
      } catch (error) {
        failed.abort(error);
      }
    });
    await Promise.all(lanes);
    if (failed.signal.aborted) {
      await Promise.all([...running].filter((worker) => !worker.alive).map(end));
      throw failed.signal.reason;
    }
  };

  const nodeStatements: Compiler["nodeStatements"] = async () => {
    const worker = await takeWorker(closing.signal);
    const answer = await worker.ask('{"op":"node_statements"}', { seconds: limits.nodeSeconds, signal: closing.signal });
    closing.signal.throwIfAborted();
    const read = answer.kind === "line" ? readStatements(answer.line) : null;
    if (read && "names" in read) {
      idle.push(worker);
      return read;
    }
    await end(worker);
    if (answer.kind === "aborted") throw new Error("a worker was aborted without a signal");
    const error = read ?? (answer.kind === "line" ? hostile("it is no list of node statements") : failureOf(answer, limits));
    throw manifestProblem(error.message, error.path, error.line);
  };

  return {
    compile,
    nodeStatements,
    close: async () => {
      closing.abort();
      await Promise.all([...running].map(end));
    },
  };
}

/** Whether the worker is not to be relied on any more, though it lives. */
const isFault = ({ code }: CompileError): boolean => code === "crash" || code === "memory" || code === "hostile";

const manifestProblem = (message: string, path: string | null, line: number | null): Problem =>
  new Problem({
    code: "main-manifest",
    text: `The main manifest can't be read${path === null ? "" : ` (${path}${line === null ? "" : `:${line}`})`}: ${message}`,
    hint: "Repair it: no node of this tree compiles without it.",
  });
