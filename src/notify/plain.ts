/**
 * Anybody's text as a part of one line: control characters (IRC's ends of lines and colours among them), what reorders or hides text, and halves of
 * characters are shown as their code points. At most `longest` code points. Letters that are read from right to left are set apart by UAX #9's isolates.
 */
export function plain(text: string, longest = 200): string {
  // Nothing gets shorter by what follows, and a megabyte is not worth the time.
  const points = Array.from(text.slice(0, longest * 2 + 2));
  const kept = points.length > longest ? [...points.slice(0, longest - 1), "…"] : points;
  const line = kept
    .join("")
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{NChar}\u115f\u1160\u3164\uffa0]/gu, (mark) => `‹U+${hex(mark)}›`)
    .trim();
  if (line === "") return "␣";
  return rightToLeft.test(line) ? `\u2066${line}\u2069` : line;
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const hex = (mark: string): string => (mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
