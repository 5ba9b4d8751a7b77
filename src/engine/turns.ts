import { LeaseLost } from "../problem.ts";
import type { Failure } from "./ports/forge.ts";
import type { HeldTurn, Job, Turn } from "./ports/jobs.ts";
import type { JobEnd } from "./ports/store.ts";
import type { Log } from "./ports/log.ts";

/** What a turn came to. `after` is how many seconds to wait at least before it is tried again. */
export type TurnOutcome = { settled: true } | { settled: false; why: string; after: number };

export interface TurnPorts {
  advance: (turn: HeldTurn) => Promise<TurnOutcome>;
  /** Failures of the forge; null for errors that nobody foresaw. */
  explain: (error: unknown) => Failure | null;
  log: Log;
  /** Seconds to wait after the first, second, … turn that came to nothing; after the last it is given up. */
  delays: readonly number[];
}

/** One turn; gives how it is to be ended in the records. A turn never fails without a trace. */
export async function takeTurn(ports: TurnPorts, job: Job<Turn>): Promise<JobEnd> {
  const { repository, number, attempts } = job.data;
  const outcome = await attempt(ports, { ...job.data, lease: job.lease });
  if (outcome.settled) return (records) => records.settleTurn(job);
  const delay = ports.delays[attempts];
  const seconds = delay === undefined ? null : Math.max(delay, outcome.after);
  const fields = { repository, number, attempts: attempts + 1 };
  if (seconds === null) ports.log.error(fields, `given up until the next event: ${outcome.why}`);
  else ports.log.warn({ ...fields, seconds }, outcome.why);
  return (records) => records.postponeTurn(job, outcome.why, seconds);
}

async function attempt({ advance, explain, log }: TurnPorts, turn: HeldTurn): Promise<TurnOutcome> {
  try {
    return await advance(turn);
  } catch (error) {
    // Another process has the repository by now: that is no fault, and the end of this turn is not kept.
    if (error instanceof LeaseLost) return { settled: false, why: error.message, after: 0 };
    const why = explain(error);
    if (why === null) log.error({ err: error, repository: turn.repository, number: turn.number }, "a turn failed over a fault of the gate");
    if (why !== null) return { settled: false, why: why.text, after: why.after };
    return { settled: false, why: `a fault of the gate: ${error instanceof Error ? error.message : String(error)}`, after: 0 };
  }
}
