/**
 * The lines of a comment that its author says in their own voice: not quoted, not code, not hidden in HTML. Follows CommonMark 0.31
 * as far as that question goes; where it is in doubt (blocks inside list items, say) a line is left out, because a command that was
 * not meant is worse than one that has to be repeated.
 */
export function spokenLines(markdown: string): string[] {
  const spoken: string[] = [];
  let closing: ((line: string) => boolean) | null = null;
  let quoted = false;
  let paragraph: string[] = [];
  const endParagraph = (): void => {
    spoken.push(...withoutSpans(paragraph));
    paragraph = [];
    quoted = false;
  };
  for (const line of markdown.split(/\r\n|\r|\n/u)) {
    if (closing !== null) {
      if (closing(line)) closing = null;
      continue;
    }
    const content = line.replace(/^(?:\s|[-*+]\s|\d{1,9}[.)]\s)*/u, "");
    const opened = openingOf(content);
    if (opened !== null) {
      endParagraph();
      closing = opened;
    } else if (content === "") {
      endParagraph();
    } else if (content.startsWith(">")) {
      endParagraph();
      quoted = true;
    } else if (!quoted && !isIndentedCode(line)) {
      // Directly under a quote, a line continues the quoted paragraph and is shown inside it (CommonMark "laziness").
      paragraph.push(line);
    }
  }
  endParagraph();
  return spoken;
}

const isIndentedCode = (line: string): boolean => /^(?: {4}| {0,3}\t)/u.test(line);

/** For a line that opens a fence or an HTML block: the test for the line that closes it. */
function openingOf(content: string): ((line: string) => boolean) | null {
  const fence = /^(?<marks>`{3,}|~{3,})(?<info>.*)$/su.exec(content)?.groups;
  const marks = fence?.["marks"];
  if (marks !== undefined && !(marks.startsWith("`") && fence?.["info"]?.includes("`"))) {
    const run = marks.slice(0, 1).repeat(marks.length);
    return (line) => line.trim().startsWith(run) && /^(?:`+|~+)$/u.test(line.trim());
  }
  const raw = /^<(?<tag>pre|script|style|textarea)(?=[\s>]|$)/iu.exec(content)?.groups?.["tag"];
  if (raw !== undefined) return until(content, `</${raw.toLowerCase()}>`);
  if (content.startsWith("<!--")) return until(content, "-->");
  // Any other HTML at a line's start: what it shows is up to the browser, so nothing before the next blank line is speech.
  return /^<[a-z/!?]/iu.test(content) ? (line) => line.trim() === "" : null;
}

/** A block that ends on the line with `end`; one that ends where it began is closed by the next blank line at the latest. */
function until(content: string, end: string): (line: string) => boolean {
  if (content.toLowerCase().includes(end)) return (line) => line.trim() === "";
  return (line) => line.toLowerCase().includes(end);
}

/** The lines of a paragraph but for those that a code span or an HTML comment reaches into. Lines and spans are walked side by side. */
function withoutSpans(lines: readonly string[]): string[] {
  const spans = spansOf(lines.join("\n"));
  let [at, next] = [0, 0];
  return lines.filter((line) => {
    const [from, to] = [at, at + line.length];
    at = to + 1;
    while ((spans[next]?.to ?? Infinity) <= from) next += 1;
    return (spans[next]?.from ?? Infinity) >= to;
  });
}

interface Span {
  from: number;
  to: number;
}

/**
 * Code spans and HTML comments, in order. A run of backticks opens a span that the next run of the same length closes; where none follows, it
 * is text. Every run is looked at once: what closes what is known from the end, so that no text makes this slow.
 */
function spansOf(text: string): Span[] {
  const marks = [...text.matchAll(/`+|<!--/gu)];
  const closers = closersOf(marks);
  const spans: Span[] = [];
  let after = 0;
  for (const [nth, mark] of marks.entries()) {
    if (mark.index < after) continue;
    const [what] = mark;
    const closer = closers[nth] ?? null;
    if (what === "<!--") {
      const end = text.indexOf("-->", mark.index + what.length);
      after = end === -1 ? text.length : end + "-->".length;
    } else if (closer === null) continue;
    else after = closer.index + what.length;
    spans.push({ from: mark.index, to: after });
  }
  return spans;
}

/** For each run of backticks the next one of its length. */
function closersOf(marks: readonly RegExpExecArray[]): (RegExpExecArray | null)[] {
  const nextOf = new Map<string, RegExpExecArray>();
  const closers: (RegExpExecArray | null)[] = marks.map(() => null);
  for (let nth = marks.length - 1; nth >= 0; nth -= 1) {
    const mark = marks[nth];
    if (mark === undefined) continue;
    closers[nth] = nextOf.get(mark[0]) ?? null;
    nextOf.set(mark[0], mark);
  }
  return closers;
}
