/** Markup that is safe to put into a page. Nothing but `markup` makes it, so that no text gets into a page unescaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = string | number | Markup | readonly Part[];

/** A template whose parts are escaped, unless they are markup themselves. Attributes are written in double quotes. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.reduce((page, string, at) => `${page}${written(parts[at - 1] ?? "")}${string}`));

function written(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escaped(shown(part));
  return typeof part === "number" ? String(part) : part.map(written).join("");
}

export const none = markup``;

/** Shows what hides, reorders or colours text as its code point. Tabs stay; a line's end within a text becomes a sign. */
export const visible = (text: string): string =>
  text
    .replaceAll(/\r\n|[\n\u2028\u2029]/gu, " ⏎ ")
    .replaceAll(/(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{NChar}\u115f\u1160\u3164\uffa0]/gu, (mark) => `‹U+${hex(mark)}›`);

/** As much of a text as somebody reads; what a value is made of is cut line by line before. */
const longest = 4_000;

/** How any text gets into the page: cut, nothing hidden in it, and apart from the words around it. */
export const shown = (text: string): string => apart(visible(cut(text, longest)));

/**
 * Letters that are read from right to left (Unicode's blocks of them) turn whatever stands beside them. Text that has any is set apart, by
 * UAX #9's isolates: they do so in attributes and titles as well, where no element can.
 */
const apart = (text: string): string => (rightToLeft.test(text) ? `\u2066${text}\u2069` : text);
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const hex = (mark: string): string => (mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/gu, (mark) => entities[mark] ?? mark);

/** JSON for a `script` that is data: no `<` in it can end the element, and no line separator a string. */
export const island = (value: unknown): Markup =>
  new Markup(JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/gu, (mark) => `\\u${hex(mark).toLowerCase()}`));

/** Our own style or script, which is text of this program and of nobody else. */
export const own = (text: string): Markup => new Markup(text);

/** At most so many UTF-16 units, never half a character. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest).replace(/[\ud800-\udbff]$/u, "")}…`;
}
