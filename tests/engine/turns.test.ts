import { describe, expect, it } from "vitest";
import type { HeldTurn, Job, Turn } from "../../src/engine/ports/jobs.ts";
import type { Log } from "../../src/engine/ports/log.ts";
import { takeTurn, type TurnOutcome } from "../../src/engine/turns.ts";
import { LeaseLost } from "../../src/problem.ts";
import { memoryLog, newWorld } from "./stand-ins/world.ts";

/** What is said of turns that came to nothing, and how they end. */
const job = { queue: "advance", id: "1", data: { repository: 5, number: 7, attempts: 0 }, lease: {} } as Job<Turn>;

async function outcome(error: Error, delay = 2): Promise<{ ended: unknown[]; said: string[] }> {
  const said: string[] = [];
  const log: Log = {
    info: (_, message) => void said.push(`info: ${message}`),
    warn: (_, message) => void said.push(`warn: ${message}`),
    error: (_, message) => void said.push(`error: ${message}`),
  };
  const advance = async (): Promise<never> => {
    throw error;
  };
  const explain = ({ message }: Error): { text: string; after: number } | null =>
    message === "502" ? { text: "GitHub answered 502", after: 60 } : null;
  const end = await takeTurn({ advance, explain: (thrown) => explain(thrown as Error), log, delays: [delay] }, job);
  const ended: unknown[] = [];
  await end({ postponeTurn: async (_: unknown, why: string, seconds: number | null) => void ended.push([why, seconds]) } as never);
  return { ended, said };
}

describe("a turn that came to nothing", () => {
  it("is tried again after what GitHub wants", async () => {
    expect(await outcome(new Error("502"))).toEqual({ ended: [["GitHub answered 502", 60]], said: ["warn: GitHub answered 502"] });
  });

  it("by a fault of the gate is an error in the log", async () => {
    const { said } = await outcome(new Error("no such column"));
    expect(said).toEqual(["error: a turn failed over a fault of the gate", "warn: a fault of the gate: no such column"]);
  });

  it("because another process took the repository over is no fault: nobody has to look into it", async () => {
    const { said, ended } = await outcome(new LeaseLost("repository 5"));
    expect(said).toEqual(['warn: the lease "repository 5" is not held any more']);
    expect(ended).toEqual([['the lease "repository 5" is not held any more', 2]]);
  });
});

it.each([new Error("no such column"), new LeaseLost("repository 5")])(
  "a turn that ends by %s waits for nothing but its delay",
  async (error) => {
    expect((await outcome(error, 0)).ended).toMatchObject([[expect.any(String), 0]]);
  },
);

describe("a turn", () => {
  const taken = async (outcome: TurnOutcome, attempts = 0): Promise<{ ended: unknown; said: unknown; turn: HeldTurn | undefined }> => {
    const { store } = newWorld();
    const { log, said } = memoryLog();
    const given: Job<Turn> = { ...job, data: { ...job.data, attempts }, lease: store.lease };
    let turn: HeldTurn | undefined;
    const advance = async (one: HeldTurn): Promise<TurnOutcome> => {
      turn = one;
      return outcome;
    };
    await store.held(store.lease, await takeTurn({ advance, explain: () => null, log, delays: [2, 10] }, given));
    expect(store.book.ended.map((one) => one.job)).toEqual([given]);
    return { ended: store.book.ended.map(({ how, seconds, error }) => [how, seconds, error]), said, turn };
  };
  const again = (after: number): TurnOutcome => ({ settled: false, why: "GitHub answered 502", after });

  it("has its change, how often it was tried, and its lease", async () => {
    const { turn, said } = await taken({ settled: true }, 1);
    expect(turn).toEqual({ repository: 5, number: 7, attempts: 1, lease: newWorld().store.lease });
    expect(said).toEqual([]);
  });

  it.each<[string, TurnOutcome, number, unknown[]]>([
    ["that came to something is over", { settled: true }, 0, ["settled", undefined, undefined]],
    ["that came to nothing is taken again in its time", again(0), 0, ["postponed", 2, "GitHub answered 502"]],
    ["is put off longer each time", again(0), 1, ["postponed", 10, "GitHub answered 502"]],
    ["waits as long as GitHub wants", again(60), 1, ["postponed", 60, "GitHub answered 502"]],
    ["is given up after its last try", again(60), 2, ["given up", undefined, "GitHub answered 502"]],
  ])("%s", async (_, outcome, attempts, ended) => {
    expect((await taken(outcome, attempts)).ended).toEqual([ended]);
  });

  it("that comes to nothing says how often it was tried, and when it is again", async () => {
    const fields = { repository: 5, number: 7 };
    expect((await taken(again(0), 1)).said).toEqual([
      { level: "warn", fields: { ...fields, attempts: 2, seconds: 10 }, message: "GitHub answered 502" },
    ]);
    expect((await taken(again(0), 2)).said).toEqual([
      { level: "error", fields: { ...fields, attempts: 3 }, message: "given up until the next event: GitHub answered 502" },
    ]);
  });

  it("that fails over what is no error says that", async () => {
    const { log, said } = memoryLog();
    const advance = async (): Promise<never> => {
      // oxlint-disable-next-line only-throw-error -- this is what is to be seen
      throw "nothing";
    };
    await takeTurn({ advance, explain: () => null, log, delays: [2] }, job);
    expect(said.map(({ message }) => message)).toEqual(["a turn failed over a fault of the gate", "a fault of the gate: nothing"]);
    expect(said[0]?.fields).toEqual({ err: "nothing", repository: 5, number: 7 });
  });
});
