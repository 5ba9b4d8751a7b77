import { findingsOf } from "../catalog/finding.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { reachesSystem, type Change } from "../catalog/change.ts";
import { classesAround } from "../catalog/containers.ts";
import type { Coverage, Finding } from "../catalog/effects.ts";
import { forecastRestarts, type Restart } from "../catalog/restarts.ts";
import { suspects, Volatile } from "../catalog/volatile.ts";
import type { CompileOutcome } from "./ports/compile.ts";
import { slim } from "./slim.ts";

/**
 * Nodes that are compiled a second time: of those that show a class no other one did, and of those that show an effect which no other one did.
 * Above the latter, together they may have `resources`, so that large catalogs don't take as long again.
 */
const most = { forClasses: 16, forEffects: 8, resources: 20_000 };

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
 * Looks for what differs at every compile: one node of each class in which something changes, and nodes that cover the effects, as far as
 * `most` allows, are compiled once more on both sides; `unseen` says where that was not enough. What differs between base's two compiles, and no more, is no change's doing. Head's word is never taken for that: what differs at every compile
 * since this change is told, and counts.
 */
export class Probes {
  readonly #probes = new Map<string, Probe>();
  readonly #covered = new Set<string>();
  /** Classes in which something changes, and whether one of the probes shows them. */
  readonly #classes = new Map<string, boolean>();
  /** Of nodes with changes: what a forecast of restarts needs of the catalog. */
  readonly #slim = new Map<string, Catalog>();
  readonly #own = new Map<string, Volatile>();
  readonly #shared = new Volatile();
  readonly #findings = new Map<string, Finding>();
  readonly #ofHead: Change[] = [];
  readonly #steady = new Set<string>();
  #kept = 0;
  #probed = 0;

  /** A node's two catalogs and what differs; keeps them where it shows a class or an effect that no other one did. */
  offer(certname: string, changes: readonly Change[], base: Catalog, merged: Catalog): void {
    const found = suspects(changes);
    if (found.length === 0) return;
    this.#kept += merged.resources.length;
    if (this.#kept <= mostKept) this.#slim.set(certname, slim(merged));
    const classes = classesAround(
      found.map(({ change }) => change),
      [base, merged],
    );
    for (const each of classes) this.#classes.set(each, this.#classes.get(each) ?? false);
    const showsClass = [...classes].some((each) => this.#classes.get(each) === false);
    const showsEffect = found.some(({ key }) => !this.#covered.has(key));
    const hasRoom =
      this.#probes.size < most.forEffects || (showsClass && this.#probes.size < most.forClasses && this.#probed < most.resources);
    if (!hasRoom || !(showsClass || showsEffect)) return;
    for (const { key } of found) this.#covered.add(key);
    for (const each of classes) this.#classes.set(each, true);
    this.#probed += merged.resources.length;
    this.#probes.set(certname, { base, merged });
  }

  /** Classes that change, and that none of the nodes shows which were compiled once more. */
  get unseen(): Coverage["unseen"][number] {
    const left = [...this.#classes].flatMap(([name, shown]) => (shown ? [] : [name])).sort();
    const few = `${left.slice(0, 3).join(", ")}${left.length > 3 ? ` and ${left.length - 3} more` : ""}`;
    return {
      what: "chance",
      count: left.length,
      text: `changed class${left.length === 1 ? "" : "es"} (${few}) where a change may be chance: that was looked for in ${this.#classes.size - left.length} of ${this.#classes.size}, by a second compile of ${this.#probes.size} nodes`,
    };
  }

  /** Whom to compile once more, on both sides. */
  get wanted(): ReadonlySet<string> {
    return new Set(this.#probes.keys());
  }

  /** Nodes whose two compiles on base differ in nothing. */
  get steady(): ReadonlySet<string> {
    return this.#steady;
  }

  /** Nothing of a node differs at every compile on base: that was seen in an earlier check. */
  addSteady(certname: string): void {
    this.#own.set(certname, new Volatile());
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
      if (own.add(probe.base, outcome.catalog).length === 0) this.#steady.add(outcome.certname);
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
    this.#findings.set(message, findingsOf("compile")(severity, change?.source ?? null, code, message));
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
