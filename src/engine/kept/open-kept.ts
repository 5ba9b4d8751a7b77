import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { compare } from "../../plan/compare.ts";
import { missingFrom } from "../../plan/floor.ts";
import { type Listing, listingOf } from "../../plan/listing.ts";
import type { CompileCache } from "../ports/cache.ts";
import type { CompileLimits } from "../ports/compile.ts";
import type { PuppetEdge } from "../ports/puppet.ts";
import type { Repository } from "../ports/repository.ts";
import type { Trees } from "../trees.ts";
import { KeptBase } from "./kept-base.ts";

export interface KeptWork {
  repository: Pick<Repository, "readObject">;
  puppet: Pick<PuppetEdge, "readKept">;
  trees: Trees;
  cache: CompileCache | null;
  /** Whose compiles may be taken for these: the repository's name, and the versions of all that compiles. */
  kind: readonly [name: string, ...versions: string[]];
  limits: CompileLimits;
  /** Id of the stand-ins; null where there are none. */
  standIns: string | null;
}

/** What is kept of base, and the scope that it is kept in. */
export interface OpenedKept {
  kept: KeptBase;
  scope: string;
  /** Base's. */
  listing: Listing;
  /** Marks what is kept as not to be used any more. */
  distrust: (why: string) => Promise<void>;
}

export async function openKept({ repository, puppet, trees, cache, kind, limits, standIns }: KeptWork): Promise<OpenedKept> {
  const listing = listed(trees.base);
  const scope = digestOf([...kind, listing.root, listing.modulepath, listing.manifest]);
  const kept = await KeptBase.open({
    // What lies in a folder of this machine can be something else tomorrow, under the same name.
    cache: trees.base.layout.modulepath.every((place) => place.in === "tree" || place.id !== undefined) ? cache : null,
    // By the whole cache, also where nothing of this tree is kept in it: a plan that was wrong once is made no more.
    distrusted: (await cache?.distrusted(scope)) ?? null,
    scope,
    listing,
    standIns,
    changedSince: (older) => compare({ before: older, after: listing, read: reading(repository) }),
    lacking: (trace, outcome) => (outcome.ok ? missingFrom(trace, outcome.catalog.resources, listing) : null),
    readKept: (certname, raw) => puppet.readKept(raw, { certname, layout: trees.base.layout, limits }),
  });
  return { kept, scope, listing, distrust: async (why) => void (await cache?.distrust(scope, { repository: kind[0], why })) };
}

/** Reads texts of either side by git's id. */
export const reading =
  (repository: Pick<Repository, "readObject">) =>
  async (oid: string): Promise<string | null> =>
    (await repository.readObject(oid))?.toString("utf8") ?? null;

/** Within one check, both sides have the same copy of a folder of this machine. */
export function listed({ layout, entries, provided }: Trees["base"]): Listing {
  const copies = new Map(layout.modulepath.flatMap((place) => (place.in === "disk" ? [[place.folder, "this check's"] as const] : [])));
  return listingOf({ layout, entries, provided, copies });
}

export const digestOf = (value: unknown): string =>
  createHash("sha256")
    .update(canonicalize(value) ?? "")
    .digest("hex");
