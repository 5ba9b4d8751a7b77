import { NotAFact, readPlain } from "./psych.ts";

/**
 * The YAML that Ruby writes for facts: block maps and lists, scalars on one line. The full parser takes about 1 ms for each KB
 * (a host's 20 KB of facts: 20 ms; 1,000 hosts: 20 s), this takes a fiftieth of it. It knows little on purpose: whatever it has not
 * seen in such files (anchors, tags, block scalars, flow collections, comments after a value, duplicate keys, tabs, …) makes it give
 * up, and the full parser decides. Where it does answer, it answers the same: tests compare the two.
 */
export function readRubyYaml(text: string): { value: unknown } | null {
  if (/[^\n\u0020-\u007e\u00a0-\u2027\u202a-\ufefe\u{10000}-\u{10ffff}]/u.test(text)) return null;
  const lines = readLines(text);
  if (lines === null || lines.length === 0) return null;
  try {
    const reader: Reader = { lines, at: 0 };
    const value = readBlock(reader, lines[0]?.indent ?? 0, 0);
    return reader.at === lines.length ? { value } : null;
  } catch (error) {
    if (error instanceof NotPlainEnough || error instanceof NotAFact) return null;
    throw error;
  }
}

class NotPlainEnough extends Error {}

interface Line {
  indent: number;
  text: string;
}

interface Reader {
  lines: Line[];
  at: number;
}

const DEEPEST = 50;
const START = /^---(?: !ruby\/object:[\w:]+)? *$/u;

function readLines(text: string): Line[] | null {
  const all = text.split("\n").map((line) => line.replace(/(?<! ) +$/u, ""));
  const start = all.findIndex((line) => line !== "" && !line.startsWith("#"));
  const body = START.test(all[start] ?? "") ? all.slice(start + 1) : all.slice(Math.max(start, 0));
  if (body.some((line) => line.startsWith("---") || line.startsWith("...") || line.startsWith("%"))) return null;
  return body
    .map((line) => {
      const content = line.replace(/^ +/u, "");
      return { indent: line.length - content.length, text: content };
    })
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
}

function readBlock(reader: Reader, indent: number, depth: number): unknown {
  if (depth > DEEPEST) throw new NotPlainEnough();
  return reader.lines[reader.at]?.text.startsWith("- ") ? readList(reader, indent, depth) : readMap(reader, indent, depth);
}

function readList(reader: Reader, indent: number, depth: number): unknown[] {
  const items: unknown[] = [];
  for (let line = reader.lines[reader.at]; line?.indent === indent && line.text.startsWith("- "); line = reader.lines[reader.at]) {
    const rest = line.text.slice(2).replace(/^ +/u, "");
    const inner = indent + line.text.length - rest.length;
    if (ENTRY.test(rest)) {
      // A map that begins on the list item's own line: its other entries stand below the first.
      reader.lines[reader.at] = { indent: inner, text: rest };
      items.push(readMap(reader, inner, depth + 1));
    } else {
      reader.at += 1;
      items.push(readScalar(rest));
      refuseDeeper(reader, indent);
    }
  }
  refuseDeeper(reader, indent);
  return items;
}

const ENTRY = /^(?:([A-Za-z0-9_/][\w./@+-]*)|'((?:[^']|'')*)'|("(?:[^"\\]|\\.)*")):(?: +(.*))?$/u;

function readMap(reader: Reader, indent: number, depth: number): Record<string, unknown> {
  const entries = new Map<string, unknown>();
  for (let line = reader.lines[reader.at]; line?.indent === indent; line = reader.lines[reader.at]) {
    const match = ENTRY.exec(line.text);
    if (match === null) break;
    const [, plain, single, double, rest] = match;
    const key = plain === undefined ? (single?.replaceAll("''", "'") ?? readDouble(double ?? "")) : keyOf(plain);
    if (entries.has(key)) throw new NotPlainEnough();
    reader.at += 1;
    entries.set(key, rest === undefined ? readBelow(reader, indent, depth) : readScalar(rest));
    refuseDeeper(reader, indent);
  }
  if (entries.size === 0) throw new NotPlainEnough();
  return Object.fromEntries(entries);
}

// A key that is not a string (`1`, `yes`) is spelt by the full parser.
function keyOf(text: string): string {
  if (readPlain(text) !== text) throw new NotPlainEnough();
  return text;
}

/** What belongs to a key with nothing behind it: a deeper block, a list at the key's own depth (as Ruby writes it), or nothing. */
function readBelow(reader: Reader, indent: number, depth: number): unknown {
  const next = reader.lines[reader.at];
  if (next === undefined || next.indent < indent) return null;
  if (next.indent > indent) return readBlock(reader, next.indent, depth + 1);
  return next.text.startsWith("- ") ? readList(reader, indent, depth + 1) : null;
}

// A deeper line behind a finished value continues it over several lines, or is a mistake.
function refuseDeeper(reader: Reader, indent: number): void {
  if ((reader.lines[reader.at]?.indent ?? 0) > indent) throw new NotPlainEnough();
}

function readScalar(text: string): unknown {
  if (text === "{}") return {};
  if (text === "[]") return [];
  if (text.startsWith("'")) return /^'(?:[^']|'')*'$/u.test(text) ? text.slice(1, -1).replaceAll("''", "'") : giveUp();
  if (text.startsWith('"')) return readDouble(text);
  if (/^[&*!|>%@`#{}[\],?]|^-(?: |$)|: |:$| #/u.test(text)) return giveUp();
  return readPlain(text);
}

// The escapes that YAML and JSON share; the others are for the full parser.
function readDouble(text: string): string {
  return /^"(?:[^"\\]|\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}))*"$/u.test(text) ? (JSON.parse(text) as string) : giveUp();
}

function giveUp(): never {
  throw new NotPlainEnough();
}
