/** Whether this process can do its work now, part by part: for whoever decides to send it requests, and for the person who looks why not. */
export interface Readiness {
  ready: boolean;
  /** Told to stop: what is under way is ended, and nothing new is begun. */
  draining: boolean;
  parts: readonly ReadinessPart[];
}

export interface ReadinessPart {
  name: string;
  /** `away`: it can't be had now, and what is asked of this process is kept until it can. */
  state: "ok" | "away" | "failing";
  /** Why, and what to do; without any secret. */
  text: string;
}

export interface ReadinessPorts {
  /** Each answers, or throws with why it does not hold. Seconds that one may take. */
  parts: readonly { name: string; look: () => Promise<Pick<ReadinessPart, "state" | "text">> }[];
  seconds?: number;
}

/** Longer than a healthy database takes, and shorter than what asks waits. */
const patience = 2;

export async function lookIfReady({ parts, seconds = patience }: ReadinessPorts): Promise<ReadinessPart[]> {
  return Promise.all(
    parts.map(async ({ name, look }) => {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`it did not answer within ${seconds} s`)), seconds * 1000);
      try {
        return { name, ...(await Promise.race([look(), late.promise])) };
      } catch (error) {
        return { name, state: "failing" as const, text: error instanceof Error ? error.message : String(error) };
      } finally {
        clearTimeout(timer);
      }
    }),
  );
}
