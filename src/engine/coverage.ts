import { findingsOf } from "../catalog/finding.ts";
import { type Catalog, refOf } from "../catalog/catalog.ts";
import { type Change, reachesSystem } from "../catalog/change.ts";
import type { Coverage, Finding, NodeOutcome } from "../catalog/effects.ts";
import type { Lenient } from "../catalog/ignored.ts";
import type { CompileOutcome } from "./ports/compile.ts";

/** What was not looked at in the catalogs that came, and what in them is too little to be believed. */
export class Seen {
  readonly #elsewhere = new Set<string>();
  /** By side: a value that changes has a text of its own on each, and is one value. */
  readonly #encrypted = { base: new Set<string>(), merged: new Set<string>() };
  readonly #asWritten = new Set<string>();
  readonly #ignored = new Map<string, string>();

  /** A node's outcome on one side; `elsewhere` are sources of files that are not on the tree. */
  add(side: "base" | "merged", outcome: CompileOutcome, elsewhere: readonly string[]): void {
    if (!outcome.ok) return;
    for (const uri of elsewhere) this.#elsewhere.add(uri);
    for (const text of outcome.encrypted ?? []) this.#encrypted[side].add(text);
  }

  /** The same of a catalog that was not looked at. */
  addKept({ elsewhere, encrypted }: { elsewhere: readonly string[]; encrypted: readonly string[] }): void {
    for (const uri of elsewhere) this.#elsewhere.add(uri);
    for (const text of encrypted) for (const side of [this.#encrypted.base, this.#encrypted.merged]) side.add(text);
  }

  /** What differs on a node: values that their type did not take may be no difference to the agent. */
  addChanges(changes: readonly Change[]): void {
    for (const change of changes)
      if (change.asWritten === true && reachesSystem(change)) this.#asWritten.add(`${refOf(change)} ${change.attribute ?? ""}`);
  }

  /** Differences that the policy leaves out, with its reasons. */
  addIgnored(ignored: Lenient["ignored"]): void {
    for (const { change, reason } of ignored) this.#ignored.set(`${refOf(change)} ${change.attribute ?? ""}`, reason);
  }

  /** `changed` are the paths that the change touches, `outside` what is to be said of what lies outside the tree. */
  coverage(nodes: readonly NodeOutcome[], changed: readonly string[], outside: Coverage["unseen"]): Coverage {
    const unseen = agentCode.map(({ what, paths, text }) => {
      const count = changed.filter((path) => paths.test(path)).length;
      return { what, count, text: text(count === 1 ? "" : "s") };
    });
    const asWritten = [...this.#asWritten].sort();
    const [ignored, why] = [[...this.#ignored.keys()].sort(), [...new Set(this.#ignored.values())].sort()];
    const [files, values] = [this.#elsewhere.size, Math.max(this.#encrypted.base.size, this.#encrypted.merged.size)];
    return {
      nodes: nodes.length,
      compared: nodes.filter(({ outcome }) => outcome === "changed" || outcome === "unchanged" || outcome === "fixed").length,
      unseen: [
        ...unseen,
        {
          what: "sources" as const,
          count: files,
          text: `file${files === 1 ? "" : "s"} from outside the repository (addresses were compared, not contents)`,
        },
        { what: "encrypted" as const, count: values, text: `encrypted value${values === 1 ? "" : "s"} (compared by ciphertext)` },
        {
          what: "values" as const,
          count: asWritten.length,
          text: `changed value${asWritten.length === 1 ? "" : "s"} that the type would not take without the node (${few(asWritten)}): compared as written, so an agent may find nothing to do`,
        },
        {
          what: "ignored" as const,
          count: ignored.length,
          text: `difference${ignored.length === 1 ? "" : "s"} that the policy leaves out (${few(ignored)}): ${few(why)}`,
        },
        ...outside,
      ].filter(({ count }) => count > 0),
    };
  }
}

const few = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;

/** Ruby that runs on the nodes. A catalog is made of what facts said before, and says nothing of how an agent carries it out. */
const agentCode: ReadonlyArray<{ what: Coverage["unseen"][number]["what"]; paths: RegExp; text: (plural: string) => string }> = [
  {
    what: "facts",
    paths: /(?:^|\/)(?:lib\/facter|facts\.d)\//u,
    text: (s) => `changed custom fact${s} (nodes have the facts that they had before)`,
  },
  {
    what: "providers",
    paths: /(?:^|\/)lib\/puppet\/provider\//u,
    text: (s) => `changed provider${s} (agents may do something else with the same catalog)`,
  },
  {
    what: "types",
    paths: /(?:^|\/)lib\/puppet\/type\//u,
    text: (s) => `changed resource type${s} (agents may make something else of the same values)`,
  },
];

/** Fewer lost resources than this are a change, and no disaster. */
const leastLost = 5;

/** A node whose catalog is smaller by so many resources. */
export interface Loss {
  certname: string;
  lost: number;
  of: number;
}

/** What a node's catalog is smaller by where that is more than the given percent; null where it is not, or where hardly anything is gone. */
export function lossOf(before: Catalog, after: Catalog, lostPercent: number): Loss | null {
  const of = countOf(before);
  const lost = of - countOf(after);
  return lost < leastLost || lost * 100 <= lostPercent * of ? null : { certname: after.certname, lost, of };
}

const countOf = ({ resources }: Catalog): number => resources.filter(({ kind }) => kind === "native").length;

/** What to say of catalogs that lost much though no manifest changes: what a key or a file of the data, a module or a backend that is gone looks like. */
export function lossFindings(losses: readonly Loss[]): Finding[] {
  const [first, ...more] = losses.toSorted((a, b) => (a.certname < b.certname ? -1 : 1));
  if (first === undefined) return [];
  const others = more.length === 0 ? "" : ` (and ${more.length} more ${more.length === 1 ? "node" : "nodes"} likewise)`;
  const message =
    `${first.certname} would lose ${first.lost} of its ${first.of} resources${others}, and no manifest changes: that is how lost data or a lost ` +
    "module looks. If it is meant, say so in a manifest, or raise compile.lost_percent in the policy";
  return [findingsOf("compile")("error", null, "small-catalog", message)];
}
