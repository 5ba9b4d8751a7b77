/** A line of a file that belongs to a release: the path is relative to its tree, the line counts from 1. */
export interface SourcePlace {
  path: string;
  line: number;
}

/** A resource, and where it is declared. */
export interface Declared extends SourcePlace {
  resource: string;
}

const longestPath = 1_000;

/**
 * Where a resource is declared, from what an agent's report says. Compilers name files by the environment's folder
 * (`…/environments/NAME/site-modules/…`): what stands before it is the compiler's own business. Null for a file of no environment, of another one, or
 * with anything in its path that no file of a tree has: an agent may report whatever it likes, and the path is only ever compared with those that git lists.
 */
export function placeIn(environment: string, file: unknown, line: unknown): SourcePlace | null {
  if (typeof file !== "string" || typeof line !== "number" || !Number.isInteger(line) || line < 1 || line > 10_000_000) return null;
  const folder = `/environments/${environment}/`;
  const at = file.indexOf(folder);
  if (at < 0) return null;
  const path = file.slice(at + folder.length);
  const isPlain = path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  return isPlain && path.length <= longestPath && !/\p{C}/u.test(path) ? { path, line } : null;
}
