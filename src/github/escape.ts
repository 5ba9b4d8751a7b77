/**
 * Text that came out of a pull request, made safe for GitHub's Markdown and plain fields. Code spans are the strongest: nothing in
 * them is rendered, linked, mentioned or turned into a picture. Prose around them is made of entities.
 */

/** Zero-width space. After `@`, `#` and the like it keeps GitHub from making a mention or a reference of what follows. */
const gap = "&#8203;";

/** What is shown of an empty text. */
const nothing = "␣";

/** One line without anything that hides, reorders or colours text: such characters are shown as their code points. */
export function plain(text: string, longest = 1_000): string {
  // Nothing of it gets shorter by what follows, so what is cut off here is not seen anyway; a megabyte is not worth the time.
  const line = text
    .slice(0, longest + 2)
    .replaceAll(/\r\n|[\n\r\u2028\u2029]/gu, " ⏎ ")
    .replaceAll("\t", "  ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{NChar}\u115f\u1160\u3164\uffa0]/gu, (mark) => `‹U+${hex(mark)}›`);
  return cut(line, longest);
}

const hex = (mark: string): string => (mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");

/** At most so many UTF-16 units, never half a character. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const kept = text.slice(0, longest - 1);
  return `${/[\ud800-\udbff]$/u.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** A code span around any text: its fence is longer than every run of backticks inside. */
export function code(text: string, longest = 300): string {
  const line = plain(text, longest).trim();
  if (line === "") return `\`${nothing}\``;
  const longestRun = Math.max(0, ...[...line.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = "`".repeat(longestRun + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return apart(`${fence}${pad}${line}${pad}${fence}`);
}

/**
 * Letters that are read from right to left (Unicode's blocks of them) turn whatever stands beside them, and a paragraph that begins with one is
 * right-to-left as a whole. Text that has any is set apart by UAX #9's isolates.
 */
const apart = (text: string): string => (rightToLeft.test(text) ? `\u2066${text}\u2069` : text);
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** For a field that GitHub shows as it is: a check run's title, an annotation. At most `longest` UTF-16 units with the marks that set it apart. */
export const field = (text: string, longest: number): string => apart(plain(text, longest - 2));

/** Sentences with text of the pull request in them: no Markdown, HTML, mention, reference, link, picture or formula comes of it. */
export function prose(text: string, longest = 1_000): string {
  const line = plain(text, longest);
  // Without any text, what stands around it may become markup: two dashes of a list underline the line above.
  if (line.trim() === "") return nothing;
  const safe = line.replaceAll(live, (mark) => {
    if (/^[&<>`*_~[\]\\|$]$/u.test(mark)) return `&#${mark.charCodeAt(0)};`;
    return mark === "@" || mark === "#" ? `&#${mark.charCodeAt(0)};${gap}` : `${gap}${mark}${gap}`;
  });
  return apart(safe);
}

/**
 * What GitHub would act on: markup; mentions and references; addresses, which it links without being asked; `GH-1`; `:name:` pictures;
 * and what begins a list or an underline at the start of a line.
 */
const live =
  /[&<>`*_~[\]\\|$@#]|(?<=https?|ftp|mailto|xmpp):|(?<=www)\.|(?<=\bGH)-(?=\d)|:(?=[A-Za-z0-9_+-]+:)|^[-+=]|(?<=^\d{1,9})[.)]/giu;

/** A fenced block around any text, its lines kept; control characters shown. */
export function block(text: string, info: "diff" | "yaml" | "", mostLines: number, longestLine: number): string {
  const lines = text.split("\n");
  const shown = lines.slice(0, mostLines).map((line) => plain(line, longestLine));
  if (lines.length > mostLines) shown.push(`… ${lines.length - mostLines} more lines`);
  const longestRun = Math.max(2, ...shown.flatMap((line) => [...line.matchAll(/`+/gu)].map(([run]) => run.length)));
  const fence = "`".repeat(longestRun + 1);
  return `${fence}${info}\n${shown.join("\n")}\n${fence}`;
}

/** GitHub refuses longer texts: a check run's are limited in bytes, a comment's a little above it in characters. */
export const longestText = 65_535;

export const byteLength = (text: string): number => Buffer.byteLength(text, "utf8");

/**
 * The sections that fit into `bytes`, in order; one that does not is left out whole and counted at the end, so that no block is left
 * open and a short section after a long one is still there.
 */
export function fitted(sections: readonly string[], bytes: number, leftOut: (count: number) => string, between = "\n\n"): string {
  const size = (section: string): number => byteLength(section) + between.length;
  const whole = sections.reduce((sum, section) => sum + size(section), 0);
  let room = whole <= bytes ? bytes : bytes - size(leftOut(sections.length));
  const kept: string[] = [];
  for (const section of sections) {
    if (size(section) > room) continue;
    kept.push(section);
    room -= size(section);
  }
  const missing = sections.length - kept.length;
  return [...kept, ...(missing > 0 ? [leftOut(missing)] : [])].join(between);
}
