import { LeaseLost } from "../problem.ts";
import type { Job, JobData, Queue, Turn } from "./ports/jobs.ts";
import type { JobEnd, Store } from "./ports/store.ts";
import type { Log } from "./ports/log.ts";
import { inLogContext } from "./log-context.ts";
import type { Tell } from "./ports/told.ts";

export interface Worker {
  /** Says that there may be a job that is due. Cheap, and safe at any time. */
  nudge(): void;
  /** Resolves when there is nothing to do, now or later, in this process or another. */
  settled(): Promise<void>;
  /** Takes no more jobs and waits for those under way; those that hear their signal are ended early and put back. */
  stop(): Promise<void>;
  /** Seconds since the queues were looked at, and since the leases were prolonged, without failure. */
  pulse(): { stopped: boolean; looked: number; beat: number };
}

export interface WorkerPorts {
  store: Store;
  /** Does a job, and gives how it is to be ended. `signal` says that its lease is lost, or that the gate is stopping. */
  work: { readonly [Q in Queue]: (job: Job<JobData[Q]>, signal: AbortSignal) => Promise<JobEnd> };
  /** Jobs of each queue side by side. */
  atOnce: Readonly<Record<Queue, number>>;
  /** How long a job stays with a process that does not answer any more. */
  leaseSeconds: number;
  log: Log;
  /** Hears how each job ended. */
  tell?: Tell;
}

/** A lease is prolonged so many times before it would end, so that one answer that comes late is no reason to lose it. */
const renewals = 3;
/** Seconds between two looks when nothing tells of news: a safety net under NOTIFY. */
const safety = 10;
/** Seconds before what the database refused is tried again. */
const patience = 1;
/** Seconds between two looks while somebody waits for all to be settled and another process is at work. */
const impatience = 0.05;

interface Running {
  queue: Queue;
  controller: AbortController;
  done: Promise<void>;
}

/** Gives jobs to those who do them. Woken by `nudge`, by the database's notifications and by the clock when a job waits for its time. */
export function createWorker(ports: WorkerPorts): Worker {
  const { store, log, leaseSeconds } = ports;
  /** By the epoch of their lease. */
  const running = new Map<number, Running>();
  const waiters: (() => void)[] = [];
  let timer: { at: number; id: NodeJS.Timeout } | null = null;
  let looking: Promise<void> | null = null;
  let hasNews = false;
  let stopped = false;
  let lookedAt = performance.now();
  let beatAt = performance.now();

  const isStopped = (): boolean => stopped;
  const isNewsLeft = (): boolean => hasNews;
  const begin = <Q extends Queue>(queue: Q, job: Job<JobData[Q]>): void => {
    const controller = new AbortController();
    const { repository, number } = job.data as Partial<Turn>;
    const context = {
      queue,
      ...(repository === undefined ? {} : { repository }),
      ...(number === undefined ? {} : { number }),
      epoch: job.lease.epoch,
    };
    const done = inLogContext(context, () => perform(ports, queue, job, controller.signal, isStopped)).finally(() => {
      running.delete(job.lease.epoch);
      nudge();
    });
    running.set(job.lease.epoch, { queue, controller, done });
  };
  const isFull = (queue: Queue): boolean => [...running.values()].filter((one) => one.queue === queue).length >= ports.atOnce[queue];
  const fill = async (queue: Queue): Promise<void> => {
    while (!isStopped() && !isFull(queue)) {
      const job = await store.take(queue, leaseSeconds);
      if (job === null) return;
      begin(queue, job);
    }
  };
  const look = async (): Promise<void> => {
    hasNews = false;
    // First, so that a job that becomes due while jobs are taken has its timer.
    const { due, seconds } = await store.records.outlook();
    lookIn(seconds ?? safety);
    for (const queue of due) await fill(queue);
    lookedAt = performance.now();
    const isQuiet = waiters.length > 0 && running.size === 0 && (await store.records.countJobs()) === 0;
    // Not by what was read before the latest news: they may be why there is a job by now.
    if (isQuiet && !hasNews) for (const resolve of waiters.splice(0)) resolve();
    if (waiters.length > 0) lookIn(impatience);
  };
  /** Looks at all queues in so many seconds, or earlier where that is to be done already. */
  const lookIn = (seconds: number): void => {
    const at = performance.now() + Math.min(seconds, safety) * 1000;
    if (stopped || (timer !== null && timer.at <= at)) return;
    if (timer !== null) clearTimeout(timer.id);
    const fire = (): void => {
      timer = null;
      nudge();
    };
    timer = { at, id: setTimeout(fire, Math.max(Math.ceil(at - performance.now()), 1)) };
  };
  const nudge = (): void => {
    if (stopped) return;
    hasNews = true;
    // Whoever brought the news, what is done by them has a context of its own.
    looking ??= inLogContext({}, async () => {
      try {
        while (isNewsLeft()) await look();
      } catch (error) {
        log.error({ err: error }, "the queues could not be read; they are looked at again in a while");
        lookIn(patience);
      } finally {
        looking = null;
      }
    });
  };

  const beat = async (): Promise<void> => {
    // Only those that were taken before the question can be missing in its answer.
    const before = [...running.entries()];
    const kept = await store.renew(leaseSeconds);
    beatAt = performance.now();
    for (const [epoch, { controller }] of before) if (!kept.has(epoch)) controller.abort(new Error("the lease is not held any more"));
    if ((await store.takeBack()) > 0) nudge();
  };
  let beating = Promise.resolve();
  const heart = setInterval(
    () => {
      beating = beating.then(beat).catch((error: unknown) => log.warn({ err: error }, "the leases could not be prolonged"));
    },
    (leaseSeconds * 1000) / renewals,
  );
  store.onNews(nudge);
  const since = (at: number): number => (performance.now() - at) / 1000;
  return {
    nudge,
    pulse: () => ({ stopped, looked: since(lookedAt), beat: since(beatAt) }),
    settled: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
        nudge();
      }),
    stop: async () => {
      stopped = true;
      clearInterval(heart);
      if (timer !== null) clearTimeout(timer.id);
      await looking;
      for (const { controller } of running.values()) controller.abort(new Error("the gate is stopping"));
      await Promise.all([...running.values()].map(({ done }) => done));
      await beating;
    },
  };
}

/** One job from its taking to its end in the records. */
async function perform<Q extends Queue>(
  ports: WorkerPorts,
  queue: Q,
  job: Job<JobData[Q]>,
  signal: AbortSignal,
  isStopped: () => boolean,
): Promise<void> {
  const { store, log, work } = ports;
  const fields = { queue, job: job.data, epoch: job.lease.epoch };
  const begun = performance.now();
  let outcome: "done" | "again" | "fault" | "lost" = "done";
  const tell = (): void =>
    ports.tell?.({ kind: "job", queue, outcome, seconds: (performance.now() - begun) / 1000, waited: job.waited ?? 0 });
  let end: JobEnd;
  try {
    end = await work[queue](job, signal);
    if (signal.aborted) outcome = "again";
  } catch (error) {
    outcome = "fault";
    log.error({ err: error, ...fields }, "a job failed over a fault of the gate; it is put back");
    await pause(patience);
    end = (records) => records.again(job);
  }
  let keep = (): Promise<void> => store.held(job.lease, end);
  for (;;) {
    try {
      await keep();
      tell();
      return;
    } catch (error) {
      if (error instanceof LeaseLost) {
        log.warn(fields, "a job was called off or taken over: nothing of its end is kept");
        outcome = "lost";
        if (queue !== "advance") return tell();
        // What it did last, whoever took over may have read too early to see: a push that was intended, and went out after that.
        const { repository, number } = job.data as Turn;
        keep = () => store.transaction((records) => records.wake({ repository, number }));
        continue;
      }
      log.error({ err: error, ...fields }, "the end of a job could not be recorded; it is tried again, or the job done again");
      if (isStopped()) return tell();
      await pause(patience); // not at full speed, when the database refuses for longer
    }
  }
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });
