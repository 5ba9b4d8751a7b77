import type { Catalog } from "../../catalog/catalog.ts";
import { findCycles } from "../../catalog/cycles.ts";
import { sourcesIn } from "../../catalog/served.ts";
import type { CompileOutcome, OutsideRead } from "../ports/compile.ts";

/** What a report takes from the catalog of a node that the change does not reach, so that the catalog itself need not be looked at. */
export interface Residue {
  classes: readonly string[];
  /** Defines that are declared in it, by name as Puppet writes it: `Profile::Site`. */
  defines: readonly string[];
  /** Of each file that is served, the addresses that it may come from. */
  sources: ReadonlyArray<readonly string[]>;
  /** Texts in the place of encrypted values. */
  encrypted: readonly string[];
  used: readonly OutsideRead[];
  missing: readonly OutsideRead[];
  /** Whether it exports or collects: what others export may reach it. */
  exchanges: boolean;
  /** Whether there is something to be told of it though nothing changes: it is empty, or has a cycle. */
  telling: boolean;
}

export const residueOf = ({ catalog, reads, encrypted = [] }: Extract<CompileOutcome, { ok: true }>): Residue => ({
  classes: catalog.classes,
  defines: [...new Set(catalog.resources.flatMap(({ kind, type }) => (kind === "define" ? [type] : [])))],
  sources: sourcesIn(catalog),
  encrypted,
  used: reads?.used ?? [],
  missing: reads?.missing ?? [],
  exchanges: (reads?.collectors ?? []).length > 0 || catalog.resources.some(({ exported }) => exported),
  telling: isEmpty(catalog) || findCycles(null, catalog).length > 0,
});

const isEmpty = ({ resources }: Catalog): boolean => resources.every(({ kind }) => kind !== "native");
