import { z } from "zod";
import { nearest } from "./nearest.ts";
import type { Path, Position, YamlSource } from "./yaml-source.ts";

/** What is wrong, at a place of the file, and what to do. */
export interface Fault extends Position {
  text: string;
  hint: string;
}

type Issue = z.core.$ZodIssue;

/** What a strict schema finds wrong with a file, in the words of somebody who writes the file. `quotes`: whether its values may be told. */
export function faultsOf(issues: readonly Issue[], schema: z.ZodType, source: YamlSource, quotes = true): Fault[] {
  return issues.flatMap((issue) => faultOf(issue, schema, source, quotes));
}

/** `rules[0].require`, as people write it; of the whole, the file. */
export const nameOf = (path: Path): string =>
  path.length === 0
    ? "The file"
    : `\`${path.map((part, at) => (typeof part === "number" ? `[${part}]` : `${at === 0 ? "" : "."}${part}`)).join("")}\``;

function faultOf(issue: Issue, schema: z.ZodType, source: YamlSource, quotes: boolean): Fault[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({ ...source.keyAt([...path, key]), ...unknownKey(key, path, known) }));
  }
  const value = valueAt(source.value, path);
  const expected = expectedBy(issue);
  if (value === undefined) return [{ ...source.valueAt(path), text: `${nameOf(path)} is missing.`, hint: `Add it: expected ${expected}.` }];
  const meant = issue.code === "invalid_value" && typeof value === "string" ? nearest(value, issue.values.map(String)) : null;
  const hint = meant === null ? `Write ${expected}.` : `Did you mean \`${meant}\`?`;
  return [{ ...source.valueAt(path), text: `${nameOf(path)} is ${quotes ? shown(value) : kindOf(value)}; expected ${expected}.`, hint }];
}

function unknownKey(key: string, path: Path, known: readonly string[]): { text: string; hint: string } {
  const meant = nearest(key, known);
  const place = path.length === 0 ? "" : ` in ${nameOf(path)}`;
  if (meant !== null)
    return { text: `\`${shortened(key)}\` is not known${place}; did you mean \`${meant}\`?`, hint: `Write \`${meant}\`, or remove it.` };
  const keys = known.map((each) => `\`${each}\``).join(", ");
  return { text: `\`${shortened(key)}\` is not known${place}.`, hint: `Remove it. What is known there: ${keys}.` };
}

const shortened = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 60)}…`);

/** A value as it may be quoted in a sentence. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  if (value === null) return "empty";
  return JSON.stringify(typeof value === "string" ? shortened(value) : value);
}

/** The same of a file with secrets. */
const kindOf = (value: unknown): string =>
  typeof value === "string"
    ? "another text"
    : typeof value === "number"
      ? "a number"
      : typeof value === "boolean"
        ? "true or false"
        : shown(value);

/** What would have been right, as a noun phrase. The patterns of `schema.ts` bring their own. */
function expectedBy(issue: Issue): string {
  if (issue.code === "invalid_type") return typeWords[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") return issue.values.map((value) => `\`${String(value)}\``).join(" or ");
  if (issue.code === "too_small") return bounded(issue.origin, "at least", Number(issue.minimum));
  if (issue.code === "too_big") return bounded(issue.origin, "at most", Number(issue.maximum));
  return issue.message;
}

const typeWords: Record<string, string> = {
  object: "a mapping",
  array: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "`true` or `false`",
};

function bounded(origin: string, bound: string, size: number): string {
  if (origin === "string") return `${bound} ${size} ${size === 1 ? "character" : "characters"}`;
  if (origin === "array") return `${bound} ${size} ${size === 1 ? "entry" : "entries"}`;
  return `a number of ${bound} ${size}`;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** The keys that a schema knows at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let at: unknown = unwrapped(schema);
  for (const part of path) {
    if (at instanceof z.ZodObject) at = unwrapped(at.shape[part]);
    else if (at instanceof z.ZodArray) at = unwrapped(at.element);
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** Without the wrappers that make a part optional, give it a default, or let it hold itself. */
function unwrapped(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional || inner instanceof z.ZodLazy)
    inner = inner.unwrap();
  return inner;
}
