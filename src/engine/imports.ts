import { type Catalog, refOf } from "../catalog/catalog.ts";
import { type Change, reachesSystem } from "../catalog/change.ts";
import type { Coverage, NodeOutcome } from "../catalog/effects.ts";
import { exchanged, type Exporter, importedChanges, type Importer } from "../catalog/importers.ts";
import { forecastImported } from "../catalog/imported-restarts.ts";
import type { Restart } from "../catalog/restarts.ts";
import type { Placement } from "./place.ts";
import type { CompileOutcome } from "./ports/compile.ts";
import { tooMuch } from "./room.ts";
import { slim } from "./slim.ts";

/** Resources of importers' catalogs that are kept: of a thousand large nodes. */
const mostKept = 4_000_000;

interface Found {
  nodes: readonly NodeOutcome[];
  changes: Map<string, readonly Change[]>;
  restarts: Map<string, Restart[]>;
}

/**
 * Who exports and who collects, of all pairs as they come: a change to an exported resource is an effect on its importers. Catalogs are kept of
 * nodes that collect, which are few, since what restarts there is forecast in theirs.
 */
export class Imports {
  readonly #exporters: Exporter[] = [];
  readonly #importers: Importer[] = [];
  readonly #catalogs = new Map<string, Catalog>();
  readonly #places = new Map<string, Pick<Placement, "unknown" | "holes">>();
  readonly #most: number;
  #unseen = 0;
  #kept = 0;

  /** @param most Resources of importers' catalogs that may be kept */
  constructor(most = mostKept) {
    this.#most = most;
  }

  /** `place` is what is not known of whose node it is. Throws a Problem where all of it is too much. */
  offer(certname: string, base: CompileOutcome, merged: CompileOutcome, place: Pick<Placement, "unknown" | "holes">): void {
    if (!base.ok || !merged.ok) this.#unseen += 1;
    if (!merged.ok) return;
    const [before, after] = [base, merged].map((side) => (side.ok ? side.catalog.resources.filter(({ exported }) => exported) : []));
    if (before && after && before.length + after.length > 0) this.#exporters.push({ certname, before, after });
    const collectors = { before: (base.ok ? base.reads?.collectors : undefined) ?? [], after: merged.reads?.collectors ?? [] };
    if (collectors.before.length + collectors.after.length === 0) return;
    this.#importers.push({ certname, ...collectors });
    this.#kept += merged.catalog.resources.length;
    if (this.#kept > this.#most) throw tooMuch();
    this.#catalogs.set(certname, slim(merged.catalog));
    this.#places.set(certname, place);
  }

  /** Whether anybody who was offered exports or collects. */
  get any(): boolean {
    return this.#exporters.length + this.#importers.length > 0;
  }

  /** What of all this no lane holds back: it is another one after the change. */
  exchanged(): ReturnType<typeof exchanged> {
    return exchanged(this.#exporters, this.#importers);
  }

  /** Adds to each importer what others' exports change on it. `known`: whether the compiles had others' exports. Gives the nodes and what can't be told. */
  tell({ nodes, changes, restarts }: Found, known: boolean): { nodes: NodeOutcome[]; unseen: Coverage["unseen"][number] } {
    const found = importedChanges(this.#exporters, this.#importers, known);
    if (found === null) throw tooMuch();
    const { byNode, unclaimed } = found;
    const exports = byNode.size === 0 ? new Set<string>() : new Set(this.#exporters.flatMap(({ before }) => before.map(refOf)));
    const told = nodes.map((node) => {
      const imported = byNode.get(node.certname);
      const catalog = this.#catalogs.get(node.certname);
      if (imported === undefined || catalog === undefined) return node;
      const all = [...(changes.get(node.certname) ?? []), ...imported.changes];
      changes.set(node.certname, all);
      const forecast = forecastImported(catalog, all, imported.resources, exports);
      restarts.set(node.certname, forecast.restarts);
      const isChanged = imported.changes.some(reachesSystem);
      const why = `imports what ${few(imported.from)} ${imported.from.length === 1 ? "exports" : "export"}`;
      const { unknown = null, holes = [] } = this.#places.get(node.certname) ?? {};
      const blind = forecast.blind.length === 0 ? null : blindText(forecast.blind, known);
      const reason = [node.reason, why, node.outcome === "unchanged" ? unknown : null, blind];
      const unplaced = [...holes, ...(blind === null ? [] : ["restarts" as const])];
      return {
        ...node,
        ...(unplaced.length > 0 ? { unplaced } : {}),
        outcome: node.outcome === "unchanged" && isChanged ? ("changed" as const) : node.outcome,
        reason: reason.filter((text) => typeof text === "string").join("; "),
      };
    });
    const others = this.#unseen === 0 ? "" : `, and what ${this.#unseen} nodes without a catalog collect is not known`;
    return {
      nodes: told,
      unseen: {
        what: "importers",
        count: unclaimed.length,
        text: `exported resource${unclaimed.length === 1 ? " that changes" : "s that change"} and whose importers are unknown (${few(unclaimed)}): no node that was looked at collects ${unclaimed.length === 1 ? "it" : "them"}${others}`,
      },
    };
  }
}

/** Why it can't be told what restarts where these come, and the way out. */
function blindText(references: readonly string[], known: boolean): string {
  const which = `${few(references)} may restart more there than is told`;
  return known
    ? `${which}: nothing like ${references.length === 1 ? "it" : "them"} was collected there before`
    : `${which}: this node was compiled without what others export. Give that by facts.puppetdb.exported in the policy, or as stand-ins`;
}

const few = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
