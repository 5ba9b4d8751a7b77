import { type Document, LineCounter, isScalar, parseDocument, type ScalarTag, type Tags, visit } from "yaml";

import type { ProblemText } from "../problem.ts";
import { explainJsonError, findJsonFault, lowerFirst } from "./json.ts";
import { duplicateKey, notFacts, notParsed, notUtf8, tooDeep, tooLarge, tooMuchYaml } from "./problems.ts";
import { NotAFact, readPlain } from "./psych.ts";
import { readRubyYaml } from "./ruby-yaml.ts";

/** A file's content as a value of JSON's kinds, and the line it begins on. */
export type Parsed = { ok: true; value: unknown; line: number } | { ok: false; problem: ProblemText };

/** JSON holds dumps of whole fleets (30 KB a node); V8's strings end at 512 MiB. YAML is one node's: at most some hundred KB. */
const MOST_BYTES = { JSON: 256 * 2 ** 20, YAML: 2 ** 20 };
export const DEEPEST = 60;
const MOST_ALIASES = 100;

/**
 * How many bytes of YAML may still go to the full parser, which takes 1 to 3 seconds for each MB: a pull request's files must not hold up
 * everybody else.
 */
export interface Budget {
  bytes: number;
}

/**
 * Parses JSON or YAML. Ruby's tags are dropped and its symbols become strings: nothing is ever instantiated. Numbers are JavaScript's: `1.0`
 * becomes `1`, and an integer above 2^53 is rounded, for both sides of a comparison alike.
 */
export function parse(path: string, content: Buffer, budget: Budget = { bytes: Infinity }): Parsed {
  const format = path.toLowerCase().endsWith(".json") ? "JSON" : "YAML";
  if (content.length > MOST_BYTES[format]) return no(tooLarge(path, format, content.length, MOST_BYTES[format]));
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof TypeError) return no(notUtf8(path));
    throw error;
  }
  if (text.trim() === "") return no(notFacts(path, 1, "an empty file"));
  if (format === "JSON") return parseJson(path, text);
  // JSON in a file named .yaml is YAML too, but the JSON parser is a thousand times faster.
  if (/^\s*[[{]/u.test(text)) {
    const asJson = parseJson(path, text);
    if (asJson.ok || asJson.problem.code !== "facts-not-json") return asJson;
  }
  const quick = readRubyYaml(text);
  if (quick) return { ok: true, value: quick.value, line: firstLine(text) };
  budget.bytes -= content.length;
  return budget.bytes < 0 ? no(tooMuchYaml(path)) : parseYaml(path, text);
}

function parseJson(path: string, text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { line, why } = explainJsonError(text, error);
    return no(notParsed(path, "JSON", line, why));
  }
  const fault = findJsonFault(text, DEEPEST);
  if (fault?.kind === "duplicate") return no(duplicateKey(path, fault.line, fault.key));
  return fault ? no(tooDeep(path, DEEPEST)) : { ok: true, value, line: firstLine(text) };
}

/** Every unquoted scalar is read as Ruby reads it; there is no other type. */
const rubyScalar: ScalarTag = { tag: "tag:yaml.org,2002:ruby", default: true, test: /^/u, resolve: readPlain };
// The first tag whose test fits wins, and the failsafe string's fits everything.
const customTags = (tags: Tags): Tags => [rubyScalar, ...tags];

function parseYaml(path: string, text: string): Parsed {
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(text, {
      schema: "failsafe",
      merge: true,
      customTags,
      lineCounter,
      prettyErrors: false,
      logLevel: "error",
      uniqueKeys: false,
    });
    const [error] = document.errors;
    if (error) {
      const line = lineCounter.linePos(error.pos[0]).line;
      if (error.code === "RESOURCE_EXHAUSTION") return no(tooDeep(path, DEEPEST));
      const why =
        error.code === "MULTIPLE_DOCS"
          ? "a second document begins"
          : lowerFirst(error.message.split("\n")[0]?.replace(/\.$/u, "") ?? error.code);
      return no(notParsed(path, "YAML", line, why));
    }
    const twice = findDuplicate(document);
    if (twice) return no(duplicateKey(path, lineCounter.linePos(twice.at).line, twice.key));
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return isDeeper(value, DEEPEST) ? no(tooDeep(path, DEEPEST)) : { ok: true, value, line: firstLine(text) };
  } catch (error) {
    // Deep nesting exhausts the parser's stack; aliases that multiply are a ReferenceError.
    if (error instanceof RangeError) return no(tooDeep(path, DEEPEST));
    if (error instanceof ReferenceError || error instanceof NotAFact) return no(notParsed(path, "YAML", null, lowerFirst(error.message)));
    throw error;
  }
}

const no = (problem: ProblemText): Parsed => ({ ok: false, problem });

/** The parser's own search compares every key with every other: 20,000 keys took it 9 s. */
function findDuplicate(document: Document): { key: string; at: number } | null {
  let twice: { key: string; at: number } | null = null;
  visit(document, {
    Map(_, map) {
      const keys = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : null;
        if (name !== null && keys.has(name)) {
          twice = { key: name, at: (isScalar(key) ? key.range?.[0] : undefined) ?? 0 };
          return visit.BREAK;
        }
        if (name !== null) keys.add(name);
      }
      return undefined;
    },
  });
  return twice;
}

/** The first line that is neither blank, comment nor the document's mark. */
const firstLine = (text: string): number => text.split("\n", 50).findIndex((line) => !/^\s*(?:#|---|$)/u.test(line)) + 1 || 1;

/** Looks no further down than that, so that no depth exhausts the stack. */
export function isDeeper(value: unknown, deepest: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return deepest === 0 || Object.values(value).some((inner) => isDeeper(inner, deepest - 1));
}
