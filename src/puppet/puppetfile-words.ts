/** A literal's text, the key of an option (`git:`), a name, a mark of Ruby's, or what is none of these. */
export interface Word {
  kind: "text" | "key" | "name" | "mark" | "unknown";
  text: string;
}

export interface Statement {
  /** Where it begins, from 1. */
  line: number;
  words: Word[];
}

/**
 * What Ruby reads at a place, tried in this order. A string that may hold code is none of these, and so unknown; so is one of more than
 * a thousand characters, which bounds the time that quotation marks without an end can take.
 */
const forms: Array<[form: RegExp, kind: Word["kind"]]> = [
  [/'((?:[^'\\]|\\[\s\S]){0,1000})'/y, "text"],
  [/"((?:[^"\\#]|#(?![{$@])){0,1000})"/y, "text"],
  [/(\w+):(?!:)/y, "key"],
  [/:(\w+)(?![\w?!=])/y, "text"],
  [/(-?\d[\d_.]*)\b/y, "text"],
  [/([A-Za-z_]\w*[?!]?)/y, "name"],
  [/(=>|[(),])/y, "mark"],
  // A run of letters and digits as a whole: looked at from each of its places, a long one would take the square of its length.
  [/(\w+|[\s\S])/y, "unknown"],
];

const blank = /[ \t\r]+|#.*/y;

/**
 * Cuts the text of a Puppetfile into statements. One ends with its line, or a semicolon, unless it stands in parentheses or its last
 * word says that more follows.
 */
export function statementsOf(text: string): Statement[] {
  const code = silenced(text);
  const statements: Statement[] = [];
  let current: Statement | null = null;
  let line = 1;
  let depth = 0;
  for (let at = 0; at < code.length;) {
    const skipped = matchAt(blank, code, at);
    const found = skipped === null ? wordAt(code, at) : null;
    const length = skipped?.[0].length ?? found?.length ?? 1;
    if (found?.word.text === "\n" || found?.word.text === ";") {
      if (depth <= 0 && !(found.word.text === "\n" && goesOn(current))) current = null;
    } else if (found !== null) {
      if (current === null) {
        current = { line, words: [] };
        statements.push(current);
        depth = 0;
      }
      current.words.push(found.word);
      if (found.word.kind === "mark") depth += found.word.text === "(" ? 1 : found.word.text === ")" ? -1 : 0;
    }
    line += code.slice(at, at + length).split("\n").length - 1;
    at += length;
  }
  return statements;
}

/** Without comments of several lines and what is behind `__END__`; the line breaks stay, so that lines can be counted. */
function silenced(text: string): string {
  let until: RegExp | null = null;
  const lines = text.split("\n").map((line) => {
    const isUnread = until !== null || /^=begin\b/.test(line) || /^__END__[ \t\r]*$/.test(line);
    if (until?.test(line)) until = null;
    else if (until === null && isUnread) until = line.startsWith("=") ? /^=end\b/ : /^(?!)/;
    return isUnread ? "" : line;
  });
  return lines.join("\n");
}

function goesOn(statement: Statement | null): boolean {
  const last = statement?.words.at(-1);
  return last?.kind === "key" || (last?.kind === "mark" && (last.text === "," || last.text === "=>"));
}

function wordAt(code: string, at: number): { word: Word; length: number } {
  for (const [form, kind] of forms) {
    const match = matchAt(form, code, at);
    if (match) return { word: { kind, text: unescaped(match[1] ?? "", code[at]) }, length: match[0].length };
  }
  throw new RangeError(`nothing at ${at}, though the last form takes anything`);
}

/** A string in single quotation marks has two escapes. */
const unescaped = (text: string, quote: string | undefined): string => (quote === "'" ? text.replaceAll(/\\(['\\])/g, "$1") : text);

function matchAt(form: RegExp, code: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(code);
}
