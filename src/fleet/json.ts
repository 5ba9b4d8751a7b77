/** A place in a JSON text that `JSON.parse` accepts without a word and that facts must not have. */
export type JsonFault = { kind: "duplicate"; key: string; line: number } | { kind: "deep" };

/**
 * Looks through a text that is known to be JSON for keys given twice in one map (`JSON.parse` keeps the last and says nothing) and for
 * nesting beyond `deepest`. One pass over the characters, about 40 MB a second.
 */
export function findJsonFault(text: string, deepest: number): JsonFault | null {
  const open: Array<Set<string> | null> = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case OPEN_MAP:
      case OPEN_LIST: {
        const isMap = text.charCodeAt(at) === OPEN_MAP;
        if (open.push(isMap ? new Set() : null) > deepest) return { kind: "deep" };
        expectsKey = isMap;
        break;
      }
      case CLOSE_MAP:
      case CLOSE_LIST:
        open.pop();
        expectsKey = false;
        break;
      case COMMA:
        expectsKey = open.at(-1) !== null;
        break;
      case QUOTE: {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (expectsKey && keys) {
          const key = JSON.parse(text.slice(at, end + 1)) as string;
          if (keys.has(key)) return { kind: "duplicate", key, line: lineOf(text, at) };
          keys.add(key);
        }
        expectsKey = false;
        at = end;
        break;
      }
      default:
    }
  }
  return null;
}

const [OPEN_MAP, CLOSE_MAP, OPEN_LIST, CLOSE_LIST, COMMA, QUOTE, BACKSLASH] = [0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x22, 0x5c];

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

/**
 * Why a text is no JSON, and on which line. V8 leaves the position out of some of its messages; then it is looked for: the shortest
 * beginning of the text that fails for something else than its end.
 */
export function explainJsonError(text: string, error: SyntaxError): { line: number | null; why: string } {
  const [, why = error.message, position] = MESSAGE.exec(error.message) ?? [];
  const end = text.trimEnd().length;
  const at = error.message.includes("end of JSON input") ? end : position === undefined ? findJsonError(text) : Number(position);
  if (at === null) return { line: null, why: lowerFirst(why) };
  return { line: lineOf(text, Math.min(at, end)), why: at < end ? lowerFirst(why) : "it ends too early" };
}

const MESSAGE = /^(.*?)(?:, (?:\.\.\.)?".*is not valid JSON)?(?: in JSON)?(?: at position (\d+).*)?$/su;

export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

// Each step parses half as much again: 22 steps for the largest, some 100 ms.
const SEARCHED = 4 * 2 ** 20;

function findJsonError(text: string): number | null {
  if (text.length > SEARCHED) return null;
  let [low, high] = [0, text.length];
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (failsAtEnd(text.slice(0, middle))) low = middle;
    else high = middle;
  }
  return low;
}

function failsAtEnd(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return /end of JSON input|Unterminated/u.test(error.message) || error.message.includes(`at position ${text.length} `);
  }
}

/** The line, from 1, that a character stands on. */
export const lineOf = (text: string, at: number): number => text.slice(0, at).split("\n").length;
