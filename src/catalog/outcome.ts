import type { Catalog } from "./catalog.ts";
import { type Change, reachesSystem } from "./change.ts";
import { diffCatalogs } from "./diff.ts";
import type { NodeOutcome } from "./effects.ts";

/** What compiling a node on one side came to; the engine's `CompileOutcome` is one. */
export type Compiled = { ok: true; catalog: Catalog } | { ok: false; error: CompileFailure };

export interface CompileFailure {
  /** `compile` is Puppet's no; `no-node` means that no node statement matches; every other one is a limit or a fault of the sandbox. */
  code: string;
  message: string;
  path: string | null;
  line: number | null;
}

export interface NodeComparison {
  outcome: NodeOutcome["outcome"];
  /** A sentence without its stop; null for a plain `changed` or `unchanged`. */
  reason: string | null;
  /** Base does not compile either, or could not be analysed: a debt that this change did not make. */
  old?: true;
  changes: Change[];
}

/**
 * Compares what a node's two compiles came to.
 *
 * | base | head | outcome |
 * |---|---|---|
 * | compiles, without a resource | the same | `not-analysable`: a node without its facts or its ENC looks like that; `unchanged` where it is meant to be so |
 * | compiles | compiles | `changed` if its system or an ordering would change, else `unchanged`, whatever its classes' parameters do |
 * | compiles | Puppet says no, or no node statement matches | `broken` |
 * | Puppet says no, or no node statement matches | compiles | `fixed`, with everything as added |
 * | Puppet says no | Puppet says no, or no node statement matches | `pre-existing`; both are quoted where they differ |
 * | no node statement matches | Puppet says no | `broken`: base never had the node |
 * | no node statement matches | no node statement matches | `not-analysable` |
 * | a limit or fault | Puppet says no | `broken`: nothing shows that base has the error too |
 * | anything else with a limit or fault | | `not-analysable` |
 *
 * `meantEmpty` is why the policy has the node's catalog empty; null where it does not. Fails closed: what could not be compiled for a limit is never taken for good, nor for debt.
 */
export function nodeOutcome(base: Compiled, head: Compiled, meantEmpty: string | null = null): NodeComparison {
  if (!head.ok) return headFails(base, head.error);
  if (base.ok && isEmpty(base.catalog) && isEmpty(head.catalog))
    return meantEmpty === null
      ? old("not-analysable", empty)
      : none("unchanged", `its catalog is empty, as it is meant to be: ${meantEmpty}`);
  if (base.ok) return bothCompile(diffCatalogs(base.catalog, head.catalog));
  if (isLimit(base.error)) return old("not-analysable", `on base, ${said(base.error)}, so there is nothing to compare with`);
  const reason = base.error.code === "no-node" ? `on base, ${noNode}` : `on base, it does not compile: ${said(base.error)}`;
  return { outcome: "fixed", reason, changes: diffCatalogs(null, head.catalog) };
}

function bothCompile(changes: Change[]): NodeComparison {
  if (changes.some((change) => reachesSystem(change) || change.kind === "ordering")) return { outcome: "changed", reason: null, changes };
  const reason = changes.length === 0 ? null : "only parameters of classes, data types or titles differ, which changes nothing on the node";
  return { outcome: "unchanged", reason, changes };
}

function headFails(base: Compiled, error: CompileFailure): NodeComparison {
  if (isLimit(error)) return isLimitOf(base) ? old("not-analysable", said(error)) : none("not-analysable", said(error));
  if (base.ok) return none("broken", error.code === "no-node" ? `${noNode} any more` : said(error));
  if (error.code === "no-node" && base.error.code === "no-node") return old("not-analysable", "no node statement matches");
  if (base.error.code === "no-node") return none("broken", `${said(error)}; on base, ${noNode}`);
  if (isLimit(base.error)) return none("broken", `${said(error)}; on base, ${said(base.error)}`);
  const same = normalised(base.error) === normalised(error);
  return old("pre-existing", same ? `as on base: ${said(error)}` : `${said(error)}; on base, ${said(base.error)}`);
}

/** Nothing for a provider to do: what Puppet itself puts into each catalog are classes and a stage. */
const isEmpty = (catalog: Catalog): boolean => catalog.resources.every(({ kind }) => kind !== "native");
const empty =
  "its catalog is empty on both sides, so no change can be seen: it may lack what gives it its classes (node statements, an ENC, data, facts); if nothing is to be managed there, say so under `empty` in the policy";

const none = (outcome: NodeOutcome["outcome"], reason: string): NodeComparison => ({ outcome, reason, changes: [] });

const old = (outcome: NodeOutcome["outcome"], reason: string): NodeComparison => ({ ...none(outcome, reason), old: true });
const isLimitOf = (compiled: Compiled): boolean => !compiled.ok && isLimit(compiled.error);
const isLimit = ({ code }: CompileFailure): boolean => code !== "compile" && code !== "no-node";

const noNode = "no node statement matches it";

/** An error as one fragment of a sentence, with its place where the message does not say it. */
function said({ code, message, path, line }: CompileFailure): string {
  if (code === "no-node") return noNode;
  const text = message.trim().replace(/\.$/u, "");
  if (path === null || text.includes(path)) return text;
  return `${text} (${path}${line === null ? "" : `:${line}`})`;
}

/** Two errors are one if they differ in nothing but where in the file it is, and on which node: lines above it come and go. */
const normalised = ({ code, message, path }: CompileFailure): string =>
  `${code}\n${path ?? ""}\n${message
    .replaceAll(/,? ?\b(?:line|column):? \d+/giu, "")
    .replaceAll(/:\d+(?::\d+)?\b/gu, "")
    .replaceAll(/\s+/gu, " ")}`;
