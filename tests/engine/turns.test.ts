import { describe, expect, it } from "vitest";
import type { Job, Log, Turn } from "../../src/engine/gate-ports.ts";
import { takeTurn } from "../../src/engine/turns.ts";
import { LeaseLost } from "../../src/problem.ts";

/** What is said of turns that came to nothing, and how they end. */
const job = { queue: "advance", id: "1", data: { repository: 5, number: 7, attempts: 0 }, lease: {} } as Job<Turn>;

async function outcome(error: Error): Promise<{ ended: unknown[]; said: string[] }> {
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
  const end = await takeTurn({ advance, explain: (thrown) => explain(thrown as Error), log, delays: [2] }, job);
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
