import type { CompileLimits, CompileOutcome } from "../engine/ports/compile.ts";
import type { NodeFacts, ServerFacts } from "../engine/ports/nodes.ts";
import type { NodeStatements } from "../engine/ports/puppet.ts";
import type { StandIns } from "../engine/ports/stand-ins.ts";
import type { Definition } from "../plan/definitions.ts";
import { Problem } from "../problem.ts";
import { type Answer, type LineWorker, startLineWorker } from "../process/line-worker.ts";
import { allocator } from "./allocator.ts";
import { isDone, isReady, readBegun, readOutcome, readStatements } from "./answer.ts";
import { readDefinitions } from "./definitions.ts";
import type { Environment } from "./environment.ts";
import { cannotStart, failureOf, hostile } from "./failures.ts";
import type { Sandbox } from "./sandbox.ts";
import { beginning, mebibyte, workerCommand, workerEnv, workerFiles } from "./worker-files.ts";

/** One Ruby process in a sandbox of its own, with Puppet loaded. */
export interface CompileWorker {
  /** Whether it has yet to compile its first node: then what goes wrong is that node's doing. */
  readonly fresh: boolean;
  /** Whether it has told of what it read from its first node on, and so can of the next. */
  readonly traces: boolean;
  /** Whether it can be asked again. A worker whose answer was a fault is not. */
  readonly alive: boolean;
  /** Rejects with the signal's reason, and for nothing that the tree does. */
  compile(node: NodeFacts, trace: boolean, signal: AbortSignal): Promise<Compiled>;
  /** Throws a Problem where the main manifest does not parse. */
  nodeStatements(signal: AbortSignal): Promise<NodeStatements>;
  /** What these files define, null where that can't be known. Only one that is fresh has evaluated nothing that could lie about it. */
  definitions(paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly Definition[] | null>>;
  end(): Promise<void>;
}

export interface Compiled {
  outcome: CompileOutcome;
  /** The answer that it was read from, where Puppet itself said it: a limit that struck says something of a moment, not of the tree. */
  raw: Buffer | null;
}

export interface WorkerOptions {
  sandbox: Sandbox;
  environment: Environment;
  limits: CompileLimits;
  standIns?: StandIns;
  seal: (text: string) => string;
  /** Started in this sandbox before its tree was known. They are taken out as they are used. */
  spares?: Array<Promise<SpareWorker>>;
}

/** A process that has loaded Puppet and was told of no tree yet. */
export interface SpareWorker {
  readonly alive: boolean;
  /** Its next line, by whose request; see `LineWorker`. */
  ask: LineWorker["ask"];
  end(): Promise<void>;
}

interface SpareOptions {
  sandbox: Sandbox;
  limits: Pick<CompileLimits, "startSeconds" | "outputMib">;
  dns?: StandIns["dns"];
  /** False loads nothing before the tree is known but what no tree brings itself. */
  preload?: boolean;
}

/** Starts a process without a tree, and waits until it is ready. Throws a Problem where there can be none. */
export async function startSpareWorker({ sandbox, limits, dns, preload = true }: SpareOptions, signal: AbortSignal): Promise<SpareWorker> {
  const library = allocator();
  const env = { ...workerEnv, ...(library === null ? {} : { LD_PRELOAD: library }), ...(preload ? {} : { PRELOAD: "no" }) };
  const command = sandbox.worker({ command: workerCommand, files: await workerFiles(dns), env });
  // The worker itself keeps to the limit and says so; this is for one that no longer does.
  const worker = startLineWorker(command, { lineBytes: limits.outputMib * mebibyte + 1024 });
  const ready = await worker.ask(null, { seconds: limits.startSeconds, signal });
  if (ready.kind === "line" && isReady(ready.line)) return worker;
  await worker.end();
  signal.throwIfAborted();
  throw cannotStart(ready, limits);
}

/** A worker for this tree: a spare one, or one that is started now. Throws a Problem where there can be none. */
async function begin(options: WorkerOptions, signal: AbortSignal, preload = true): Promise<SpareWorker> {
  const { sandbox, environment, limits, standIns, spares = [] } = options;
  const spare = preload ? await spares.shift()?.catch(() => undefined) : undefined;
  const worker = spare?.alive ? spare : await startSpareWorker({ sandbox, limits, dns: standIns?.dns ?? {}, preload }, signal);
  const answer = await worker.ask(JSON.stringify(beginning(environment, limits, standIns)), { seconds: limits.startSeconds, signal });
  const begun = answer.kind === "line" ? readBegun(answer.line) : null;
  if (begun === "begun") return worker;
  await worker.end();
  signal.throwIfAborted();
  if (begun === "unfit" && preload) return begin(options, signal, false);
  throw cannotStart(answer, limits);
}

/** Gives a worker that is ready for its tree's nodes. Throws a Problem where there can be none. */
export async function startCompileWorker(options: WorkerOptions, signal: AbortSignal): Promise<CompileWorker> {
  const { environment, limits, seal } = options;
  const worker = await begin(options, signal);
  let fresh = true;
  let traces = false;
  let trusted = true;

  /** The answer to one request, once the worker has also said that it has no more to say: two lines to one request are one too many. */
  const ask = async (request: unknown, signal: AbortSignal): Promise<Exclude<Answer, { kind: "aborted" }>> => {
    const answer = await worker.ask(JSON.stringify(request), { seconds: limits.nodeSeconds, signal });
    const done = answer.kind === "line" ? await worker.ask('{"op":"done"}', { seconds: doneSeconds, signal }) : null;
    signal.throwIfAborted();
    if (answer.kind === "aborted") throw new Error("a worker was aborted without a signal");
    return done === null || (done.kind === "line" && isDone(done.line)) ? answer : { kind: "unasked" };
  };

  return {
    get fresh() {
      return fresh;
    },
    get traces() {
      return traces;
    },
    get alive() {
      return trusted && worker.alive;
    },
    compile: async ({ certname, values, trusted: vouched, enc, server }, trace, signal) => {
      const request = {
        op: "compile",
        certname,
        facts: values,
        trusted: vouched,
        server: server ?? defaultServer,
        enc: enc ?? null,
        trace,
      };
      const answer = await ask(request, signal);
      if (fresh) traces = trace;
      fresh = false;
      const outcome: CompileOutcome =
        answer.kind === "line"
          ? readOutcome(answer.line, { certname, root: environment.root, limits, seal })
          : { certname, ok: false, error: failureOf(answer, limits) };
      trusted = outcome.ok || !untrusted.has(outcome.error.code);
      return { outcome, raw: answer.kind === "line" && isPuppets(outcome) ? answer.line : null };
    },
    nodeStatements: async (signal) => {
      const answer = await ask({ op: "node_statements" }, signal);
      const read = answer.kind === "line" ? readStatements(answer.line) : null;
      if (read && "names" in read) return read;
      trusted = false;
      throw manifestProblem(read ?? (answer.kind === "line" ? hostile("it is no list of node statements") : failureOf(answer, limits)));
    },
    definitions: async (paths, signal) => {
      const answer = await ask({ op: "definitions", paths }, signal);
      const read = answer.kind === "line" ? readDefinitions(answer.line, paths) : null;
      if (read) return read;
      trusted = false;
      return new Map(paths.map((path) => [path, null] as const));
    },
    end: () => worker.end(),
  };
}

/** What is said of the server where nobody said anything: the same on every machine. */
const defaultServer: ServerFacts = { serverversion: null, servername: "puppet", serverip: "127.0.0.1" };

/** For a worker that has nothing to do but to say so. */
const doneSeconds = 10;

const isPuppets = (outcome: CompileOutcome): boolean => outcome.ok || outcome.error.code === "compile" || outcome.error.code === "no-node";

/** After these a worker is not to be relied on, though it may live. */
const untrusted = new Set(["crash", "memory", "hostile"]);

const manifestProblem = ({ message, path, line }: { message: string; path: string | null; line: number | null }): Problem =>
  new Problem({
    code: "main-manifest",
    text: `The main manifest can't be read${path === null ? "" : ` (${path}${line === null ? "" : `:${line}`})`}: ${message}`,
    hint: "Repair it: no node of this tree compiles without it.",
  });
