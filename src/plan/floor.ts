import type { Listing } from "./listing.ts";
import { placesOf } from "./places.ts";
import type { Trace } from "./trace.ts";

/** What of a resource shows what its compile must have read. */
export interface Declared {
  type: string;
  title: string;
  kind: "class" | "define" | "native";
  /** Relative to the tree. */
  source: { path: string } | null;
}

/** Classes that no manifest has: Puppet makes them. */
const ownClasses: ReadonlySet<string> = new Set(["main", "settings"]);

/**
 * What a trace lacks that the catalog of the same compile shows to have been read, in words; null where nothing is. A trace is the word of a
 * sandbox in which a tree's code ran: one that says less than this is forged or wrong, and its node is compiled whatever changed.
 */
export function missingFrom(
  trace: Trace,
  resources: Iterable<Declared>,
  listing: Pick<Listing, "root" | "modulepath" | "manifest">,
): string | null {
  const names = new Set(trace.manifests.map(bare));
  const implied = new Set(trace.manifests.flatMap((name) => withNamesAbove(bare(name))));
  const functions = new Set(trace.functions.map(bare));
  const files = new Set(trace.files);
  const sources = new Map<string, boolean>();
  const isRead = (path: string): boolean =>
    files.has(path) ||
    placesOf(path, listing).some((place) => {
      if (place.kind === "manifest") return implied.has(place.name);
      return place.kind === "main" || (place.kind === "function" && place.names.some((name) => functions.has(name)));
    });
  for (const { type, title, kind, source } of resources) {
    const name = bare(type === "Class" ? title : type);
    if (type === "Class" && !ownClasses.has(name) && !names.has(name)) return `class ${name}`;
    if (kind === "define" && type !== "Node" && !names.has(name)) return `define ${name}`;
    if (source === null) continue;
    const known = sources.get(source.path) ?? isRead(`${listing.root}/${source.path}`);
    sources.set(source.path, known);
    if (!known) return source.path;
  }
  return null;
}

function bare(name: string): string {
  const lower = name.toLowerCase();
  return lower.startsWith("::") ? lower.slice(2) : lower;
}

/** `a::b::c`, `a::b` and `a`: the files of all of them are loaded for the first. */
function withNamesAbove(name: string): string[] {
  const parts = name.split("::");
  return parts.map((_, at) => parts.slice(0, at + 1).join("::"));
}
