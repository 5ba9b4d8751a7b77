import type { Catalog } from "../catalog/catalog.ts";
import { reachesSystem, type Change } from "../catalog/change.ts";
import type { Finding } from "../catalog/effects.ts";
import { forecastRestarts, type Restart } from "../catalog/restarts.ts";
import { effectKeys, Volatile } from "../catalog/volatile.ts";
import type { CompileOutcome } from "./ports.ts";
import { slim } from "./slim.ts";

/** Nodes that are compiled a second time: enough for as many distinct causes of chance, and no burden. */
const most = 8;

interface Probe {
  base: Catalog;
  merged: Catalog;
}

/** Resources of all nodes' catalogs that are kept for a forecast. Where there is no more room, what differs by chance stays among the changes. */
const mostKept = 2_000_000;

/** What is left of a node's changes without those that come of chance. */
export interface Sifted {
  changes: Change[];
  restarts: Restart[];
}

/**
 * Looks for what differs at every compile: of nodes that cover the effects, as far as eight do, both sides are compiled once more. What
 * differs between base's two compiles, and no more, is no change's doing. Head's word is never taken for that: what differs at every compile
 * since this change is told, and counts.
 */
export class Probes {
  readonly #probes = new Map<string, Probe>();
  readonly #covered = new Set<string>();
  /** Of nodes with changes: what a forecast of restarts needs of the catalog. */
  readonly #slim = new Map<string, Catalog>();
  readonly #own = new Map<string, Volatile>();
  readonly #shared = new Volatile();
  readonly #findings = new Map<string, Finding>();
  readonly #ofHead: Change[] = [];
  #kept = 0;

  /** A node's two catalogs and what differs; keeps them where it shows an effect that no other one did. */
  offer(certname: string, changes: readonly Change[], base: Catalog, merged: Catalog): void {
    const keys = effectKeys(changes);
    if (keys.length === 0) return;
    this.#kept += merged.resources.length;
    if (this.#kept <= mostKept) this.#slim.set(certname, slim(merged));
    if (this.#probes.size >= most || keys.every((key) => this.#covered.has(key))) return;
    for (const key of keys) this.#covered.add(key);
    this.#probes.set(certname, { base, merged });
  }

  /** Whom to compile once more, on both sides. */
  get wanted(): ReadonlySet<string> {
    return new Set(this.#probes.keys());
  }

  /** The second compile of a node on one side. */
  add(side: "base" | "merged", outcome: CompileOutcome): void {
    const probe = this.#probes.get(outcome.certname);
    if (probe === undefined) return;
    if (!outcome.ok) {
      const words = side === "base" ? "base compiles it only at times" : "it compiles only at times";
      const severity = side === "base" ? "warning" : "error";
      this.#tell(null, severity, "compiles-at-times", `${outcome.certname}: ${words}: ${outcome.error.message}`);
    } else if (side === "base") {
      const own = new Volatile();
      own.add(probe.base, outcome.catalog);
      this.#own.set(outcome.certname, own);
      this.#shared.add(probe.base, outcome.catalog);
    } else {
      const own = new Volatile();
      this.#ofHead.push(...own.add(probe.merged, outcome.catalog));
    }
  }

  /** A node's changes without what differs at every compile anyway; null where all of them stay. */
  sift(certname: string, changes: readonly Change[]): Sifted | null {
    const known = this.#own.get(certname) ?? this.#shared;
    const catalog = this.#slim.get(certname);
    if (known.isEmpty || catalog === undefined) return null;
    const { kept, masked } = known.split(changes);
    for (const change of masked) this.#tell(change, "warning", "differs-at-every-compile", words.masked(nameOf(change)));
    for (const change of kept)
      if (known.knows(change)) this.#tell(change, "warning", "differs-at-every-compile", words.kept(nameOf(change)));
    if (masked.length === 0) return null;
    return { changes: kept, restarts: forecastRestarts(catalog, kept) };
  }

  /** What to tell, once every node is sifted. */
  findings(): Finding[] {
    for (const change of this.#ofHead)
      if (reachesSystem(change) && !this.#shared.knows(change))
        this.#tell(change, "warning", "differs-from-now-on", words.fromNowOn(nameOf(change)));
    return [...this.#findings.values()];
  }

  #tell(change: Change | null, severity: Finding["severity"], code: string, message: string): void {
    const { path, line } = change?.source ?? { path: null, line: null };
    this.#findings.set(message, { check: "compile", severity, path, line, column: null, code, message, onChangedLine: false });
  }
}

const words = {
  masked: (name: string) =>
    `${name} differs at every compile, on base too (a time, a random number or a command's output): it is left out of the changes`,
  kept: (name: string) =>
    `${name} differs at every compile, on base too, and more of it differs here: it stays among the changes, though not all of it is this change's doing`,
  fromNowOn: (name: string) =>
    `from this change on, ${name} differs at every compile (a time, a random number or a command's output): the agent would apply it at every run`,
};

const nameOf = ({ type, title, attribute }: Change): string =>
  attribute === null ? `a ${type} (${type}[${title}])` : `${attribute} of ${type}[${title}]`;
