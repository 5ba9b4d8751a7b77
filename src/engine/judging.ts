import { Problem, type ProblemText } from "../problem.ts";
import type { ChangeKey, CheckResult, Judge, JudgeRequest, Log, Store } from "./gate-ports.ts";

/** Checks under way, apart from the turns: they take minutes, and a turn that waited for one would hold up its whole repository. */
export interface Checks {
  /** Begins the check of this pair unless it is under way; one of an older pair of the same change is ended. */
  start(change: ChangeKey, request: JudgeRequest): void;
  /** Ends the check of a change that nobody asks about any more. */
  end(change: ChangeKey): void;
  /** Whether nothing is under way. */
  isIdle(): boolean;
  /** Ends what is under way and waits for it. Nothing of it is kept: it is begun again after the next start. */
  stop(): Promise<void>;
}

export interface CheckingPorts {
  judge: Judge;
  store: Store;
  now: () => Date;
  log: Log;
  /** Checks side by side. Each uses all processors by itself. */
  atOnce: number;
  /** Called when a result is kept and its change has another turn. */
  onResult: () => void;
}

interface Running {
  pair: string;
  controller: AbortController;
  ended: Promise<void>;
}

export function createChecks(ports: CheckingPorts): Checks {
  const running = new Map<string, Running>();
  const slots = createSlots(ports.atOnce);
  const run = async (change: ChangeKey, request: JudgeRequest, signal: AbortSignal): Promise<void> => {
    const release = await slots.take();
    try {
      if (signal.aborted) return;
      const result = await judged(ports, request, signal);
      if (signal.aborted) return;
      const pair = { base: request.base.sha, head: request.head };
      await ports.store.transaction(async (records) => {
        await records.saveCheck(change, pair, result, ports.now());
        await records.wake(change);
      });
    } catch (error) {
      // The database would not take the result: the change has no check, and gets another turn after the next start at the latest.
      ports.log.error({ err: error, ...change }, "the result of a check could not be kept");
    } finally {
      release();
    }
  };
  return {
    start: (change, request) => {
      const key = `${change.repository}#${change.number}`;
      const pair = `${request.base.sha}..${request.head}`;
      const before = running.get(key);
      if (before?.pair === pair && !before.controller.signal.aborted) return;
      before?.controller.abort(new Error("a newer head or base is to be checked"));
      const controller = new AbortController();
      const entry: Running = { pair, controller, ended: Promise.resolve() };
      running.set(key, entry);
      entry.ended = run(change, request, controller.signal).finally(() => {
        if (running.get(key) === entry) running.delete(key);
        ports.onResult();
      });
    },
    end: ({ repository, number }) => running.get(`${repository}#${number}`)?.controller.abort(new Error("the change is open no more")),
    isIdle: () => running.size === 0,
    stop: async () => {
      const all = [...running.values()];
      for (const { controller } of all) controller.abort(new Error("the gate is stopping"));
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

async function judged({ judge, log }: CheckingPorts, request: JudgeRequest, signal: AbortSignal): Promise<CheckResult> {
  try {
    return { ok: true, checked: await judge(request, signal) };
  } catch (error) {
    if (!signal.aborted)
      log.warn({ err: error, number: request.number, base: request.base.sha, head: request.head }, "a check could not be done");
    return { ok: false, problem: problemOf(error) };
  }
}

/** What people may read of an error. One that nobody foresaw may hold anything, so it stays in the log. */
const problemOf = (error: unknown): ProblemText =>
  error instanceof Problem
    ? { code: error.code, text: error.text, hint: error.hint }
    : { code: "gate-fault", text: "The gate itself failed over it.", hint: "Its operators find the error in its log." };

function createSlots(count: number): { take(): Promise<() => void> } {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    take: async () => {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return () => {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      };
    },
  };
}
