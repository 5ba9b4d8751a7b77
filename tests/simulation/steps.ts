import { setImmediate as realImmediate } from "node:timers/promises";
import type { Owner } from "./clock.ts";

/**
 * Everything that the gate asks of the database, GitHub and git waits here until the simulation lets it go: one operation at a time, in an
 * order that the seed decides. Between two of them any process may be killed: what it had asked for is never done, and what was done for
 * it is never answered.
 */
export interface Operation {
  owner: Owner;
  kind: "database" | "network" | "git";
  label: string;
  /** The landing that it is a step of: its intention that is kept, or the push or the request by which it comes about. */
  landing?: Landing | null;
  /** Whether it could be done now: a transaction that is open keeps all others waiting. */
  isFree: () => boolean;
  /** Does it, and gives how its answer is handed over. */
  perform: () => Promise<() => void>;
}

/** Null where that is not told: which pull request is landed. */
export interface Landing {
  repo: number;
  number: number | null;
}

export interface Steps {
  /** Waits to be let go; rejects as `perform` does. Never settles for somebody who was killed. */
  ask<T>(operation: Omit<Operation, "perform">, perform: () => Promise<T>): Promise<T>;
  /** Those that could be let go now, the oldest first. */
  waiting(): Operation[];
  /**
   * Does one. `dies`: whoever asked is killed before it is done, or after that and before the answer. `later` takes the answer to hand it
   * over at another time.
   */
  letGo(
    operation: Operation,
    dies: "before" | "after" | null,
    kill: (owner: Owner) => void,
    later?: (answer: () => void) => void,
  ): Promise<void>;
  /** Forgets what somebody who was killed had asked for. */
  forget(owner: Owner): void;
  /** Resolves once nothing more happens by itself. */
  settle(): Promise<void>;
  /** Something happened. */
  stir(): void;
}

/** Turns of Node's loop without anything new, after which nothing more is expected: what is in memory answers within one. */
const quietTurns = 2;

export function createSteps(): Steps {
  const queue = new Set<Operation>();
  let stirred = 0;
  const steps: Steps = {
    ask: (operation, perform) =>
      new Promise((resolve, reject) => {
        stirred += 1;
        queue.add({
          ...operation,
          perform: async () => {
            try {
              const value = await perform();
              return () => resolve(value);
            } catch (error) {
              return () => reject(error);
            }
          },
        });
      }),
    waiting: () => [...queue].filter(({ owner, isFree }) => !owner.dead && !owner.stalled && isFree()),
    letGo: async (operation, dies, kill, later) => {
      queue.delete(operation);
      if (dies === "before") kill(operation.owner);
      else {
        const answer = await operation.perform();
        if (dies === "after") kill(operation.owner);
        if (later !== undefined) later(answer);
        else if (!operation.owner.dead) answer();
      }
      await steps.settle();
    },
    forget: (owner) => {
      for (const operation of queue) if (operation.owner === owner) queue.delete(operation);
    },
    settle: async () => {
      for (let quiet = 0; quiet < quietTurns;) {
        const before = stirred;
        await realImmediate();
        quiet = stirred === before ? quiet + 1 : 0;
      }
    },
    stir: () => {
      stirred += 1;
    },
  };
  return steps;
}
