import { isAlias, isMap, isScalar, parseDocument, visit } from "yaml";

/** A top-level pair of a data file: the same text is the same value. `plain`: each of its lines is of a form that nothing can follow. */
export interface Pair {
  text: string;
  plain: boolean;
}

/**
 * The top-level pairs of a YAML block mapping by their keys; null where it is anything else, or anything in it is out of the ordinary.
 * Read by lines and not by a parser, which would take 5 ms for each KB: a pair begins with a key at a line's first character, and ends
 * before the next. That holds unless a text or a flow collection is still open there, which `isWhole` asks about pairs that are not plain.
 */
export function yamlPairs(source: string): Map<string, Pair> | null {
  const text = source.replaceAll("\r\n", "\n");
  if (unusual.test(text)) return null;
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  const pairs = new Map<string, Pair>();
  let begun: { key: string; lines: string[] } | null = null;
  let isStarted = false;
  const end = (): void => {
    if (begun !== null) pairs.set(begun.key, pairOf(begun.lines));
  };
  for (const line of lines) {
    if (line === "" || line.startsWith("#") || line.startsWith(" ")) {
      if (begun !== null) begun.lines.push(line);
      else if (!/^ *(?:#.*)?$/u.test(line)) return null;
      continue;
    }
    if (!isStarted && begun === null && startLine.test(line)) {
      isStarted = true;
      continue;
    }
    if (begun !== null && (line === "-" || line.startsWith("- ")) && listAbove.test(begun.lines[0] ?? "")) {
      begun.lines.push(line);
      continue;
    }
    const key = keyOf(line);
    if (key === null) return null;
    end();
    if (pairs.has(key)) return null;
    begun = { key, lines: [line] };
  }
  // Whether the file's last line has an end decides how a text in a block ends, where it is the last.
  if (begun !== null && !text.endsWith("\n") && begun.lines.some((line) => /[|>]/u.test(line))) begun.lines.push(noEnd);
  end();
  return pairs;
}

/** Control characters, and what YAML 1.1 takes for the end of a line and others do not. */
const unusual = /[^\t\n\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffc\u{10000}-\u{10ffff}]/u;
const startLine = /^---(?: +(?:#.*)?)?$/u;
const listAbove = /: *(?:#.*)?$/u;
const noEnd = "\0";

const plainKey = /^([A-Za-z_][\w./@+-]*(?:::?[\w./@+-]+)*) *:(?= |$)/u;
const quotedKey = /^(?:"([^"\\]*)"|'([^']*)') *:(?= |$)/u;
/** What YAML 1.1 reads as something else than a text. */
const notText = /^(?:y|n|yes|no|on|off|true|false|null)$/iu;

function keyOf(line: string): string | null {
  const plain = plainKey.exec(line)?.[1];
  if (plain !== undefined) return notText.test(plain) || plain.length > 500 ? null : plain;
  const [, double, single] = quotedKey.exec(line) ?? [];
  const key = double ?? single;
  // Puppet takes the colon from a key like `:name`.
  return key === undefined || key === "" || key.length > 500 || key.startsWith(":") ? null : key;
}

function pairOf(lines: readonly string[]): Pair {
  // Comments and empty lines before the next key belong to no value, but where a block of text keeps its empty lines.
  const keepsEnd = lines.some((line) => /[|>][-+\d]*\+/u.test(line));
  const lastOwn = lines.findLastIndex((line, at) => at === 0 || keepsEnd || !/^(?:#.*)?$/u.test(line));
  const own = lines.slice(0, lastOwn + 1);
  return { text: own.join("\n"), plain: own.every((line) => plainLine.test(line)) };
}

/**
 * A line that opens nothing which goes on behind it: empty, a comment, or a value that is a word or a text with its own end, perhaps with a
 * key or the dashes of a list before it. (Of a block of text, which ends where lines are less indented, it may be part: it does no harm.)
 */
const plainLine = new RegExp(
  [
    String.raw`^ *(?:#.*)?$`,
    String.raw`^ *(?:- +)*(?:(?:[\w./@+-]+(?:::?[\w./@+-]+)*|"[^"\\]*"|'[^']*') *:(?: +|$))?` +
      String.raw`(?:-|\0|(?:-(?=\S)|[^\s\-?:,[\]{}#&*!|>'"%@\x60])(?:(?!:(?: |$))[^\n])*|"(?:[^"\\]|\\.)*" *(?: #.*)?|'(?:[^']|'')*' *(?: #.*)?|[|>][-+\d]{0,2} *|(?:\[\]|\{\}) *)?$`,
  ].join("|"),
  "u",
);

// The library compares each key with each other one, and looks for the line of each error from the first on. A key that is there twice ends nothing.
const options = { version: "1.1", logLevel: "silent", schema: "failsafe", uniqueKeys: false, prettyErrors: false } as const;

/**
 * Whether a pair by itself is YAML, all of it and without anything that other pairs could have a part in: it ends where it seems to end. Read by
 * a parser: whoever asks has looked at its length.
 */
export function isWhole(pair: string): boolean {
  const text = pair.endsWith(`\n${noEnd}`) ? pair.slice(0, -2) : `${pair}\n`;
  if (/:[,\]}]/u.test(text)) return false; // of which parsers think differently
  const document = parseDocument(text, options);
  if (document.errors.length > 0 || document.warnings.length > 0) return false;
  if (!isMap(document.contents) || document.contents.items.length !== 1) return false;
  let isPlain = true;
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.tag?.startsWith("!") === true || ("anchor" in node && node.anchor !== undefined)) isPlain = false;
      if (!isPlain) return visit.BREAK;
      return undefined;
    },
    Pair: (_, pair_) => {
      if (isScalar(pair_.key) && pair_.key.value !== "<<") return undefined;
      isPlain = false;
      return visit.BREAK;
    },
  });
  return isPlain;
}
