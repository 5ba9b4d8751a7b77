import type { PolicyText } from "../gate/facts.ts";
import { Problem, type ProblemText } from "../problem.ts";
import { digestOf } from "./besides.ts";
import { recordWrong } from "./night/wrong.ts";
import { triedAgainAt } from "./retry.ts";
import type { ChangeKey } from "./ports/changes.ts";
import type { CheckJob, Job } from "./ports/jobs.ts";
import type { CheckResult, Judge, JudgeRequest } from "./ports/judge.ts";
import type { JobEnd, Store } from "./ports/store.ts";
import type { Log } from "./ports/log.ts";

/** Checks are jobs of their own: they take minutes, and a turn that waited for one would hold up its whole repository. */
export interface Checks {
  /** Asks for the check of this pair unless it is asked for, in whatever process; one of an older pair of the same change is ended. */
  start(change: ChangeKey, request: JudgeRequest): Promise<void>;
  /** Ends the check of a change that nobody asks about any more. */
  end(change: ChangeKey): Promise<void>;
  /** Does a check that was asked for. Its result is kept in the transaction that wakes the change. */
  perform(job: Job<CheckJob>, signal: AbortSignal): Promise<JobEnd>;
}

export interface CheckingPorts {
  judge: Judge;
  store: Store;
  now: () => Date;
  log: Log;
  /** Of this gate and the programs that it checks with, by their versions. */
  edition: string;
  /** Called when there may be a check to do. */
  onAsked: () => void;
}

/** Only whether there is another try is asked. */
const anyDelay = [0];

interface Running {
  pair: string;
  controller: AbortController;
}

export function createChecks(ports: CheckingPorts): Checks {
  const { store } = ports;
  /** What this process is at: a check that is called off ends here at once, and in another process when that finds its lease gone. */
  const running = new Map<string, Running>();
  return {
    start: async (change, request) => {
      const before = running.get(nameOf(change));
      await store.transaction((records) => records.askCheck(change, request));
      if (before !== undefined && before.pair !== pairOf(request))
        before.controller.abort(new Error("a newer head or base is to be checked"));
      ports.onAsked();
    },
    end: async (change) => {
      await store.transaction((records) => records.dropChecks(change));
      running.get(nameOf(change))?.controller.abort(new Error("the change is open no more"));
    },
    perform: async (job, lost) => {
      const { request } = job.data;
      const controller = new AbortController();
      const entry: Running = { pair: pairOf(request), controller };
      running.set(nameOf(job.data), entry);
      try {
        return await checkOnce(ports, job, AbortSignal.any([lost, controller.signal]));
      } finally {
        if (running.get(nameOf(job.data)) === entry) running.delete(nameOf(job.data));
      }
    },
  };
}

const nameOf = ({ repository, number }: ChangeKey): string => `${repository}#${number}`;
const pairOf = ({ base, head, organisation }: JudgeRequest): string => `${base.sha}..${head} ${groundsOf("", organisation)}`;

/** What a check rests on besides its pair: made on other grounds, it is no answer. */
export const groundsOf = (edition: string, organisation: PolicyText | null): string => digestOf([edition, organisation?.text ?? null]);

async function checkOnce(ports: CheckingPorts, job: Job<CheckJob>, signal: AbortSignal): Promise<JobEnd> {
  const { repository, number, request } = job.data;
  const change = { repository, number };
  const pair = { base: request.base.sha, head: request.head };
  const found = await ports.store.records.findCheck(change, pair);
  const grounds = groundsOf(ports.edition, request.organisation);
  // Another process may have done it meanwhile. One that is to be tried again is: `pair-check.ts` asks for it in its time.
  const isDone = found?.result.ok === true && found.grounds === grounds && triedAgainAt(found, anyDelay) === null;
  const result = isDone ? null : await judged(ports, request, signal);
  return async (records) => {
    // Nothing of it is kept: of a check that was called off the lease is gone, and one that was interrupted is begun anew.
    if (signal.aborted) return records.again(job);
    if (result !== null) await records.saveCheck(change, pair, { result, grounds }, ports.now());
    const { sampled = 0, missed = [] } = (result?.ok === true ? result.checked.report.coverage?.plan : undefined) ?? {};
    await records.addProofs(repository, { source: "sample", verdicts: sampled, missed: missed.length }, ports.now());
    await records.wake(change);
    await records.endJob(job);
    if (missed.length === 0) return;
    const wrong = { subject: `pull/${number}`, commits: [pair.base, pair.head], missed: missed.map((certname) => ({ certname })) };
    await recordWrong(records, repository, wrong, { except: number, at: ports.now() });
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
