import { Worker } from "node:worker_threads";

/** A thread of this process that is asked and answers, with limits of time and memory. What goes over its limits ends it, and nothing else. */
export interface Thread {
  /** One question at a time. Whatever else than an answer happens ends the thread. */
  ask(question: unknown, limits: { seconds: number; signal?: AbortSignal | undefined }): Promise<ThreadAnswer>;
  /** The number that the thread said it is at. */
  at(): number;
  readonly alive: boolean;
  end(): Promise<void>;
}

export type ThreadAnswer =
  | { kind: "answer"; value: unknown }
  | { kind: "timeout" }
  | { kind: "memory" }
  | { kind: "aborted" }
  | { kind: "crash"; error: unknown };

/**
 * Starts a module as a thread. Its `workerData` is `{given, at}`: `at` is an Int32Array of one number, which the thread sets to say where it is, since
 * one that never ends can't be asked. It posts one message for each that it gets.
 */
export function startThread(file: URL, given: unknown, { memoryMib }: { memoryMib: number }): Thread {
  const at = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
  const worker = new Worker(file, {
    workerData: { given, at },
    // Nothing of this process's environment is needed there.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: memoryMib, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  let settle: ((answer: ThreadAnswer) => void) | null = null;
  let dead: ThreadAnswer | null = null;
  let ended: Promise<unknown> | null = null;
  const die = (answer: ThreadAnswer): void => {
    if (dead !== null) return;
    dead = answer;
    ended = worker.terminate();
    settle?.(answer);
  };
  worker.on("message", (value: unknown) => settle?.({ kind: "answer", value }));
  worker.on("error", (error: NodeJS.ErrnoException) =>
    die(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? { kind: "memory" } : { kind: "crash", error }),
  );
  worker.on("exit", (code) => die({ kind: "crash", error: new Error(`the thread ended with ${code}`) }));
  worker.unref();
  return {
    at: () => Atomics.load(at, 0),
    get alive() {
      return dead === null;
    },
    ask: async (question, { seconds, signal }) => {
      if (settle !== null) throw new Error("a thread takes one question at a time");
      if (signal?.aborted === true) die({ kind: "aborted" });
      if (dead !== null) return dead;
      const { promise, resolve } = Promise.withResolvers<ThreadAnswer>();
      settle = resolve;
      const timer = setTimeout(() => die({ kind: "timeout" }), seconds * 1000);
      const onAbort = (): void => die({ kind: "aborted" });
      signal?.addEventListener("abort", onAbort, { once: true });
      worker.postMessage(question, []);
      const answer = await promise;
      settle = null;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      return answer;
    },
    end: async () => {
      die({ kind: "crash", error: new Error("the thread was ended") });
      await ended;
    },
  };
}
