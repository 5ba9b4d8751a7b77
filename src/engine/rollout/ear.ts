/** Hears what people say to a rollout while something that takes long is under way. */
export interface Ear {
  /** Hears now. Whether anything was done by it since this ear was made: what was decided before is not to be begun any more. */
  now(): Promise<boolean>;
  /** Does something, and hears all the while. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

/** Between two looks for a word: who says `abort` wants to be answered. */
const every = 2_000;

/** `hear` tells whether anything was done. Never two at once. */
export function earOf(hear: () => Promise<boolean>, milliseconds = every): Ear {
  let isNews = false;
  let last: Promise<unknown> = Promise.resolve();
  const now = (): Promise<boolean> => {
    const next = last.then(async () => {
      isNews = (await hear()) || isNews;
      return isNews;
    });
    // Whoever asked is told; the next one asks again.
    last = next.catch(() => undefined);
    return next;
  };
  return {
    now,
    during: async (work) => {
      let failure: { error: unknown } | null = null;
      const timer = setInterval(() => {
        now().catch((error: unknown) => {
          failure ??= { error };
        });
      }, milliseconds);
      try {
        return await work();
      } finally {
        clearInterval(timer);
        await last;
        // A lease that is lost ends the job by its signal, too; anything else is no reason to forget that it was not heard.
        if (failure !== null) await now();
      }
    },
  };
}
