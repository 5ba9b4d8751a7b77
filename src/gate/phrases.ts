import type { Unknown } from "./facts.ts";

/** Small pieces of sentences that several reasons share. */

/** What comes after something that could not be read. */
export const askedAgain = "it is asked again by itself; /why asks at once";

/** The same, as what somebody can do. */
export const askNow = "anybody: say /why, which asks again at once";

/** What is said of something that could not be learnt, and who can do something about it: nobody waits for what stays so. */
export const unlearnt = ({ reason, way }: Pick<Unknown, "reason" | "way">): { text: string; unblock: string } =>
  way === undefined ? { text: `${reason}; ${askedAgain}`, unblock: askNow } : { text: reason, unblock: way };

/** Text of one line, and no more of it than `most` characters. */
export function clipped(text: string, most: number): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).trimEnd()}…`;
}

/** The first ten digits of an object id. */
export const short = (sha: string): string => sha.slice(0, 10);

/** `a`, `a and b`, `a, b and c`; at most `most` of them by name. */
export function list(items: readonly string[], most = 6): string {
  const shown = items.slice(0, most);
  const hidden = items.length - shown.length;
  if (hidden > 0) return `${shown.join(", ")} and ${hidden} more`;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
