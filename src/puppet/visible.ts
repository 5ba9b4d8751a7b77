/** The longest message that is kept, in characters: a line of a report, not the file it speaks of. */
const longestMessage = 500;

/**
 * Words that came out of the sandbox, fit to be one line of a report: line breaks and runs of blanks become one blank, and control
 * characters, escape sequences and the marks that reorder or hide text (Unicode's categories Cc, Cf, Zl, Zp, Cs) their code points.
 */
export function visible(text: string, longest = longestMessage): string {
  const start = text.slice(0, longest * 4); // whatever shrinks it below, this bounds the work
  const line = start
    .replaceAll(/[ \t\r\n]+/g, " ")
    .trim()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (mark) => `<U+${hex(mark)}>`);
  if (line.length <= longest && start.length === text.length) return line;
  return `${line.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

const hex = (mark: string): string => (mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
