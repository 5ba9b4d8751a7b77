import type { Coverage } from "../catalog/effects.ts";
import type { CompileOutcome, OutsideRead, Reads } from "./ports/compile.ts";
import type { FactSnapshot } from "./ports/nodes.ts";

/** What the compiles took of what is outside the tree, and what they asked for in vain: each once, of all nodes and both sides. */
export class OutsideReads {
  readonly #used = new Map<string, OutsideRead>();
  readonly #missing = new Map<string, { read: OutsideRead; certnames: Set<string> }>();

  add(certname: string, side: CompileOutcome): void {
    const { used = [], missing = [] } = side.ok ? (side.reads ?? {}) : { missing: side.missing };
    this.addReads(certname, { used, missing });
  }

  addReads(certname: string, { used, missing }: Pick<Reads, "used" | "missing">): void {
    for (const read of used) this.#used.set(keyOf(read), read);
    for (const read of missing) {
      const known = this.#missing.get(keyOf(read)) ?? { read, certnames: new Set() };
      this.#missing.set(keyOf(read), { read, certnames: known.certnames.add(certname) });
    }
  }

  /** All that has no stand-in, what most nodes asked for first. */
  missing(): NonNullable<Coverage["missing"]> {
    return [...this.#missing.values()]
      .map(({ read, certnames }) => ({ ...read, nodes: certnames.size }))
      .toSorted((a, b) => b.nodes - a.nodes || (keyOf(a) < keyOf(b) ? -1 : 1))
      .slice(0, mostMissing);
  }

  unseen(): Coverage["unseen"] {
    const [used, missing] = [[...this.#used.values()], this.missing()];
    return [
      {
        what: "stand-ins",
        count: used.length,
        text: `value${used.length === 1 ? "" : "s"} from outside the repository (${byKind(used)}), as stand-ins or PuppetDB's exports have ${used.length === 1 ? "it: the real one" : "them: the real ones"} may differ`,
      },
      {
        what: "missing",
        count: missing.length,
        text: `thing${missing.length === 1 ? "" : "s"} outside the tree that nobody gave (${few(missing.map(({ kind, name }) => `${cut(name)} of ${words[kind][0]}`))}): a server's catalogs may differ; give ${missing.length === 1 ? "it as a stand-in" : "them as stand-ins"}`,
      },
    ];
  }
}

/** Nodes that an ENC has in other environments: it is this tree that is judged, for them too. */
export function elsewhere(nodes: FactSnapshot["nodes"], environment: string): Coverage["unseen"][number] {
  const others = nodes.flatMap(({ enc }) =>
    typeof enc?.environment === "string" && enc.environment !== environment ? [enc.environment] : [],
  );
  return {
    what: "environments",
    count: others.length,
    text: `node${others.length === 1 ? "" : "s"} that the ENC puts into other environments (${few([...new Set(others)].sort())}): here compiled as ${environment}`,
  };
}

/** Of a report. */
const mostMissing = 2_000;

const keyOf = ({ kind, name }: OutsideRead): string => `${kind} ${name}`;

const words = {
  hiera: ["Hiera's data", "of Hiera's data"],
  file: ["the server's files", "of the server's files"],
  dns: ["DNS", "of DNS"],
  puppetdb: ["PuppetDB", "of PuppetDB"],
} as const;

const byKind = (reads: readonly OutsideRead[]): string =>
  Object.entries(words)
    .map(([kind, [, of]]) => ({ of, count: reads.filter((read) => read.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ of, count }) => `${count} ${of}`)
    .join(", ");

const few = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;

const cut = (name: string): string => (name.length > 120 ? `${name.slice(0, 119)}…` : name);
