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
  const fence = /^(?<marks>`{3,}|~{3,})(?<info>.*)$/u.exec(content)?.groups;
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

/** The lines of a paragraph but for those that a code span or an HTML comment reaches into. */
function withoutSpans(lines: readonly string[]): string[] {
  const text = lines.join("\n");
  const spans = [...text.matchAll(/(?<!`)(?<ticks>`+)(?!`)[\s\S]*?(?<!`)\k<ticks>(?!`)|<!--[\s\S]*?(?:-->|$)/gu)];
  let at = 0;
  return lines.filter((line) => {
    const [from, to] = [at, at + line.length];
    at = to + 1;
    return !spans.some((span) => span.index < to && span.index + span[0].length > from);
  });
}
