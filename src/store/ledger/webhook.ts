import { Problem } from "../../problem.ts";

/** Seconds that an answer may take. */
const patience = 30;

/**
 * A webhook that is told of each checkpoint: a POST of the signed note as text. Whoever takes it compares with what it has, and answers 409 where this is none
 * that follows; it can't be asked what that is.
 */
export const webhookPlace = (
  url: string,
): { name: string; publish(publication: { note: string; size: number; before: number }): Promise<void> } => ({
  name: nameOf(url),
  publish: async ({ note }) => {
    let response: Response;
    try {
      response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: note,
        redirect: "error",
        signal: AbortSignal.timeout(patience * 1000),
      });
      await response.body?.cancel();
    } catch (cause) {
      throw refused(url, cause instanceof Error ? cause.message : String(cause), cause);
    }
    if (response.ok) return;
    const why =
      response.status === 409 ? "it says that this checkpoint does not follow on the one it has (409)" : `it answered ${response.status}`;
    throw refused(url, why, undefined);
  },
});

/** Without user, password and query, which may be secret. */
function nameOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

const refused = (url: string, why: string, cause: unknown): Problem =>
  new Problem(
    { code: "ledger-place", text: `${nameOf(url)} did not take the checkpoint: ${why}.`, hint: "Look at what answers there." },
    { cause },
  );
