/** Milliseconds by step; steps that run side by side overlap, so that they need not add up to `total`. */
export interface Stopwatch {
  /** Ends a step that began where the one before it ended. */
  lap(step: string): void;
  /** Times a step of its own. */
  time<T>(step: string, work: Promise<T>): Promise<T>;
  read(): Record<string, number>;
}

export function stopwatch(now: () => number): Stopwatch {
  const start = now();
  const steps: Record<string, number> = {};
  let last = start;
  return {
    lap(step) {
      steps[step] = Math.round(now() - last);
      last = now();
    },
    async time(step, work) {
      const began = now();
      const result = await work;
      steps[step] = Math.round(now() - began);
      last = now();
      return result;
    },
    read: () => ({ ...steps, total: Math.round(now() - start) }),
  };
}
