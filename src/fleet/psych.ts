/**
 * Ruby's reading of an unquoted YAML scalar. Fact files are written by Ruby, which quotes what *its* parser would not give back as a
 * string, and leaves the rest bare: `1234e56` (part of a commit id) and `0o17` are strings to it and numbers to YAML 1.2.
 * Rules: Psych's `ScalarScanner#tokenize`, Ruby 2.7 to 3.4.
 */
export function readPlain(text: string): null | boolean | number | string {
  if (text === "") return null;
  if (WORD.test(text) || text.includes("\n")) return readWord(text);
  if (TIME.test(text) || DATE.test(text)) return text;
  if (NOT_FINITE.test(text)) throw new NotAFact(text);
  if (text.length > 1 && text.startsWith(":")) return symbolName(text);
  if (SEXAGESIMAL.test(text)) return fromBase60(text);
  if (FLOAT.test(text)) return readFloat(text);
  if (INTEGER.test(text)) return readInteger(text);
  return text;
}

/** An infinity or something that is not a number: Facter has no such facts, and JSON has no such values. */
export class NotAFact extends Error {
  constructor(text: string) {
    super(`${text} is not a number that a fact can have`);
  }
}

const WORD = /^[^\d.:-]?[\p{Alphabetic}_\s!@#$%^&*(){}<>|/\\~;=]+/u;
const TIME = /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/u;
const DATE = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/u;
const NOT_FINITE = /^[-+]?\.inf$|^\.nan$/iu;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(?:\.[0-9_]*)?$/u;
const FLOAT = /^[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?$/u;
const INTEGER = /^(?:[-+]?0b[01_,]+|[-+]?0[0-7_,]+|[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0x[0-9a-fA-F_,]+)$/u;

function readWord(text: string): null | boolean | string {
  if (text.length > 5) return text;
  if (text === "~" || /^null$/iu.test(text)) return null;
  if (/^(?:yes|true|on)$/iu.test(text)) return true;
  if (/^(?:no|false|off)$/iu.test(text)) return false;
  return text;
}

/** `:name`, `:"name"`: a Ruby symbol, which is its name and nothing more. */
const symbolName = (text: string): string => /^:(["'])(.*)\1/u.exec(text)?.[2] ?? text.slice(1);

// Psych counts from the left: the first part is always hours, so that 12:30 is 12 hours and 30 minutes.
const fromBase60 = (text: string): number =>
  text.split(":").reduce((sum, part, index) => sum + Number(part.replaceAll("_", "")) * 60 ** Math.abs(index - 2), 0);

function readFloat(text: string): number | string {
  const value = Number(text.replaceAll(/[,_]/gu, ""));
  return Number.isFinite(value) && /\d/u.test(text) ? value : text;
}

function readInteger(text: string): number {
  const [, sign, digits] = /^([-+]?)(.*)$/u.exec(text.replaceAll(/[,_]/gu, "")) ?? [];
  const value = Number(/^0[0-7]+$/u.test(digits ?? "") ? `0o${digits}` : digits);
  return sign === "-" && value !== 0 ? -value : value;
}
