import type { NodeCatalog } from "./catalog-check.ts";
import type { Declared } from "./source-place.ts";

/** What agents told of their runs, as PuppetDB or a folder of reports has it. Times are milliseconds since 1970. */
export interface Run {
  certname: string;
  /** The report's own name where it is kept. */
  id: string;
  environment: string;
  status: "failed" | "changed" | "unchanged";
  /** `configuration_version`; empty where there was no catalog. */
  version: string;
  /** `cached_catalog_status`: `on_failure` is a compile that failed and looks healthy. */
  cached: "not_used" | "on_failure" | "explicitly_requested";
  noop: boolean;
  /** Whether a resource of its own was left alone by `noop`. */
  noopPending: boolean;
  /** The compiler; null where the report does not say. */
  producer: string | null;
  /** When it arrived, by the server's clock. */
  producedAt: number;
  /** How long it took by the agent's own clock, which so need not be right. */
  took: number;
  /** Resources that failed, as `File[/etc/motd]`. */
  failed: readonly string[];
  /** What it changed: resource and property. */
  changed: ReadonlyArray<{ resource: string; property: string }>;
  /** Where these are declared, as far as the source tells. */
  places?: readonly Declared[];
}

/** What was so of a node before a release came to its lane. */
export interface Before {
  /** Whether it reported within the deadline before: who was silent then says nothing by silence now. */
  reported: boolean;
  /** Whether it only ever says what it would do. */
  noop: boolean;
  /** Whether it left a resource of its own alone by `noop`. */
  noopPending: boolean;
  /** Resources that failed already. */
  failed: readonly string[];
  /** Resources that changed on two runs, one after the other: as a command without a guard does. */
  restless: readonly string[];
  /** Whether its last run got no catalog. */
  uncompiled?: boolean;
  /** Whether it kept to an old catalog by its own configuration. */
  pinned?: boolean;
  /** Resources that any of its runs changed, and how many runs that were: the drift that there is without the release. */
  changed?: readonly string[];
  runs?: number;
  /** What its compiler had given it, of some nodes of the first lane. */
  catalog?: NodeCatalog;
}

/** What the catalogs of before and after say that a release does to a node. */
export interface Predicted {
  /** Nodes with the same difference share it; null where nothing differs. */
  diffClass: string | null;
  /** Resources that differ, or that hear of one that does. */
  touched: ReadonlySet<string>;
}

/**
 * Whether a run began after a moment: only what began after every compiler had proven to serve a release ran its whole code. The beginning is the arrival
 * less what it took, so that an agent's clock does not matter; one that was put back during the run makes it take less than nothing, and nobody knows.
 */
export const beganAfter = ({ producedAt, took }: Run, at: number): boolean => took >= 0 && producedAt - took > at;

/** Each report once, the oldest first: one that is sent again proves nothing again. */
export function inOrder(runs: readonly Run[]): Run[] {
  const once = new Map(runs.map((run) => [run.id, run]));
  return [...once.values()].sort((a, b) => a.producedAt - b.producedAt || (a.id < b.id ? -1 : 1));
}

/** A run may fail beside its resources: by a command that goes before or after it, or by a catalog that can't be applied. */
export const theRunItself = "the run itself";

export const failuresOf = ({ status, failed }: Run): readonly string[] =>
  status === "failed" && failed.length === 0 ? [theRunItself] : failed;

/** `cached_catalog_status` and an empty version tell what the status hides: the agent applied an old catalog, or none. */
export const isUncompiled = ({ cached, status, version }: Run): boolean =>
  cached === "on_failure" || (status === "failed" && version === "");
