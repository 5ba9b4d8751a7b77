import { refOf } from "../../catalog/catalog.ts";
import type { Change } from "../../catalog/change.ts";
import { diffCatalogs } from "../../catalog/diff.ts";
import { Volatile } from "../../catalog/volatile.ts";
import { type Residue, residueOf } from "../kept/residue.ts";
import type { CompileOutcome } from "../ports/compile.ts";

/**
 * What compiling a node anew says of what was kept of it. `unclear`: a second compile has to tell whether that is chance. `untold`: a limit or
 * a fault ended the compile, so that it says nothing. `missed`: what was kept is not what base compiles to; `differs` names what, without values.
 */
export type Compared = { kind: "proven" } | { kind: "unclear" } | { kind: "untold" } | { kind: "missed"; differs: string[] };

export interface KeptCompile {
  outcome: CompileOutcome;
  /** What reports take from it without looking at it. */
  residue: Residue | null;
}

/** `again` is a second compile from the same sandbox, where there was one: what differs between the two is no fault of what was kept. */
export function compareKept(kept: KeptCompile, fresh: CompileOutcome, again: CompileOutcome | null): Compared {
  if (!kept.outcome.ok) return { kind: "untold" };
  if (!fresh.ok) return failed(fresh, again);
  const changes = diffCatalogs(kept.outcome.catalog, fresh.catalog);
  const apart = partsOf(kept.residue, residueOf(fresh));
  if (changes.length + apart.length === 0) return { kind: "proven" };
  if (again === null) return { kind: "unclear" };
  if (!again.ok) return { kind: "untold" };
  const chance = new Volatile();
  chance.add(fresh.catalog, again.catalog);
  const left = chance.split(changes).kept.map(nameOf);
  const wavering = new Set(partsOf(residueOf(fresh), residueOf(again)));
  const differs = [...left, ...apart.filter((part) => !wavering.has(part))];
  return differs.length === 0 ? { kind: "proven" } : { kind: "missed", differs: [...new Set(differs)] };
}

/** It compiled when it was kept: that Puppet refuses it now has to show twice. */
function failed(fresh: Extract<CompileOutcome, { ok: false }>, again: CompileOutcome | null): Compared {
  if (!isOfPuppet(fresh)) return { kind: "untold" };
  if (again === null) return { kind: "unclear" };
  return !again.ok && isOfPuppet(again) ? { kind: "missed", differs: ["it does not compile any more"] } : { kind: "untold" };
}

const isOfPuppet = ({ error }: Extract<CompileOutcome, { ok: false }>): boolean => error.code === "compile" || error.code === "no-node";

const nameOf = ({ type, title, attribute }: Change): string =>
  attribute === null ? refOf({ type, title }) : `${attribute} of ${refOf({ type, title })}`;

/** What of a residue its catalog alone decides: encrypted texts and reads of stand-ins may be those of an earlier node of the same process. */
const parts = ["classes", "defines", "sources", "exchanges", "telling"] as const;

function partsOf(before: Residue | null, after: Residue): string[] {
  if (before === null) return [];
  const text = (value: unknown): string =>
    Array.isArray(value) ? JSON.stringify(value.map((each) => JSON.stringify(each)).toSorted()) : String(value);
  return parts.filter((part) => text(before[part]) !== text(after[part])).map((part) => words[part]);
}

const words: Record<(typeof parts)[number], string> = {
  classes: "its classes",
  defines: "its defined types",
  sources: "the files that it is served",
  exchanges: "what it exports or collects",
  telling: "whether it is empty or has a cycle",
};
