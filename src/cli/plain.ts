/**
 * Text from a repository, made safe for a terminal and for one line: escape sequences, other control characters and the marks that
 * reorder text (Unicode bidirectional controls, zero-width characters) are shown as their code points instead of being obeyed.
 */
export function plain(text: string, longest = 400): string {
  const shown = text.replaceAll("\t", "  ").replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (mark) => `<U+${hex(mark)}>`);
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

const hex = (mark: string): string => (mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
