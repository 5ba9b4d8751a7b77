import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Job, JobData, Queue, Turn } from "../../src/engine/ports/jobs.ts";
import type { JobEnd } from "../../src/engine/ports/store.ts";
import { createWorker, type Worker, type WorkerPorts } from "../../src/engine/worker.ts";
import { LeaseLost } from "../../src/problem.ts";
import { memoryLog } from "./stand-ins/world.ts";

/** Who gets which job when, by a clock that tests set. */
interface Row {
  queue: Queue;
  id: string;
  data: JobData[Queue];
  /** By the clock, in milliseconds. */
  due: number;
  epoch: number | null;
}

/** Queues in memory, with leases that can be lost. */
class Queues {
  rows: Row[] = [];
  /** Leases that another process took over. */
  lost = new Set<number>();
  /** Thrown once by whatever is asked next, by method. */
  failing = new Map<string, Error>();
  ended: string[] = [];
  woken: string[] = [];
  renewed: number[] = [];
  looks = 0;
  givenBack = 0;
  tell: () => void = () => undefined;
  #epochs = 0;

  add(queue: Queue, id: string, { after = 0, data = {} }: { after?: number; data?: object } = {}): void {
    this.rows.push({ queue, id, data, due: Date.now() + after * 1000, epoch: null });
  }

  readonly store = {
    records: {
      outlook: async (): Promise<{ due: Queue[]; seconds: number | null }> => {
        this.looks += 1;
        this.#fail("outlook");
        const waiting = this.rows.filter(({ epoch }) => epoch === null);
        const due = [...new Set(waiting.flatMap((row) => (row.due <= Date.now() ? [row.queue] : [])))];
        const later = waiting.flatMap((row) => (row.due > Date.now() ? [(row.due - Date.now()) / 1000] : []));
        return { due, seconds: later.length === 0 ? null : Math.min(...later) };
      },
      countJobs: async () => this.rows.length,
    },
    take: async (queue: Queue, seconds: number) => {
      this.#fail(`take ${queue}`);
      const row = this.rows.find((one) => one.queue === queue && one.epoch === null && one.due <= Date.now());
      if (row === undefined) return null;
      row.epoch = this.#epochs += 1;
      this.renewed.push(seconds);
      return { queue, id: row.id, data: row.data, lease: { name: queue, epoch: row.epoch } };
    },
    held: async (lease: { name: string; epoch: number }, work: (records: object) => Promise<unknown>) => {
      this.#fail("held");
      if (this.lost.has(lease.epoch)) throw new LeaseLost(lease.name);
      return work(this.records);
    },
    transaction: async (work: (records: object) => Promise<unknown>) => {
      this.#fail("transaction");
      return work(this.records);
    },
    renew: async (seconds: number) => {
      this.#fail("renew");
      this.renewed.push(seconds);
      return new Set(this.rows.flatMap(({ epoch }) => (epoch === null || this.lost.has(epoch) ? [] : [epoch])));
    },
    takeBack: async () => {
      this.#fail("takeBack");
      return this.givenBack;
    },
    onNews: (hear: () => void) => {
      this.tell = hear;
    },
  };

  readonly records = {
    endJob: async ({ id }: { id: string }) => {
      this.ended.push(id);
      this.rows = this.rows.filter((row) => row.id !== id);
    },
    again: async ({ id }: { id: string }) => {
      this.ended.push(`${id} again`);
      for (const row of this.rows) if (row.id === id) row.epoch = null;
    },
    wake: async ({ repository, number }: Turn) => void this.woken.push(`${repository}#${number}`),
  };

  #fail(name: string): void {
    const error = this.failing.get(name);
    this.failing.delete(name);
    if (error !== undefined) throw error;
  }
}

interface Begun {
  id: string;
  signal: AbortSignal;
  /** What it was told when it was to end early. */
  why: () => string | undefined;
  end: () => void;
  fail: (error: Error) => void;
}

let queues: Queues;
let begun: Begun[];
let log: ReturnType<typeof memoryLog>;
let worker: Worker;
const work =
  <Q extends Queue>() =>
  (job: Job<JobData[Q]>, signal: AbortSignal): Promise<JobEnd> =>
    new Promise((resolve, reject) => {
      const why = (): string | undefined => (signal.aborted ? (signal.reason as Error).message : undefined);
      begun.push({ id: job.id, signal, why, end: () => resolve((records) => records.endJob(job)), fail: reject });
      signal.addEventListener("abort", () => resolve((records) => records.again(job)));
    });
const start = (leaseSeconds = 30): void => {
  worker = createWorker({
    store: queues.store as unknown as WorkerPorts["store"],
    work: {
      advance: work<"advance">(),
      check: work<"check">(),
      night: work<"night">(),
      roll: work<"roll">(),
      sweep: work<"sweep">(),
      tell: work<"tell">(),
    },
    atOnce: { advance: 2, check: 1, night: 1, roll: 1, sweep: 1, tell: 1 },
    leaseSeconds,
    log: log.log,
  });
};
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  [queues, begun, log] = [new Queues(), [], memoryLog()];
  start();
});
/** What a promise has come to by now. */
function watched(promise: Promise<void>): { is: boolean } {
  const state = { is: false };
  void (async () => {
    await promise;
    state.is = true;
  })();
  return state;
}
afterEach(async () => {
  const stopped = watched(worker.stop());
  await pass(5_000);
  const left = vi.getTimerCount();
  vi.useRealTimers();
  if (!stopped.is || left > 0) throw new Error(`the worker did not stop, or left ${left} timers`);
});
const pass = (milliseconds = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
const ids = (): string[] => begun.map(({ id }) => id);
const nudged = async (): Promise<void> => {
  worker.nudge();
  await pass();
};

describe("a job", () => {
  it("is taken, done, and its end is kept; then the next", async () => {
    for (const id of ["a", "b"]) queues.add("check", id);
    await nudged();
    expect(ids()).toEqual(["a"]);
    begun[0]?.end();
    await pass();
    expect(queues.ended).toEqual(["a"]);
    expect(ids()).toEqual(["a", "b"]);
    expect(queues.renewed).toEqual([30, 30]);
    expect(log.said).toEqual([]);
  });

  it("is done beside as many of its queue as may be, and of others", async () => {
    for (const id of ["a", "b", "c"]) queues.add("advance", id);
    for (const id of ["x", "y"]) queues.add("check", id);
    await nudged();
    expect(ids().toSorted()).toEqual(["a", "b", "x"]);
    begun.find(({ id }) => id === "x")?.end();
    await pass();
    expect(ids()).toEqual(["a", "b", "x", "y"]);
  });

  it("is taken by a nudge that comes while the queues are read", async () => {
    queues.add("check", "a");
    worker.nudge();
    queues.add("advance", "b");
    worker.nudge();
    await pass();
    expect(ids().toSorted()).toEqual(["a", "b"]);
  });

  it("is taken when the database tells of it", async () => {
    queues.add("check", "a");
    queues.tell();
    await pass();
    expect(ids()).toEqual(["a"]);
  });

  it("that waits for its time is taken then", async () => {
    queues.add("check", "later", { after: 7 });
    queues.add("advance", "sooner", { after: 3 });
    await nudged();
    await pass(2_999);
    expect(ids()).toEqual([]);
    await pass(1);
    expect(ids()).toEqual(["sooner"]);
    await pass(3_999);
    expect(ids()).toEqual(["sooner"]);
    await pass(1);
    expect(ids()).toEqual(["sooner", "later"]);
  });

  it("that becomes due sooner than the one that is waited for is taken first", async () => {
    queues.add("check", "later", { after: 7 });
    await nudged();
    queues.add("advance", "sooner", { after: 2 });
    await nudged();
    // One for the next look, and one for the leases.
    expect(vi.getTimerCount()).toBe(2);
    await pass(2_000);
    expect(ids()).toEqual(["sooner"]);
    await pass(5_000);
    expect(ids()).toEqual(["sooner", "later"]);
  });

  it.each([
    ["nothing waits", 0],
    ["what waits is far off", 3_600],
  ])("that nobody told of is found within ten seconds where %s", async (_, after) => {
    if (after > 0) queues.add("sweep", "far", { after });
    await nudged();
    queues.add("check", "a");
    await pass(9_999);
    expect(ids()).toEqual([]);
    await pass(1);
    expect(ids()).toEqual(["a"]);
  });

  it("is looked for no more than is needed", async () => {
    queues.add("check", "a", { after: 5 });
    await nudged();
    const { looks } = queues;
    await pass(4_999);
    expect(queues.looks).toBe(looks);
    await nudged();
    expect(queues.looks).toBe(looks + 1);
  });
});

describe("what fails", () => {
  const fault = new Error("no such column");
  it("over a fault of the gate is put back after a second, and said", async () => {
    queues.add("check", "a");
    await nudged();
    begun[0]?.fail(fault);
    await pass(999);
    expect(queues.ended).toEqual([]);
    await pass(1);
    expect(queues.ended).toEqual(["a again"]);
    expect(ids()).toEqual(["a", "a"]);
    expect(log.said).toEqual([
      {
        level: "error",
        fields: { err: fault, queue: "check", job: {}, epoch: 1 },
        message: "a job failed over a fault of the gate; it is put back",
      },
    ]);
  });

  it("to be recorded is tried again after a second", async () => {
    queues.add("check", "a");
    await nudged();
    queues.failing.set("held", fault);
    begun[0]?.end();
    await pass(999);
    expect(queues.ended).toEqual([]);
    await pass(1);
    expect(queues.ended).toEqual(["a"]);
    expect(log.said).toEqual([
      {
        level: "error",
        fields: { err: fault, queue: "check", job: {}, epoch: 1 },
        message: "the end of a job could not be recorded; it is tried again, or the job done again",
      },
    ]);
  });

  it("to be read is looked at again after a second", async () => {
    queues.add("check", "a");
    queues.failing.set("outlook", fault);
    await nudged();
    await pass(999);
    expect(ids()).toEqual([]);
    await pass(1);
    expect(ids()).toEqual(["a"]);
    expect(log.said).toEqual([
      { level: "error", fields: { err: fault }, message: "the queues could not be read; they are looked at again in a while" },
    ]);
  });

  it("to be taken leaves the timer of what is due later", async () => {
    queues.add("check", "a");
    queues.add("advance", "b", { after: 0.5 });
    queues.failing.set("take check", fault);
    await nudged();
    await pass(500);
    expect(ids().toSorted()).toEqual(["a", "b"]);
  });
});

describe("a lease", () => {
  it("is prolonged three times before it ends", async () => {
    queues.add("check", "a");
    await nudged();
    queues.renewed.length = 0;
    await pass(9_999);
    expect(queues.renewed).toEqual([]);
    await pass(1);
    expect(queues.renewed).toEqual([30]);
    await pass(20_000);
    expect(queues.renewed).toEqual([30, 30, 30]);
    expect(begun[0]?.signal.aborted).toBe(false);
  });

  it("that is lost ends its job early, and no other", async () => {
    for (const id of ["a", "b"]) queues.add("advance", id, { data: { repository: 5, number: 7, attempts: 0 } });
    await nudged();
    queues.lost.add(1);
    await pass(10_000);
    expect(begun.map(({ why }) => why())).toEqual(["the lease is not held any more", undefined]);
  });

  it.each<[Queue, string[]]>([
    ["advance", ["5#7"]],
    ["check", []],
  ])(
    "that is lost by %s keeps nothing of its end, and wakes the change of a turn: what it did last may not have been seen",
    async (queue, woken) => {
      queues.add(queue, "a", { data: { repository: 5, number: 7, attempts: 0 } });
      await nudged();
      queues.lost.add(1);
      queues.rows = [];
      begun[0]?.end();
      await pass();
      expect(queues.ended).toEqual([]);
      expect(queues.woken).toEqual(woken);
      expect(log.said).toEqual([
        {
          level: "warn",
          fields: { queue, job: { repository: 5, number: 7, attempts: 0 }, epoch: 1 },
          message: "a job was called off or taken over: nothing of its end is kept",
        },
      ]);
    },
  );

  it("that is lost has that wake tried again where the database refuses it", async () => {
    queues.add("advance", "a", { data: { repository: 5, number: 7, attempts: 0 } });
    await nudged();
    queues.lost.add(1);
    queues.rows = [];
    queues.failing.set("transaction", new Error("no such column"));
    begun[0]?.end();
    await pass(1_000);
    expect(queues.woken).toEqual(["5#7"]);
  });

  it.each([
    ["gives its job to this one", 1, ["a"]],
    ["that holds it still keeps its job", 0, []],
  ])("of another process %s", async (_, givenBack, taken) => {
    const before = worker;
    await before.stop();
    start(15);
    await nudged();
    queues.add("check", "a");
    queues.givenBack = givenBack;
    await pass(4_999);
    expect(ids()).toEqual([]);
    await pass(1);
    expect(ids()).toEqual(taken);
  });

  it.each(["renew", "takeBack"])("that can't be prolonged now is the next time: %s", async (where) => {
    queues.add("check", "a");
    await nudged();
    queues.failing.set(where, new Error("the connection is lost"));
    await pass(10_000);
    expect(log.said).toEqual([
      { level: "warn", fields: { err: new Error("the connection is lost") }, message: "the leases could not be prolonged" },
    ]);
    queues.renewed.length = 0;
    await pass(10_000);
    expect(queues.renewed).toEqual([30]);
  });
});

describe("all is settled", () => {
  const settled = (): { is: boolean } => watched(worker.settled());

  it("at once where there is nothing to do", async () => {
    const state = settled();
    await pass();
    expect(state.is).toBe(true);
  });

  it("once the last job is done, for each who waits", async () => {
    queues.add("check", "a");
    const [one, other] = [settled(), settled()];
    await pass();
    expect([one.is, other.is]).toEqual([false, false]);
    begun[0]?.end();
    await pass();
    expect([one.is, other.is]).toEqual([true, true]);
  });

  it("not while a job waits for its time", async () => {
    queues.add("check", "a", { after: 3 });
    const state = settled();
    await pass(2_999);
    expect(state.is).toBe(false);
    await pass(1);
    begun[0]?.end();
    await pass();
    expect(state.is).toBe(true);
  });

  it("within a twentieth of a second after another process has done its part", async () => {
    queues.rows.push({ queue: "check", id: "a", data: {}, due: 0, epoch: 99 });
    const state = settled();
    await pass(1_000);
    expect(state.is).toBe(false);
    queues.rows = [];
    await pass(50);
    expect(state.is).toBe(true);
  });

  it("not by what was read before the latest news", async () => {
    const { countJobs } = queues.store.records;
    let times = 0;
    queues.store.records.countJobs = async () => {
      const count = await countJobs();
      times += 1;
      if (times === 1) {
        queues.add("check", "a");
        worker.nudge();
      }
      return count;
    };
    const state = settled();
    await pass();
    expect(ids()).toEqual(["a"]);
    expect(state.is).toBe(false);
    begun[0]?.end();
    await pass();
    expect(state.is).toBe(true);
  });

  it("leaves the clock alone afterwards", async () => {
    settled();
    await pass();
    const { looks } = queues;
    await pass(9_000);
    expect(queues.looks).toBe(looks);
  });
});

describe("a stop", () => {
  const stop = async (): Promise<void> => {
    const stopped = worker.stop();
    await pass();
    await stopped;
  };

  it("leaves no timer behind, and asks for nothing any more", async () => {
    queues.add("check", "a", { after: 7 });
    await nudged();
    const { looks } = queues;
    await stop();
    expect(vi.getTimerCount()).toBe(0);
    await nudged();
    expect(queues.looks).toBe(looks);
  });

  it("leaves none where the queues are being read", async () => {
    const { outlook } = queues.store.records;
    let stopped: Promise<void> | undefined;
    queues.store.records.outlook = async () => {
      const found = await outlook();
      stopped ??= worker.stop();
      return found;
    };
    queues.add("check", "a");
    await nudged();
    await stopped;
    expect(vi.getTimerCount()).toBe(0);
    expect(ids()).toEqual([]);
  });

  it("waits for leases that are being prolonged", async () => {
    let letGo = (): void => undefined;
    queues.store.renew = () =>
      new Promise((resolve) => {
        letGo = () => resolve(new Set());
      });
    await pass(10_000);
    const stopped = watched(worker.stop());
    await pass(1_000);
    expect(stopped.is).toBe(false);
    letGo();
    await pass();
    expect(stopped.is).toBe(true);
  });

  it("ends what is under way early, puts it back, and takes nothing more", async () => {
    queues.add("check", "a");
    await nudged();
    const stopped = worker.stop();
    await pass();
    await stopped;
    expect(begun[0]?.why()).toBe("the gate is stopping");
    expect(queues.ended).toEqual(["a again"]);
    queues.add("check", "b");
    await nudged();
    await pass(60_000);
    expect(ids()).toEqual(["a"]);
    expect(queues.renewed).toEqual([30]);
  });

  it("waits for what is under way", async () => {
    queues.add("check", "a");
    await nudged();
    queues.failing.set("held", new Error("the connection is lost"));
    begun[0]?.fail(new Error("no such column"));
    const stopped = watched(worker.stop());
    await pass(999);
    expect(stopped.is).toBe(false);
    await pass(1);
    expect(stopped.is).toBe(true);
    // It is not tried again: whoever starts next takes it back.
    expect(queues.ended).toEqual([]);
  });

  it("lets nothing be taken of a queue that is being read", async () => {
    for (const id of ["a", "b"]) queues.add("advance", id);
    const { take } = queues.store;
    let stopped: Promise<void> | undefined;
    queues.store.take = async (...given) => {
      const job = await take(...given);
      stopped ??= worker.stop();
      return job;
    };
    await nudged();
    await stopped;
    expect(ids()).toEqual(["a"]);
    expect(queues.rows.map(({ epoch }) => epoch)).toEqual([null, null]);
  });
});
