import type { Explained } from "../../catalog/effects.ts";
import { shownPath } from "../../plan/listing.ts";
import type { KeptNode } from "./kept-node.ts";

/** What a catalog rests on, for a person; null where its compile did not tell, or can't be relied on. */
export function restsOf({ trace, facts, residue }: KeptNode, root: string): Explained["rests"] {
  if (trace === null) return null;
  const shown = (path: string): string => shownPath(path, root);
  return {
    names: trace.manifests.length,
    functions: trace.functions.length,
    types: trace.types.length,
    keys: trace.keys.length,
    data: trace.data.map(({ path }) => shown(path)).sort(),
    files: trace.files.map(shown).sort(),
    facts: facts.paths.map((path) => (path.length === 0 ? "all of them" : path.join("."))).sort(),
    sources: [...new Set((residue?.sources ?? []).flat())].sort(),
  };
}
