import type { CompileLimits } from "../engine/ports/compile.ts";
import { type Code, codeFolder, makeCode } from "./code-folder.ts";
import { startSpareWorker, type SpareWorker } from "./compile-worker.ts";
import { type Parser, startParser } from "./parser.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";

/** What a sandbox is started with, and can't be given later. */
export type Shape = Pick<CompileLimits, "memoryMib" | "processes">;

/** A code folder, empty, and processes that load Puppet and see it. It is for one tree, once. */
export interface Spare {
  code: Code;
  /** Those that were asked for; whoever needs one starts another where one could not be started, and is told why that can't be. */
  workers: Array<Promise<SpareWorker>>;
  parser: Parser | null;
}

export interface Spares {
  /** Has so many wait that are of this shape, each with a worker. */
  expect(count: number, limits: CompileLimits): void;
  /** Has one wait that has a parser. */
  expectParser(limits: CompileLimits): void;
  /** Has `keep` wait again, of the shape that was expected last. */
  refill(): void;
  /** Takes one that is of this shape, with a parser or without one if there is a choice; null where none waits, or none could be made. */
  take(shape: Shape, parser?: boolean): Promise<Spare | null>;
  close(): Promise<void>;
}

interface Waiting {
  shape: CompileLimits;
  place: Promise<{ code: Code; sandbox: Sandbox }>;
  worker: Promise<SpareWorker> | null;
  parser: Promise<Parser> | null;
}

/** Seconds that a parser may take for its request. */
export const parserSeconds = 90;

export function createSpares(keep: number): Spares {
  const closing = new AbortController();
  let waiting: Waiting[] = [];
  let latest: CompileLimits | null = null;
  const discarded = new Set<Promise<void>>();

  const discard = (one: Waiting): void => {
    const gone = end(one);
    discarded.add(gone);
    void gone.finally(() => discarded.delete(gone));
  };
  /** Those of this shape, at least so many. */
  const have = (count: number, limits: CompileLimits): Waiting[] => {
    latest = limits;
    for (const other of waiting.filter(({ shape }) => !isSame(shape, limits))) discard(other);
    waiting = waiting.filter(({ shape }) => isSame(shape, limits));
    while (waiting.length < count) waiting.push({ shape: limits, place: makePlace(limits), worker: null, parser: null });
    return waiting.slice(0, count);
  };
  const expect = (count: number, limits: CompileLimits): void => {
    if (closing.signal.aborted) return;
    for (const one of have(count, limits)) one.worker ??= unheard(one.place.then((place) => startWorker(place, limits, closing.signal)));
  };

  return {
    expect,
    expectParser: (limits) => {
      if (closing.signal.aborted) return;
      have(1, limits);
      const one = waiting.find(({ parser }) => parser !== null) ?? waiting[0];
      if (one !== undefined) one.parser ??= unheard(one.place.then(({ sandbox }) => startParser(sandbox, parserSeconds)));
    },
    refill: () => {
      if (latest !== null) expect(keep, latest);
    },
    take: async (shape, parser = false) => {
      const fitting = waiting.filter((each) => isSame(each.shape, shape));
      const taken = fitting.find((each) => (each.parser !== null) === parser) ?? fitting[0];
      if (taken === undefined) return null;
      waiting = waiting.filter((each) => each !== taken);
      const place = await taken.place.catch(() => null);
      if (place === null) return null;
      return { code: place.code, workers: taken.worker === null ? [] : [taken.worker], parser: (await taken.parser) ?? null };
    },
    close: async () => {
      closing.abort();
      for (const each of waiting.splice(0)) discard(each);
      await Promise.all(discarded);
    },
  };
}

const isSame = (one: Shape, other: Shape): boolean => one.memoryMib === other.memoryMib && one.processes === other.processes;

/** Nobody may ever take what this comes to; where one does that could not be started, the next try to start one says why. */
function unheard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

const makePlace = (limits: CompileLimits): Waiting["place"] =>
  unheard(
    (async () => {
      const code = await makeCode();
      try {
        const { memoryMib, processes } = limits;
        return { code, sandbox: await openSandbox([{ folder: code.path, at: codeFolder }], { memoryMib, processes }) };
      } catch (error) {
        await code.remove();
        throw error;
      }
    })(),
  );

const startWorker = ({ sandbox }: { sandbox: Sandbox }, limits: CompileLimits, signal: AbortSignal): Promise<SpareWorker> =>
  startSpareWorker({ sandbox, limits }, signal);

async function end({ place, worker, parser }: Waiting): Promise<void> {
  const made = await place.catch(() => null);
  await endSpare({ workers: worker === null ? [] : [worker], parser: (await parser?.catch(() => null)) ?? null });
  await made?.code.remove();
}

/** Ends what of a spare is still there. */
export async function endSpare({ workers, parser }: Pick<Spare, "workers" | "parser">): Promise<void> {
  await Promise.all([...workers.map(async (each) => (await each.catch(() => null))?.end()), parser?.end()]);
}
