/** Small pieces of sentences that several reasons share. */

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
