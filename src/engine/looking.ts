/**
 * Looks now, and again so many seconds after each look's end, until it is closed; then the look that is under way is waited for. A look tells its own
 * troubles: one that rejects would end all of them, and the process with them.
 */
export function keepLooking(look: (isClosed: () => boolean) => Promise<void>, seconds: number): { close(): Promise<void> } {
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
    close: async () => {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await looking;
    },
  };
}
