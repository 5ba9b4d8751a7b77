import type { z } from "zod";
import { Binary, Deferred, Secret, type Value } from "./catalog.ts";

/** What a report can hold. */
export type Json = z.core.util.JSONType;

/**
 * How two values are told apart. `exact` by everything; `loose` takes a number or a boolean for its text, as most of Puppet's types do;
 * `masked` is loose and takes all secrets for one.
 */
export type Strictness = "exact" | "loose" | "masked";

/** A text that two values have in common exactly if they are equal. Keys of hashes are sorted; arrays keep their order. */
export function textOf(value: Value, strictness: Strictness): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean") return strictness === "exact" ? String(value) : `"${value}"`;
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map((each) => textOf(each, strictness)).join(",")}]`;
  if (value instanceof Secret) return strictness === "masked" ? "Secret" : `Secret(${value.digest})`;
  if (value instanceof Binary) return `Binary(${value.sha256},${value.size})`;
  if (value instanceof Deferred) return `Deferred(${JSON.stringify(value.name)},${textOf(value.args, strictness)})`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${textOf(value[key] ?? null, strictness)}`).join(",")}}`;
}

/** A value as a report shows it: null for a secret, wherever it is. */
export function toJson(value: Value): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Secret) return null;
  if (value instanceof Binary) return { sha256: value.sha256, size: value.size };
  if (value instanceof Deferred) return { deferred: value.name, args: value.args.map(toJson) };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJson(each)]));
}
