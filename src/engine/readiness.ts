import type { ReadinessPart } from "./ports/readiness.ts";

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
