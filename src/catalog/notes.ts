import { isScalar, parseDocument, visit } from "yaml";
import type { Value } from "./catalog.ts";
import { textOf } from "./values.ts";

/** All words that a diff adds to a change, as fragments of a sentence: what its two values alone don't tell. */

/** Longer texts are not parsed as data. In UTF-16 units; what is longer is not shown as text either. */
const longestData = 64 * 1024;

/** What is left of the characters that may be parsed as data. */
export interface DataRoom {
  left: number;
}

/** For a node's changes: parsing takes some 5 µs a character, and nothing else is done meanwhile. Where there is no room, two texts are only told apart. */
export const dataRoom = (): DataRoom => ({ left: 512 * 1024 });

/** What is to be said of an attribute whose values differ; null where they speak for themselves. */
export function noteOf(type: string, attribute: string, before: Value, after: Value, room: DataRoom): string | null {
  if (attribute === "schedule") return "from now on it is applied only at the times that this schedule says";
  if (attribute === "audit") return "audited attributes are reported when they change, and never changed";
  if (type === "File" && attribute === "source") return "the new content is not known: it comes from outside the repository";
  if (typeof before !== "string" || typeof after !== "string") return null;
  return textNote(before, after, room);
}

/** What the resource is part of, where its title does not say: a fragment of puppetlabs-concat names its file as `target`. */
export function partNote(type: string, target: Value | undefined): string | null {
  return type === "Concat_fragment" && typeof target === "string" ? `part of ${target}` : null;
}

export const sameModeNote = "the same, but that it leaves set-id and sticky bits as they are";

function textNote(before: string, after: string, room: DataRoom): string | null {
  if (!before.includes("\n") && !after.includes("\n") && !isData(before)) return null;
  if (isSame(before, after, (text) => text.replaceAll("\r\n", "\n"))) return "only line ends differ (CRLF)";
  if (isSame(before, after, (text) => withoutEnd(text, "\n"))) return "only the newline at the end differs";
  if (isSame(before, after, withoutEndBlanks)) return "only blanks at the ends of lines differ";
  const form = sameData(before, after, room);
  return form === null ? null : `the same ${form}, written differently; the file is rewritten all the same, and what it notifies restarts`;
}

const isSame = (before: string, after: string, simplified: (text: string) => string): boolean => simplified(before) === simplified(after);

/** A pattern like `/ +$/` begins anew at each blank of a run that something follows: 64 KiB of blanks would take it a quarter of a minute. */
function withoutEnd(text: string, marks: string): string {
  let end = text.length;
  while (end > 0 && marks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

const withoutEndBlanks = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line.endsWith("\r") ? `${withoutEnd(line.slice(0, -1), " \t")}\r` : withoutEnd(line, " \t")))
    .join("\n");

const isData = (text: string): boolean => /^\s*[[{]/u.test(text);

/** The form in which both texts are the same data, told by what they are and not by a file's name: `JSON`, `YAML`, or null. */
function sameData(before: string, after: string, room: DataRoom): "JSON" | "YAML" | null {
  const length = before.length + after.length;
  if (before.length > longestData || after.length > longestData || length > room.left) return null;
  room.left -= length;
  if (isData(before) && isData(after)) {
    const [was, is] = [jsonOf(before), jsonOf(after)];
    if (was !== undefined && is !== undefined) return isEqual(was, is) ? "JSON" : null;
  }
  const was = yamlOf(before);
  const is = was === undefined ? undefined : yamlOf(after);
  return was !== undefined && is !== undefined && isEqual(was, is) ? "YAML" : null;
}

const isEqual = (one: Value, other: Value): boolean => textOf(one, "exact") === textOf(other, "exact");

function jsonOf(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined; // no JSON
  }
}

/** Only what is nothing but YAML: hashes or lists without tags of its own, anchors, errors and a second document. */
function yamlOf(text: string): Value | undefined {
  if (!/^(?:---|[\w"'-][^\n]*:(?: |$)|- )/mu.test(text) || /(?:^|[\s:-])[!&*]/mu.test(text)) return undefined;
  // Whether keys are unique is asked below: the library compares each with each other one. Nor does it look for the line of each error.
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: "silent", schema: "core" });
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
  let isTwice = false;
  visit(document, {
    Map: (_, { items }) => {
      const keys = items.map(({ key }) => (isScalar(key) ? key.value : key));
      isTwice ||= new Set(keys).size < keys.length;
    },
  });
  if (isTwice) return undefined;
  const data = document.toJS({ maxAliasCount: 0 }) as Value;
  return typeof data === "object" && data !== null ? data : undefined;
}
