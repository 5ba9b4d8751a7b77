import { createHash } from "node:crypto";
import type { Seal } from "./rich-data.ts";
import { secretMark, type Taints } from "./taints.ts";

/** Characters of a title that are shown. Commands as titles run to a few thousand; what is longer is cut and told by its digest. */
const longestTitle = 8192;
const referenceForm = /^([A-Z]\w*(?:::[A-Z]\w*)*)\[([\s\S]*)\]$/u;

/**
 * The names of one catalog's resources without the secrets in them. Two resources whose titles differ in the secret alone get two
 * names (`db [secret]`, `db [secret] (2)`, in order of the catalog); which is which on the other side, their sealed keys tell.
 */
export class Names {
  readonly #taints: Taints;
  readonly #seal: Seal;
  /** Shown titles by the reference as Puppet wrote it. */
  readonly #titles = new Map<string, string>();
  /** References as they are shown: no two resources have one. */
  readonly #shown = new Set<string>();
  /** The last number that a shown reference got. */
  readonly #times = new Map<string, number>();

  constructor(taints: Taints, seal: Seal) {
    this.#taints = taints;
    this.#seal = seal;
  }

  /** Enters a resource; false when there is one of that type and title. */
  declare(type: string, title: string): boolean {
    const reference = `${type}[${title}]`;
    if (this.#titles.has(reference)) return false;
    const clean = this.#show(title);
    const plain = `${type}[${clean}]`;
    let shown = clean;
    // Each number is tried once for all titles that read alike: of many, every one would begin at two again.
    let times = this.#times.get(plain) ?? 1;
    while (this.#shown.has(`${type}[${shown}]`)) shown = `${clean} (${(times += 1)})`;
    this.#times.set(plain, times);
    this.#shown.add(`${type}[${shown}]`);
    this.#titles.set(reference, shown);
    return true;
  }

  /** A declared resource's title as it may be shown. */
  title(type: string, title: string): string {
    return this.#titles.get(`${type}[${title}]`) ?? this.#show(title);
  }

  /** A reference to a declared resource as it may be shown; null when there is no such resource. */
  declared(reference: string): string | null {
    const title = this.#titles.get(reference);
    return title === undefined ? null : `${reference.slice(0, reference.indexOf("["))}[${title}]`;
  }

  /** Any text that should be a reference: to a declared resource, to an alias of one, or to none. */
  reference(text: string): string {
    const declared = this.declared(text);
    if (declared !== null) return declared;
    const [, type, title] = referenceForm.exec(text) ?? [];
    return type === undefined || title === undefined ? this.#show(text) : `${type}[${this.#show(title)}]`;
  }

  /** An identity, which is compared and never shown: sealed where it holds a secret. */
  key(text: string): string {
    return this.#taints.isIn(text) ? `${secretMark} ${this.#seal(text)}` : text;
  }

  #show(title: string): string {
    const clean = this.#taints.redact(title);
    if (clean.length <= longestTitle) return clean;
    const digest = createHash("sha256").update(clean).digest("hex");
    return `${clean.slice(0, 256)}… (${clean.length} characters, sha256 ${digest})`;
  }
}
