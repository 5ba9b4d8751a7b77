import type { CompileLimits } from "../engine/ports.ts";
import { type Code, codeFolder, makeCode } from "./code-folder.ts";
import { startSpareWorker, type SpareWorker } from "./compile-worker.ts";
import { openSandbox } from "./sandbox.ts";

/** What a sandbox is started with, and can't be given later. */
export type Shape = Pick<CompileLimits, "memoryMib" | "processes">;

/** A code folder, empty, and processes that have loaded Puppet and see it. It is for one tree, once. */
export interface Spare {
  code: Code;
  /** Those that could be started; whoever needs one starts another where there are none, and is told why that can't be. */
  workers: SpareWorker[];
}

export interface Spares {
  /** Has so many wait that are of this shape. */
  expect(count: number, limits: CompileLimits): void;
  /** Has `keep` wait again, of the shape that was expected last. */
  refill(): void;
  /** Takes one that is of this shape, once its processes are ready; null where none waits, or it did not start. */
  take(shape: Shape): Promise<Spare | null>;
  close(): Promise<void>;
}

interface Waiting {
  shape: Shape;
  spare: Promise<Spare>;
}

export function createSpares(keep: number): Spares {
  const closing = new AbortController();
  let waiting: Waiting[] = [];
  let latest: CompileLimits | null = null;
  const discarded = new Set<Promise<void>>();

  const discard = ({ spare }: Waiting): void => {
    const gone = spare.then(end, () => {});
    discarded.add(gone);
    void gone.finally(() => discarded.delete(gone));
  };

  const expect = (count: number, limits: CompileLimits): void => {
    if (closing.signal.aborted) return;
    latest = limits;
    for (const other of waiting.filter(({ shape }) => !isSame(shape, limits))) discard(other);
    waiting = waiting.filter(({ shape }) => isSame(shape, limits));
    while (waiting.length < count) {
      const spare = start(limits, closing.signal);
      spare.catch(() => {}); // nobody may take it
      waiting.push({ shape: limits, spare });
    }
  };
  return {
    expect,
    refill: () => {
      if (latest !== null) expect(keep, latest);
    },
    take: async (shape) => {
      const at = waiting.findIndex((each) => isSame(each.shape, shape));
      const [taken] = at < 0 ? [] : waiting.splice(at, 1);
      // Where one could not be started, the next try to start one says why.
      return taken === undefined ? null : taken.spare.catch(() => null);
    },
    close: async () => {
      closing.abort();
      for (const each of waiting.splice(0)) discard(each);
      await Promise.all(discarded);
    },
  };
}

const isSame = (one: Shape, other: Shape): boolean => one.memoryMib === other.memoryMib && one.processes === other.processes;

async function start(limits: CompileLimits, signal: AbortSignal): Promise<Spare> {
  const code = await makeCode();
  try {
    const { memoryMib, processes } = limits;
    const sandbox = await openSandbox([{ folder: code.path, at: codeFolder }], { memoryMib, processes });
    return { code, workers: [await startSpareWorker({ sandbox, limits }, signal)] };
  } catch (error) {
    await code.remove();
    throw error;
  }
}

async function end({ code, workers }: Spare): Promise<void> {
  await Promise.all(workers.map((worker) => worker.end()));
  await code.remove();
}
