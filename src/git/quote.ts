/**
 * Paths as people see them. Git's paths are bytes; nearly all are UTF-8 and shown as they are. One that is not, or that holds a control
 * or formatting character (a line break, an escape sequence, a bidirectional override), a quote or a backslash, is shown as git does with
 * `core.quotePath`: `"caf\303\251"`. The two forms can't be mistaken for each other, because a quoted one begins with a quote.
 */
export function quotePath(path: Uint8Array): string {
  const text = decode(path);
  if (text !== null && !NEEDS_QUOTES.test(text)) return text;
  if (text !== null) return `"${text.replaceAll(new RegExp(NEEDS_QUOTES, "gu"), escapeCharacter)}"`;
  return `"${Array.from(path, escapeByte).join("")}"`;
}

/** The bytes of a path in either form. Throws a TypeError for a quoted form that git would not write. */
export function unquotePath(shown: string): Buffer {
  if (!shown.startsWith('"')) return Buffer.from(shown);
  if (!/^"(?:[^"\\]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*"$/u.test(shown)) throw new TypeError(`${shown} is not a path as git quotes it`);
  const parts = shown.slice(1, -1).match(/\\(?:[0-7]{3}|.)|[^\\]+/gsu) ?? [];
  return Buffer.concat(parts.map(bytesOf));
}

const NEEDS_QUOTES = /["\\]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const LETTERS: Record<string, string> = {
  "\u0007": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  '"': '"',
  "\\": "\\",
};
const FROM_LETTER = Object.fromEntries(Object.entries(LETTERS).map(([character, letter]) => [letter, character]));

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(path: Uint8Array): string | null {
  try {
    return decoder.decode(path);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const escapeCharacter = (character: string): string => Array.from(Buffer.from(character), escapeByte).join("");

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  const letter = LETTERS[character];
  if (letter !== undefined) return `\\${letter}`;
  return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, "0")}`;
}

function bytesOf(part: string): Buffer {
  if (!part.startsWith("\\")) return Buffer.from(part);
  const letter = FROM_LETTER[part.slice(1)];
  return letter === undefined ? Buffer.from([Number.parseInt(part.slice(1), 8)]) : Buffer.from(letter);
}
