import { createHash } from "node:crypto";
import { Binary, Deferred, Secret, type Value } from "./catalog.ts";
import { MalformedCatalog } from "./malformed.ts";
import type { Taints } from "./taints.ts";

/**
 * Puppet's rich data: JSON in which `{__ptype, __pvalue}` stands for what JSON has no word for
 * (puppet/pops/serialization/to_data_converter.rb of Puppet 7). A hash that has a key `__ptype` of its own is never written as such an
 * object: Puppet writes it as `{__ptype: Hash, __pvalue: [key, value, …]}`, so the two can't be confused.
 */
const typeKey = "__ptype";
const valueKey = "__pvalue";

/** Levels of arrays and hashes in one attribute. The deepest seen in real repositories have seven. */
const deepest = 50;
/** Bytes of text that are shown; longer text is given as its digest and size. */
export const longestText = 64 * 1024;

export type Seal = (text: string) => string;
type Hash = Record<string, unknown>;

const isHash = (raw: unknown): raw is Hash => typeof raw === "object" && raw !== null && !Array.isArray(raw);

function enter(depth: number, where: string): number {
  if (depth >= deepest) throw new MalformedCatalog(`${where} is nested deeper than ${deepest} levels`);
  return depth + 1;
}

/** Keys and values of `{__ptype: Hash}`. */
function pairsOf(raw: Hash, where: string): Array<[unknown, unknown]> {
  const flat = raw[valueKey];
  if (!Array.isArray(flat) || flat.length % 2 !== 0)
    throw new MalformedCatalog(`${where} has a hash that is not a list of keys and values`);
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
}

/**
 * Notes every text in a raw value that a Sensitive holds. Keys of hashes are not secrets: they are words like `password`.
 * Numbers count as their digits.
 */
export function noteSecrets(raw: unknown, sensitive: boolean, taints: Taints, where: string, depth = 0): void {
  if (typeof raw === "string") {
    if (sensitive) taints.add(raw);
  } else if (typeof raw === "number") {
    if (sensitive) taints.add(String(raw));
  } else if (Array.isArray(raw)) {
    const inner = enter(depth, where);
    for (const each of raw) noteSecrets(each, sensitive, taints, where, inner);
  } else if (isHash(raw)) {
    const inner = enter(depth, where);
    const type = raw[typeKey];
    if (type === "Hash") {
      // A Sensitive can be a key as well.
      for (const [key, value] of pairsOf(raw, where)) {
        if (typeof key !== "string") noteSecrets(key, false, taints, where, inner);
        noteSecrets(value, sensitive, taints, where, inner);
      }
    } else if (type === "Binary" && sensitive) {
      taints.add(bytesOf(raw, where).toString("utf8"));
      noteSecrets(raw[valueKey], true, taints, where, inner);
    } else {
      for (const [key, value] of Object.entries(raw))
        if (key !== typeKey) noteSecrets(value, sensitive || type === "Sensitive", taints, where, inner);
    }
  }
}

/** Makes values of raw ones. `taints` must know every secret before the first value is made. */
export class RichData {
  readonly #seal: Seal;
  readonly #taints: Taints;

  constructor(seal: Seal, taints: Taints) {
    this.#seal = seal;
    this.#taints = taints;
  }

  /** A raw value as one secret, whatever is in it. */
  sealed(raw: unknown, where: string): Secret {
    return new Secret(this.#seal(canonical(raw, where, 0)));
  }

  /** A raw value. Throws MalformedCatalog, naming `where`. */
  value(raw: unknown, where: string, depth = 0): Value {
    if (raw === null || typeof raw === "boolean") return raw;
    if (typeof raw === "number") return Number.isFinite(raw) ? raw : fail(where);
    if (typeof raw === "string") return this.#text(raw, where);
    if (Array.isArray(raw)) {
      const inner = enter(depth, where);
      return raw.map((each) => this.value(each, where, inner));
    }
    if (!isHash(raw)) return fail(where);
    const inner = enter(depth, where);
    return Object.hasOwn(raw, typeKey) ? this.#typed(raw, where, inner) : this.#hash(raw, Object.entries(raw), where, inner);
  }

  #text(text: string, where: string): Value {
    if (this.#taints.isIn(text)) return this.sealed(text, where);
    // Three bytes are the most that one UTF-16 unit can take.
    if (text.length * 3 <= longestText || Buffer.byteLength(text) <= longestText) return text;
    return digestOf(Buffer.from(text));
  }

  #hash(raw: Hash, entries: ReadonlyArray<[string, unknown]>, where: string, depth: number): Value {
    if (entries.some(([key]) => this.#taints.isIn(key))) return this.sealed(raw, where);
    return Object.fromEntries(entries.map(([key, each]) => [key, this.value(each, where, depth)]));
  }

  #typed(raw: Hash, where: string, depth: number): Value {
    const type = raw[typeKey];
    const inside = raw[valueKey];
    if (type === "Sensitive") return this.sealed(inside, where);
    if (type === "Binary") {
      const bytes = bytesOf(raw, where);
      return this.#taints.isIn(bytes.toString("utf8")) ? this.sealed(raw, where) : digestOf(bytes);
    }
    if (type === "Hash") return this.#anyKeys(raw, where, depth);
    if (type === "Deferred") return this.#deferred(raw, where, depth);
    if (type === "Default") return "default";
    if (type === "Regexp" && typeof inside === "string") return this.#text(`/${inside}/`, where);
    // Catalogs are written without local references (Puppet::Resource#to_data_hash), so one is no catalog of Puppet's.
    if (type === "LocalRef") throw new MalformedCatalog(`${where} has a local reference`);
    // Symbol, Timestamp, Timespan, SemVer, URI, …: the text that Puppet would make of them.
    if (inside !== undefined) return this.value(inside, where, depth);
    return this.#hash(raw, Object.entries(raw), where, depth);
  }

  #anyKeys(raw: Hash, where: string, depth: number): Value {
    const names = new Set<string>();
    const entries: Array<[string, unknown]> = [];
    for (const [key, each] of pairsOf(raw, where)) {
      if (isHash(key) && key[typeKey] === "Sensitive") return this.sealed(raw, where);
      let name = typeof key === "string" ? key : canonical(key, where, depth);
      // 1 and "1" are two keys.
      while (names.has(name)) name += " (another)";
      names.add(name);
      entries.push([name, each]);
    }
    return this.#hash(raw, entries, where, depth);
  }

  #deferred(raw: Hash, where: string, depth: number): Value {
    const name = raw["name"];
    const args = raw["arguments"] ?? [];
    if (typeof name !== "string" || !Array.isArray(args)) throw new MalformedCatalog(`${where} has a Deferred without name and arguments`);
    return new Deferred(
      this.#taints.redact(name),
      args.map((each) => this.value(each, where, depth)),
    );
  }
}

const fail = (where: string): never => {
  throw new MalformedCatalog(`${where} is not JSON`);
};

const digestOf = (bytes: Buffer): Binary => new Binary(createHash("sha256").update(bytes).digest("hex"), bytes.length);

function bytesOf(raw: Hash, where: string): Buffer {
  const text = raw[valueKey];
  if (typeof text !== "string") throw new MalformedCatalog(`${where} has a Binary that is not base64`);
  return Buffer.from(text, "base64");
}

/** One text for one raw value: keys sorted, and a Sensitive within a Sensitive is what it holds. */
function canonical(raw: unknown, where: string, depth: number): string {
  if (Array.isArray(raw)) {
    const inner = enter(depth, where);
    return `[${raw.map((each) => canonical(each, where, inner)).join(",")}]`;
  }
  if (isHash(raw)) {
    const inner = enter(depth, where);
    if (raw[typeKey] === "Sensitive") return canonical(raw[valueKey], where, inner);
    const keys = Object.keys(raw).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(raw[key], where, inner)}`).join(",")}}`;
  }
  return JSON.stringify(raw) ?? fail(where);
}
