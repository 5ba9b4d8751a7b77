import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLParseError,
} from "yaml";

/** Where something is in a file; both from 1, columns in UTF-16 units. */
export interface Position {
  line: number;
  column: number;
}

/** What is wrong with a text as YAML. */
export interface YamlFault extends Position {
  text: string;
  hint: string;
}

export type Path = ReadonlyArray<string | number>;

/** Bytes. A policy for a thousand services has a tenth of it. */
const largest = 256 * 1024;
const deepest = 32;

/** A YAML text that was parsed, and that still knows where each value stands. */
export class YamlSource {
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #text: string;
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<unknown, unknown>>();

  private constructor(document: Document, lines: LineCounter, text: string) {
    this.#document = document;
    this.#lines = lines;
    this.#text = text;
    this.value = document.toJS();
  }

  /** Parses YAML 1.2's core schema, without tags, anchors and aliases: a file says in its place what holds there. */
  static parse(text: string): { ok: true; source: YamlSource } | { ok: false; faults: YamlFault[] } {
    if (Buffer.byteLength(text) > largest)
      return failed(
        { line: 1, column: 1 },
        `The file has ${Buffer.byteLength(text)} bytes; expected at most ${largest}.`,
        "Make it shorter.",
      );
    const lines = new LineCounter();
    const document = parseDocument(text, {
      lineCounter: lines,
      keepSourceTokens: true,
      prettyErrors: false,
      stringKeys: true,
      // By ourselves, below: the library compares each key with each other one, which takes half a minute where there are thirty thousand.
      uniqueKeys: false,
      logLevel: "error",
    });
    const at = (offset: number): Position => positionOf(lines, offset);
    const error = document.errors.find(({ code }) => code === "RESOURCE_EXHAUSTION");
    if (error !== undefined) return failed(at(error.pos[0]), `Nested deeper than ${deepest} levels.`, "Write it flatter.");
    if (document.errors.length > 0) return { ok: false, faults: document.errors.map((each) => ({ ...at(each.pos[0]), ...wordsOf(each) })) };
    const [warning] = document.warnings;
    if (warning !== undefined) return failed(at(warning.pos[0]), `${warning.message}.`, "Write the value without a tag.");
    const refused = refuse(document, at);
    return refused === null ? { ok: true, source: new YamlSource(document, lines, text) } : { ok: false, faults: [refused] };
  }

  /** Where a value is; where it is missing, the nearest thing around it that is there. */
  valueAt(path: Path): Position {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true);
      if (isNode(node)) return this.#at(node.range?.[0] ?? 0);
    }
    return this.#at(0);
  }

  /** Where the key of a value is. */
  keyAt(path: Path): Position {
    const parent: unknown = this.#document.getIn(path.slice(0, -1), true);
    const name = path.at(-1);
    const pair = isMap(parent) ? this.#pairsOf(parent).get(name) : undefined;
    return isPair(pair) && isNode(pair.key) ? this.#at(pair.key.range?.[0] ?? 0) : this.valueAt(path);
  }

  /** Looked up once for each mapping: a file may have thousands of keys that nobody knows. */
  #pairsOf(map: YAMLMap): ReadonlyMap<unknown, unknown> {
    const pairs = this.#pairs.get(map) ?? new Map(map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : null, pair]));
    this.#pairs.set(map, pairs);
    return pairs;
  }

  /** Where a character of a text value is: exactly in plain, quoted and literal text; else (escapes, folded text) where the value begins. */
  characterAt(path: Path, character: number): Position {
    const node: unknown = this.#document.getIn(path, true);
    if (!isScalar(node) || typeof node.value !== "string" || !isNode(node)) return this.valueAt(path);
    const offset = offsetIn(node, node.value, this.#text, character);
    return offset === null ? this.valueAt(path) : this.#at(offset);
  }

  #at(offset: number): Position {
    return positionOf(this.#lines, offset);
  }
}

const wordsOf = ({ code, message }: YAMLParseError): { text: string; hint: string } =>
  code === "MULTIPLE_DOCS"
    ? { text: "A second document begins here; expected one.", hint: "Put everything into one document." }
    : { text: `${message}.`, hint: "Correct the YAML." };

const failed = (at: Position, text: string, hint: string): { ok: false; faults: YamlFault[] } => ({
  ok: false,
  faults: [{ ...at, text, hint }],
});

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  // An empty file has no line to count.
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** What the YAML may not have, the first of it. */
function refuse(document: Document, at: (offset: number) => Position): YamlFault | null {
  let fault: YamlFault | null = null;
  const found = (node: Node, text: string, hint: string): symbol => {
    fault = { ...at(node.range?.[0] ?? 0), text, hint };
    return visit.BREAK;
  };
  visit(document, {
    Node(_, node, path) {
      if (isAlias(node)) return found(node, `\`*${node.source}\` is an alias, which this file may not have.`, "Write the value out.");
      if (node.anchor !== undefined) return found(node, `\`&${node.anchor}\` is an anchor, which this file may not have.`, "Remove it.");
      if (path.filter(isCollection).length > deepest) return found(node, `Nested deeper than ${deepest} levels.`, "Write it flatter.");
      const twice = isMap(node) ? secondKeyIn(node) : null;
      return twice === null ? undefined : found(twice, "Map keys must be unique.", "Correct the YAML.");
    },
  });
  return fault;
}

/** The first key of a mapping that it has already. */
function secondKeyIn({ items }: YAMLMap): Node | null {
  const seen = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (seen.has(key.value)) return key;
    seen.add(key.value);
  }
  return null;
}

function offsetIn(node: Node, value: string, text: string, character: number): number | null {
  const [start, end] = node.range ?? [0, 0];
  const source = text.slice(start, end);
  if (source === value) return start + character;
  if (source.slice(1, -1) === value) return start + 1 + character;
  if (!source.startsWith("|")) return null;
  // A literal block: each line of the value is a line of the source, further in.
  const before = value.slice(0, character).split("\n");
  const [, ...lines] = source.split("\n");
  const indent = lines.find((line) => line.trim() !== "")?.search(/\S/u) ?? 0;
  const above = source
    .split("\n")
    .slice(0, before.length)
    .reduce((sum, line) => sum + line.length + 1, 0);
  return start + above + indent + (before.at(-1)?.length ?? 0);
}
