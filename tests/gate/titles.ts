/** A test in a file's text, as its title and all that it is made of: what it does, or its row of a table and what is done with each. */
export interface Titled {
  title: string;
  text: string;
  /** Of a row, the words that are expected stand in it, and what is done with each compares them. */
  row: boolean;
}

const opening = /^(?<indent> *)(?:it|describe)(?:\.\w+\([^\n]*?\))?\(\s*(?<quote>["'`])(?<title>.*?)\k<quote>,/gmu;
const table = /^(?<indent> *)(?:\]|it\.\w+\([\w.]+)\)\("[^"]*(?:%s|\$name)[^"]*",/gmu;
const row = /^(?<indent> *)(?:\[\s*|(?:\{ )?name: )?(?<quote>["'`])(?<title>case \d.*?)\k<quote>,/gmu;

/**
 * The tests of a file as the formatter writes them, where a block ends with the first line that is no further in than its beginning. What
 * stands in a comment begins no line of code, and is none.
 */
export function titledTests(source: string): Titled[] {
  const blocks = [...source.matchAll(opening)].map((match) => ({
    title: match.groups?.["title"] ?? "",
    text: blockAt(source, match),
    row: false,
  }));
  const checked = [...source.matchAll(table)].map((match) => blockAt(source, match)).filter((text) => text.includes("expect("));
  const rows = [...source.matchAll(row)]
    .filter((match) => !blocks.some(({ title }) => title === match.groups?.["title"]))
    .map((match) => ({ title: match.groups?.["title"] ?? "", text: [rowAt(source, match), ...checked].join("\n"), row: true }));
  return [...blocks, ...rows];
}

function blockAt(source: string, match: RegExpExecArray): string {
  const rest = source.slice(match.index);
  const end = new RegExp(String.raw`\n {0,${(match.groups?.["indent"] ?? "").length}}[})\]]`, "u").exec(rest);
  return rest.slice(0, end?.index ?? rest.length);
}

/** From a row's title to the next row. */
function rowAt(source: string, match: RegExpExecArray): string {
  const rest = source.slice(match.index + match[0].length);
  const next = /^ *(?:\[\s*|(?:\{ )?name: )?["'`]|^ *\]/mu.exec(rest);
  return match[0] + rest.slice(0, next?.index ?? rest.length);
}

/** Whether it expects anything, and words among that. */
export const expects = ({ text }: Titled): boolean => /\bexpect[\s\S]*?\)\s*\.(?:\w+\s*\.)*to[A-Z]/u.test(text);
export const expectsWords = (test: Titled): boolean =>
  test.row ? expects(test) : /\bexpect[\s\S]*?\)\s*\.(?:\w+\s*\.)*to[A-Z]\w+\(\s*[^)]*?["'`/]/u.test(test.text);

/** Whether it numbers this case: `case 7: …`, `case 63 and 70: …`. */
export const numbersCase = (title: string, number: number): boolean =>
  new RegExp(String.raw`^case (?:\d+(?:, | and ))*${number}(?!\d)`, "u").test(title);
