import type { Client } from "pg";

interface Listening {
  onNotification: (payload: string) => void;
  /** Notifications may have been missed: at the start, and each time the connection was made anew. */
  onGap: () => void;
  onError: (error: Error) => void;
}

/** Seconds before a lost connection is made anew; what is missed meanwhile is found by `onGap`. */
const again = 1;
/** Seconds between two questions on the connection, because one that is cut off without a word would never be heard of again. */
const heartbeat = 20;

/** Listens on a connection of its own, as long as it takes. Rejects only when the first attempt does. */
export async function listenOn(
  connect: () => Client,
  channel: string,
  { onNotification, onGap, onError }: Listening,
): Promise<{ close(): Promise<void> }> {
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const lose = (lost: Client, error: Error): void => {
    if (client !== lost || closed) return;
    client = null;
    onError(error);
    lost.end().catch(() => undefined); // it is lost already, and was told of
    retry();
  };
  const retry = (): void => {
    if (closed) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      begin().catch((error: unknown) => {
        onError(error instanceof Error ? error : new Error(String(error)));
        retry();
      });
    }, again * 1000);
  };
  const beat = (asked: Client): void => {
    timer = setTimeout(() => {
      ask(asked).catch((error: unknown) => lose(asked, error instanceof Error ? error : new Error(String(error))));
    }, heartbeat * 1000);
  };
  const ask = async (asked: Client): Promise<void> => {
    await asked.query("select 1");
    if (client === asked && !closed) beat(asked);
  };
  const begin = async (): Promise<void> => {
    const next = connect();
    next.on("error", (error) => lose(next, error));
    next.on("end", () => lose(next, new Error("the database closed the connection that listens")));
    next.on("notification", ({ payload }) => onNotification(payload ?? ""));
    try {
      await next.connect();
      await next.query(`listen ${next.escapeIdentifier(channel)}`);
    } catch (error) {
      await next.end().catch(() => undefined); // the failure to connect is the one to tell of
      throw error;
    }
    if (closed) return next.end();
    client = next;
    beat(next);
    onGap();
  };
  await begin();
  return {
    close: async () => {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await client?.end();
    },
  };
}
