import type { Catalog } from "../catalog/catalog.ts";
import { refOf } from "../catalog/catalog.ts";
import type { Coverage, Finding, NodeOutcome } from "../catalog/effects.ts";
import type { CompileOutcome } from "./ports.ts";

/** What was not looked at in the catalogs that came, and what in them is too little to be believed. */
export class Seen {
  readonly #elsewhere = new Set<string>();
  readonly #encrypted = new Set<string>();

  /** A node's outcome on one side; `elsewhere` are sources of files that are not on the tree. */
  add(outcome: CompileOutcome, elsewhere: readonly string[]): void {
    if (!outcome.ok) return;
    for (const uri of elsewhere) this.#elsewhere.add(uri);
    for (const text of outcome.encrypted ?? []) this.#encrypted.add(text);
  }

  /** `changed` are the paths that the change touches, `outside` what is to be said of what lies outside the tree. */
  coverage(nodes: readonly NodeOutcome[], changed: readonly string[], outside: Coverage["unseen"]): Coverage {
    const unseen = agentCode.map(({ what, paths, text }) => ({ what, count: changed.filter((path) => paths.test(path)).length, text }));
    return {
      nodes: nodes.length,
      compared: nodes.filter(({ outcome }) => outcome === "changed" || outcome === "unchanged" || outcome === "fixed").length,
      unseen: [
        ...unseen,
        {
          what: "sources" as const,
          count: this.#elsewhere.size,
          text: "files from outside the tree (other mounts, file:, http:), compared by their address alone",
        },
        { what: "encrypted" as const, count: this.#encrypted.size, text: "encrypted values, each with a text of its own in its place" },
        ...outside,
      ].filter(({ count }) => count > 0),
    };
  }
}

/** Ruby that runs on the nodes. A catalog is made of what facts said before, and says nothing of how an agent carries it out. */
const agentCode: ReadonlyArray<{ what: Coverage["unseen"][number]["what"]; paths: RegExp; text: string }> = [
  { what: "facts", paths: /(?:^|\/)(?:lib\/facter|facts\.d)\//u, text: "changed custom facts: the nodes' facts are as they were before" },
  { what: "providers", paths: /(?:^|\/)lib\/puppet\/provider\//u, text: "changed providers: what agents do with the same catalog" },
  { what: "types", paths: /(?:^|\/)lib\/puppet\/type\//u, text: "changed resource types: what agents make of the same values" },
];

/** Fewer lost resources than this are a change, and no disaster. */
const few = 5;

/**
 * A catalog that lost much though no manifest changes that would say so: what a key or a file of the data, a module or a backend that is gone
 * looks like. Null where it did not, or where a manifest changes, because then it is somebody's word.
 */
export function lossOf(before: Catalog, after: Catalog, lostPercent: number): Finding | null {
  const left = new Set(nativesOf(after));
  const all = nativesOf(before);
  const lost = all.filter((reference) => !left.has(reference)).length;
  if (lost < few || lost * 100 <= lostPercent * all.length) return null;
  return {
    check: "compile",
    severity: "error",
    path: null,
    line: null,
    column: null,
    code: "small-catalog",
    message:
      `${after.certname} would lose ${lost} of its ${all.length} resources, and no manifest changes: that is how lost data or a lost module looks. ` +
      "If it is meant, say so in a manifest, or raise compile.lost_percent in the policy",
    onChangedLine: false,
  };
}

const nativesOf = ({ resources }: Catalog): string[] => resources.filter(({ kind }) => kind === "native").map(refOf);
