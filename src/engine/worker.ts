import type { Failure, Log, Store, Turn } from "./gate-ports.ts";

/** What a turn came to. `after` is how many seconds to wait at least before it is tried again. */
export type TurnOutcome = { settled: true } | { settled: false; why: string; after: number };

export interface Worker {
  /** Says that there may be a turn due. Cheap, and safe at any time. */
  nudge(): void;
  /** Resolves when no change has a turn, now or later, and nothing `isBusy`. */
  settled(): Promise<void>;
  /** Takes no more turns and waits for those under way. */
  stop(): Promise<void>;
}

export interface WorkerPorts {
  store: Store;
  advance: (turn: Turn) => Promise<TurnOutcome>;
  /** Failures of the forge; null for errors that nobody foresaw. */
  explain: (error: unknown) => Failure | null;
  now: () => Date;
  log: Log;
  /** Seconds to wait after the first, second, … turn that came to nothing; after the last it is given up. */
  delays: readonly number[];
  /** Repositories side by side; in each, one change at a time. */
  atOnce: number;
  /** Whether something is under way that will wake a change. */
  isBusy: () => boolean;
}

/** Gives changes their turns. Woken by `nudge` and by the clock when a turn waits for its time; it never polls. */
export function createWorker(ports: WorkerPorts): Worker {
  const { store, now, log } = ports;
  const lanes = new Map<number, Promise<void>>();
  const waiters: (() => void)[] = [];
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let stopped = false;

  const look = async (): Promise<void> => {
    if (stopped) return;
    const due = await store.records.dueTurns(now());
    for (const turn of due) {
      if (stopped || lanes.size >= ports.atOnce) break;
      if (lanes.has(turn.repository)) continue;
      const lane = take(ports, turn).finally(() => {
        lanes.delete(turn.repository);
        nudge();
      });
      lanes.set(turn.repository, lane);
    }
    const next = await store.records.nextTurn();
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (next !== null && !stopped) timer = setTimeout(nudge, Math.min(Math.max(next.getTime() - now().getTime(), 0) + 1, longestTimer));
    // Not by what was read before the latest nudge: it may be why a turn is due by now.
    const isQuiet = !lookAgain && lanes.size === 0 && due.length === 0 && next === null && !ports.isBusy();
    if (isQuiet) for (const resolve of waiters.splice(0)) resolve();
  };
  const nudge = (): void => {
    if (stopped) return;
    lookAgain = true;
    looking ??= (async () => {
      try {
        while (lookAgain) {
          lookAgain = false;
          await look();
        }
      } catch (error) {
        log.error({ err: error }, "the turns could not be read; they are looked at again in a while");
        timer ??= setTimeout(nudge, 10_000);
      } finally {
        looking = null;
      }
    })();
  };
  return {
    nudge,
    settled: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
        nudge();
      }),
    stop: async () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await looking;
      await Promise.all(lanes.values());
    },
  };
}

/** Node's timers hold 31 bits of milliseconds; a longer wait is looked at in between. */
const longestTimer = 2 ** 31 - 1;

/** One turn, and its end in the records: a turn never fails without a trace. */
async function take(ports: WorkerPorts, turn: Turn): Promise<void> {
  const { store, log, now } = ports;
  const change = { repository: turn.repository, number: turn.number };
  const outcome = await attempt(ports, turn);
  try {
    if (outcome.settled) {
      await store.records.settleTurn(turn);
      return;
    }
    const delay = ports.delays[turn.attempts];
    const notBefore = delay === undefined ? null : new Date(now().getTime() + Math.max(delay, outcome.after) * 1000);
    if (notBefore === null) log.error({ ...change, attempts: turn.attempts + 1 }, `given up until the next event: ${outcome.why}`);
    else log.warn({ ...change, attempts: turn.attempts + 1, again: notBefore }, outcome.why);
    await store.records.postponeTurn(turn, outcome.why, notBefore);
  } catch (error) {
    log.error({ err: error, ...change }, "the end of a turn could not be recorded: the turn is taken again");
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // not at full speed, when the database refuses for longer
  }
}

async function attempt({ advance, explain, log }: WorkerPorts, turn: Turn): Promise<TurnOutcome> {
  try {
    return await advance(turn);
  } catch (error) {
    const why = explain(error);
    if (why === null) log.error({ err: error, repository: turn.repository, number: turn.number }, "a turn failed over a fault of the gate");
    if (why !== null) return { settled: false, why: why.text, after: why.after };
    return { settled: false, why: `a fault of the gate: ${error instanceof Error ? error.message : String(error)}`, after: 0 };
  }
}
