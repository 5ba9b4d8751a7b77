import type { CompileError, CompileOptions, OnOutcome } from "../engine/ports/compile.ts";
import type { NodeFacts } from "../engine/ports/nodes.ts";
import type { NodeStatements, OpenTree } from "../engine/ports/puppet.ts";
import { type Compiled, type CompileWorker, startCompileWorker, type WorkerOptions } from "./compile-worker.ts";
import { givenUp } from "./failures.ts";

export interface Compiler {
  nodeStatements: () => Promise<NodeStatements>;
  definitions: OpenTree["definitions"];
  compile: (nodes: Iterable<NodeFacts> | AsyncIterable<NodeFacts>, onOutcome: OnOutcome, options: CompileOptions) => Promise<void>;
  /** Ends every worker, and every compile with an AbortError. */
  close: () => Promise<void>;
}

/** After so many nodes in a row that failed by no word of Puppet's (each may have cost its whole time limit), the rest is not tried. */
const mostFaults = 5;
const faulty = new Set<CompileError["code"]>(["timeout", "memory", "crash", "hostile"]);
const givenUpOn = (certname: string, error: CompileError): Compiled => ({ outcome: { certname, ok: false, error }, raw: null });

/**
 * Compiles nodes of one tree on workers side by side, each a sandbox of its own. A worker stays for the next node unless it failed
 * otherwise than by Puppet's word: then it is ended, and a fresh one takes the next node.
 */
export function createCompiler(options: WorkerOptions): Compiler {
  const closing = new AbortController();
  const idle: CompileWorker[] = [];
  const busy = new Set<Promise<unknown>>();

  /** Lends a worker for one use, and keeps it for the next if it may be kept. */
  const withWorker = async <T>(
    signal: AbortSignal,
    fits: (worker: CompileWorker) => boolean,
    use: (worker: CompileWorker) => Promise<T>,
  ): Promise<T> => {
    signal.throwIfAborted();
    const at = idle.findLastIndex(fits);
    const worker = (at < 0 ? undefined : idle.splice(at, 1)[0]) ?? (await startCompileWorker(options, signal));
    try {
      return await use(worker);
    } finally {
      if (worker.alive && !closing.signal.aborted) idle.push(worker);
      else await worker.end();
    }
  };

  /**
   * What an earlier node left behind (a child that kills, memory that is full) is not this node's fault: a worker that fails at a later
   * node than its first is not believed, and the node is tried on a fresh one. A timeout counts at once, since it has cost enough.
   */
  const compileOne = async (node: NodeFacts, trace: boolean, signal: AbortSignal): Promise<Compiled> => {
    // One that began without a trace can't tell what its earlier nodes loaded.
    const fits = (worker: CompileWorker): boolean => !trace || worker.fresh || worker.traces;
    const [compiled, isProven] = await withWorker(signal, fits, async (worker) => {
      const wasFresh = worker.fresh;
      const compiled = await worker.compile(node, trace, signal);
      const { outcome } = compiled;
      return [compiled, wasFresh || worker.alive || (!outcome.ok && outcome.error.code === "timeout")];
    });
    return isProven
      ? compiled
      : withWorker(
          signal,
          () => false,
          (worker) => worker.compile(node, trace, signal),
        );
  };

  const compileAll: Compiler["compile"] = async (
    nodes,
    onOutcome,
    { workers, signal, slot = (work) => work(), raw: rawToo = false, trace = false },
  ) => {
    const failed = new AbortController();
    const any = AbortSignal.any([closing.signal, failed.signal, ...(signal ? [signal] : [])]);
    const waiting = Symbol.asyncIterator in nodes ? nodes[Symbol.asyncIterator]() : nodes[Symbol.iterator]();
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => {}); // whoever waits hears of it
    any.addEventListener("abort", () => aborted.reject(any.reason as Error), { once: true });
    // Whoever fills the queue goes on only once all lanes have ended: a lane that waited for it after another's failure would wait for ever.
    const next = async (): Promise<NodeFacts | null> => {
      any.throwIfAborted();
      const { done, value } = await Promise.race([waiting.next(), aborted.promise]);
      return done === true ? null : value;
    };
    let faults = 0;
    let rest: CompileError | null = null;

    const lane = async (): Promise<void> => {
      for (let node = await next(); node !== null; node = await next()) {
        const { certname } = node;
        const { outcome, raw } = rest ? givenUpOn(certname, rest) : await slot(() => compileOne(node, trace, any), any);
        if (outcome.ok || !faulty.has(outcome.error.code)) faults = 0;
        else if (++faults >= mostFaults) rest ??= givenUp(outcome.error, faults);
        if (rawToo && raw !== null) onOutcome(outcome, raw);
        else onOutcome(outcome);
      }
    };
    // The first lane that fails ends the others; all have ended before that is said.
    await Promise.allSettled(Array.from({ length: workers }, () => lane().catch((error) => failed.abort(error))));
    failed.signal.throwIfAborted();
  };

  const tracked = async <T>(work: Promise<T>): Promise<T> => {
    busy.add(work);
    try {
      return await work;
    } finally {
      busy.delete(work);
    }
  };

  return {
    compile: (...args) => tracked(compileAll(...args)),
    nodeStatements: () =>
      tracked(
        withWorker(
          closing.signal,
          () => true,
          (worker) => worker.nodeStatements(closing.signal),
        ),
      ),
    definitions: (paths, signal = closing.signal) => {
      const any = AbortSignal.any([closing.signal, signal]);
      return tracked(
        withWorker(
          any,
          (worker) => worker.fresh,
          (worker) => worker.definitions(paths, any),
        ),
      );
    },
    close: async () => {
      closing.abort();
      await Promise.allSettled(busy);
      await Promise.all(idle.splice(0).map((worker) => worker.end()));
    },
  };
}
