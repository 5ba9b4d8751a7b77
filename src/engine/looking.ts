export interface Looking {
  now(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Looks now, and again so many seconds after each look's end, until it is closed; then the look that is under way is waited for. A look tells its own
 * troubles: one that rejects would end all of them, and the process with them. `now` looks at once, or after the look that is under way, and resolves when it
 * has looked.
 */
export function keepLooking(look: (isClosed: () => boolean) => Promise<void>, seconds: number): Looking {
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const turn = async (): Promise<void> => {
    await look(() => closed);
    if (closed) return;
    timer = setTimeout(() => {
      looking = turn();
    }, seconds * 1000);
  };
  let looking = turn();
  return {
    now: async () => {
      for (let under: Promise<void> | null = null; under !== looking;) {
        under = looking;
        await under;
      }
      if (closed) return;
      if (timer !== null) clearTimeout(timer);
      looking = turn();
      await looking;
    },
    close: async () => {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await looking;
    },
  };
}
