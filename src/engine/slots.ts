/**
 * The processors of this machine, shared by all checks of this process: whatever runs in a sandbox waits for a slot. A check alone gets all
 * of them; of several, the one with the fewest at work is next, and of a check's sides likewise, so that pairs of catalogs come together.
 */
export interface Slots {
  /** A check's place among the others; each of its shares is a side of it. What is `patient` counts as one more at work than there is. */
  enter(): { share: (how?: "patient") => Slot };
}

/** Does some work in a slot. What waits for one and is called off rejects with the signal's reason, and never begins. */
export type Slot = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

interface Place {
  running: number;
  /** The turn in which it was served last. */
  served: number;
}

interface Waiter {
  check: Place;
  side: Place;
  begin: () => void;
}

export function createSlots(count: number): Slots {
  const waiting = new Set<Waiter>();
  let free = Math.max(1, count);
  let turn = 0;

  const grant = (): void => {
    while (free > 0 && waiting.size > 0) {
      const next = [...waiting].reduce((best, each) => (isBefore(each, best) ? each : best));
      waiting.delete(next);
      free -= 1;
      turn += 1;
      for (const place of [next.check, next.side]) Object.assign(place, { running: place.running + 1, served: turn });
      next.begin();
    }
  };
  const begun = (check: Place, side: Place, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const callOff = (): void => {
        waiting.delete(waiter);
        reject(signal?.reason as Error);
      };
      const begin = (): void => {
        signal?.removeEventListener("abort", callOff);
        resolve();
      };
      const waiter: Waiter = { check, side, begin };
      if (signal?.aborted) return callOff();
      signal?.addEventListener("abort", callOff);
      waiting.add(waiter);
      grant();
    });

  return {
    enter: () => {
      const check: Place = { running: 0, served: 0 };
      return {
        share: (how) => {
          const side: Place = { running: how === "patient" ? 1 : 0, served: 0 };
          return async (work, signal) => {
            await begun(check, side, signal);
            try {
              return await work();
            } finally {
              free += 1;
              check.running -= 1;
              side.running -= 1;
              grant();
            }
          };
        },
      };
    },
  };
}

/** By how much is at work, then by who has waited longest; among equals, who came first stays. */
function isBefore(one: Waiter, other: Waiter): boolean {
  const order =
    one.check.running - other.check.running ||
    one.check.served - other.check.served ||
    one.side.running - other.side.running ||
    one.side.served - other.side.served;
  return order < 0;
}
