/**
 * What stands in quotes in `Sensitive('…')` and `Sensitive.new("…")`. Blanks are each part's own: two runs of them side by side would share
 * them in as many ways as there are blanks.
 */
const literal = /\bSensitive(?:\s*\[[^\]]{0,200}\])?(?:\s*\.\s*new)?\s*\(\s*(?:'((?:[^'\\]|\\.){1,4096})'|"((?:[^"\\]|\\.){1,4096})")/gu;
/** What hiera-eyaml's editor decrypted and somebody saved. */
const decrypted = /\bDEC(?:\(\d+\))?::\w+\[([^[\]]{1,4096})\]!/gu;

/** Secrets that a file of a tree spells out: known where no node compiles them, and no compile comes to an end. */
export const literalSecrets = (text: string): string[] => [
  ...[...text.matchAll(literal)].flatMap(([, single, double]) => [single ?? double ?? ""]),
  ...[...text.matchAll(decrypted)].map(([, clear = ""]) => clear),
];
