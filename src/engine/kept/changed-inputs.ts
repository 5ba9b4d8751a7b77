import type { Changed } from "../../plan/changed.ts";
import { compare, manifestsToParse } from "../../plan/compare.ts";
import type { Definition } from "../../plan/definitions.ts";
import type { Listing } from "../../plan/listing.ts";
import type { OpenTree } from "../ports/puppet.ts";

export interface ChangedInputsOf {
  before: Listing;
  after: Listing;
  /** A file's content by its id; null where it can't be had. */
  read: (oid: string) => Promise<string | null>;
  openBase: () => Promise<OpenTree>;
  openMerged: () => Promise<OpenTree>;
  /** How many nodes a set of changed inputs reaches, as far as is known before anything is compiled. */
  count: (changed: Changed) => number;
  signal: AbortSignal | undefined;
}

/**
 * Nodes whose compiles cost about what it takes to ask both sides what their changed manifests define: a second, most of which is the start of a
 * process that has evaluated nothing yet.
 */
const worthAsking = 4;

/**
 * What differs between two sides of a change for a compile. Where changed manifests reach more than a few nodes, what they define is asked and compared by
 * its syntax, so that comments, white space and other nodes' statements reach nobody. That is for the two sides of one change: between
 * two bases, contents count, since the places in files that are kept with a catalog would be others.
 */
export async function changedInputs({ before, after, read, openBase, openMerged, count, signal }: ChangedInputsOf): Promise<Changed> {
  const coarse = await compare({ before, after, read });
  const asked = manifestsToParse(before, after);
  if (asked.before.length + asked.after.length === 0 || count(coarse) <= worthAsking) return coarse;
  const define = async (
    open: () => Promise<OpenTree>,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, readonly Definition[] | null>> =>
    paths.length === 0 ? new Map() : (await open()).definitions(paths, signal);
  const [ofBase, ofMerged] = await Promise.all([define(openBase, asked.before), define(openMerged, asked.after)]);
  const sides = { before: ofBase, after: ofMerged };
  return compare({ before, after, read, definitions: (side, path) => sides[side].get(path) ?? null });
}
