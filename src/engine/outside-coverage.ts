import type { Coverage } from "../catalog/effects.ts";
import type { FactSnapshot, OutsideRead, Reads } from "./ports.ts";

/** What the compiles took of what is outside the tree, and what they asked for in vain: each once, of all nodes and both sides. */
export class OutsideReads {
  readonly #used = new Map<string, OutsideRead>();
  readonly #missing = new Map<string, OutsideRead>();

  add(reads: Reads | undefined): void {
    for (const read of reads?.used ?? []) this.#used.set(`${read.kind} ${read.name}`, read);
    for (const read of reads?.missing ?? []) this.#missing.set(`${read.kind} ${read.name}`, read);
  }

  unseen(): Coverage["unseen"] {
    const [used, missing] = [[...this.#used.values()], [...this.#missing.values()]];
    return [
      { what: "stand-ins", count: used.length, text: `private values, in whose place stand-ins were read (${byKind(used)})` },
      {
        what: "missing",
        count: missing.length,
        text: `things outside the tree that nobody gave (${few(missing.map(({ kind, name }) => `${name} of ${words[kind][0]}`))}): a server's catalogs may differ; give them as stand-ins`,
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
    text: `nodes that the ENC puts into other environments (${few([...new Set(others)].sort())}), as they would be there: they were compiled as ${environment}`,
  };
}

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
