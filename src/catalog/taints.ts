import { folded, hasEyaml, secretForms, shortest, textViews, withoutEncrypted } from "./secret-forms.ts";

/** Where a pattern's eight telling characters may begin. Past that, one place is as good as another. */
const anchorsTried = 64;
/** Places that all patterns together may try. What takes more is made to wear us out, and from then on few places are tried. */
const mostTries = 5_000_000;
const anchorsTriedThen = 4;
/** As many different characters among the eight are good enough, where no other pattern is told by them. */
const variedEnough = 5;
/** Comparisons for each character of a text, after a hash matched, before the text is taken for tainted. */
const comparisonsPerCharacter = 32;
/** Secrets that are looked for. A catalog of a thousand resources has some dozens; what has more than this is made to wear us out. */
const mostSecrets = 100_000;
/** What stands where a secret stood. */
export const secretMark = "[secret]";

interface Pattern {
  text: string;
  /** Where in it the eight characters begin that it is found by, and their hash. */
  anchor: number;
  hash: number;
}

interface Span {
  start: number;
  end: number;
}

/**
 * The secrets that are known, to be found again wherever they were unwrapped: as they are in any case of their letters, in base64 (at each
 * of the three alignments, so inside the base64 of `user:secret` too), in hex, and escaped for URLs, JSON, shells or HTML. Encrypted values of
 * hiera-eyaml are found without being known. Past a hundred thousand secrets, every text counts as one.
 *
 * It is one matcher for all secrets, after Rabin and Karp: a hash rolls over eight characters of the text and is looked up once a
 * character, however many secrets there are; only where some pattern has its eight telling characters is it compared. A pattern
 * is told by eight characters that no other has, if it has such, so that a thousand keys with one header don't meet in one place.
 * What could still add up is bounded: a text that takes more than 32 comparisons for each of its characters is taken for tainted. So the
 * time is linear in the secrets and in the text, whatever they are, and a further secret costs its own length (an Aho-Corasick
 * automaton would have to be built anew).
 */
export class Taints {
  /** Each with the patterns that it is found by. */
  readonly #secrets = new Map<string, readonly Pattern[]>();
  readonly #buckets = new Map<number, Pattern[]>();
  /** One bit for each upper half of a hash that some bucket has: most characters of most texts end here. */
  readonly #filter = new Uint8Array(8192);

  #tooMany = false;
  #tries = 0;

  /** Notes a secret. One shorter than eight characters is not looked for. */
  add(secret: string): void {
    if (secret.length < shortest || !this.#isNew(secret)) return;
    const trimmed = secret.trim();
    const texts = trimmed.length < shortest ? [secret] : new Set([secret, trimmed]);
    const patterns: Pattern[] = [];
    for (const text of texts)
      for (const form of secretForms(text)) {
        const pattern = { text: form, ...this.#bestAnchor(form) };
        patterns.push(pattern);
        this.#enter(pattern);
      }
    this.#secrets.set(secret, patterns);
  }

  /** Notes all secrets of another catalog, by what they are told there: that is worked out anew only where others are told by it too. */
  addAll(others: Taints): void {
    for (const [secret, patterns] of others.#secrets) {
      if (!this.#isNew(secret)) continue;
      const own = patterns.map((pattern) =>
        this.#buckets.has(pattern.hash) ? { text: pattern.text, ...this.#bestAnchor(pattern.text) } : pattern,
      );
      for (const pattern of own) this.#enter(pattern);
      this.#secrets.set(secret, own);
    }
    this.#tooMany ||= others.#tooMany;
  }

  #isNew(secret: string): boolean {
    if (this.#tooMany || this.#secrets.has(secret)) return false;
    if (this.#secrets.size >= mostSecrets) this.#tooMany = true;
    return true;
  }

  /** All of them. */
  get secrets(): Iterable<string> {
    return this.#secrets.keys();
  }

  /** Whether a text holds a secret in any form. */
  isIn(text: string): boolean {
    if (this.#tooMany || hasEyaml(text)) return true;
    if (this.#secrets.size === 0 || text.length < shortest) return false;
    return textViews(text).some((view) => this.#search(view, true) !== null);
  }

  /** The text with `[secret]` where a secret stood; nothing but `[secret]` where one is in a form that can't be cut out. */
  redact(encrypted: string): string {
    if (!this.isIn(encrypted)) return encrypted;
    if (this.#tooMany) return secretMark;
    const text = withoutEncrypted(encrypted, secretMark);
    if (!this.isIn(text)) return text;
    const spans = this.#search(text, false);
    if (spans === null || spans === "too many") return secretMark;
    let clean = "";
    let at = 0;
    for (const { start, end } of spans) {
      clean += `${text.slice(at, start)}${secretMark}`;
      at = end;
    }
    clean += text.slice(at);
    return this.isIn(clean) ? secretMark : clean;
  }

  #enter(pattern: Pattern): void {
    const { hash } = pattern;
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [pattern]);
    else bucket.push(pattern);
    this.#filter[hash >>> 19] = (this.#filter[hash >>> 19] ?? 0) | (1 << ((hash >>> 16) & 7));
  }

  /** The eight characters that fewest other patterns are told by; among those, the most varied ones, or the first that are varied enough. */
  #bestAnchor(text: string): { anchor: number; hash: number } {
    let best = { anchor: 0, hash: hashOf(text) };
    let cost = Infinity;
    let { hash } = best;
    const last = Math.min(text.length - shortest, this.#tries < mostTries ? anchorsTried : anchorsTriedThen);
    for (let anchor = 0; anchor <= last; anchor += 1) {
      if (anchor > 0) hash = roll(hash, text.charCodeAt(anchor - 1), text.charCodeAt(anchor + shortest - 1));
      this.#tries += 1;
      const crowd = (this.#buckets.get(hash)?.length ?? 0) * shortest;
      if (crowd - shortest >= cost) continue;
      const varied = varietyAt(text, anchor);
      if (crowd - varied < cost) [best, cost] = [{ anchor, hash }, crowd - varied];
      if (crowd === 0 && varied >= variedEnough) break;
    }
    return best;
  }

  /** Where patterns are, merged where they overlap; null where there are none. With `any`, the first is enough. */
  #search(written: string, any: boolean): Span[] | "too many" | null {
    const text = folded(written);
    const spans: Span[] = [];
    const filter = this.#filter;
    let budget = text.length * comparisonsPerCharacter;
    let hash = hashOf(text);
    for (let at = 0; at + shortest <= text.length; at += 1) {
      if (at > 0) hash = roll(hash, text.charCodeAt(at - 1), text.charCodeAt(at + shortest - 1));
      if (((filter[hash >>> 19] ?? 0) & (1 << ((hash >>> 16) & 7))) === 0) continue;
      for (const pattern of this.#buckets.get(hash) ?? []) {
        const start = at - pattern.anchor;
        const compared = compare(text, start, pattern);
        budget -= compared.cost;
        if (budget < 0) return "too many";
        if (!compared.equal) continue;
        if (any) return [{ start, end: start + pattern.text.length }];
        spans.push({ start, end: start + pattern.text.length });
      }
    }
    return spans.length === 0 ? null : merged(spans);
  }
}

/** Compares outward from where the hash matched, and says how many characters that took. */
function compare(text: string, start: number, { text: pattern, anchor }: Pattern): { equal: boolean; cost: number } {
  if (start < 0 || start + pattern.length > text.length) return { equal: false, cost: 1 };
  let cost = 1;
  for (let at = anchor; at < pattern.length; at += 1, cost += 1)
    if (text.charCodeAt(start + at) !== pattern.charCodeAt(at)) return { equal: false, cost };
  for (let at = anchor - 1; at >= 0; at -= 1, cost += 1)
    if (text.charCodeAt(start + at) !== pattern.charCodeAt(at)) return { equal: false, cost };
  return { equal: true, cost };
}

function merged(spans: Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else joined.push({ ...span });
  }
  return joined;
}

/** Different characters among the eight from there. */
function varietyAt(text: string, anchor: number): number {
  let varied = 0;
  for (let at = anchor; at < anchor + shortest; at += 1) if (text.indexOf(text.charAt(at), anchor) === at) varied += 1;
  return varied;
}

// A polynomial over the eight characters, modulo 2^32; the base is odd and has its bits spread.
const base = 0x9e3779b1;
const baseToTheSeventh = Array.from({ length: shortest - 1 }).reduce<number>((power) => Math.imul(power, base), 1);

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < shortest && at < text.length; at += 1) hash = (Math.imul(hash, base) + text.charCodeAt(at)) | 0;
  return hash;
}

const roll = (hash: number, out: number, into: number): number =>
  (Math.imul((hash - Math.imul(out, baseToTheSeventh)) | 0, base) + into) | 0;
