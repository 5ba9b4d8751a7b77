import type { Known } from "../../policy/known.ts";
import type { Run } from "../../rollout/runs.ts";

/** What a rollout needs of the edges. Times are milliseconds since 1970. */

/** What agents tell of their runs: PuppetDB, or a folder of Puppet's own stored reports. */
export interface RunReports {
  /**
   * Runs in an environment that arrived after `since`, in any order, with the source's own time of the answer. `active`: certnames that are not
   * deactivated or expired; null where the source can't tell. Unknown where it can't be asked, is behind, or its clock can't be right.
   */
  since(environment: string, since: number): Promise<Known<{ runs: readonly Run[]; active: ReadonlySet<string> | null; now: number }>>;
}

/** What one compiler serves for an environment, by what its deploy tool wrote last. */
export interface Served {
  compiler: string;
  /** Null where the deploy is incomplete or failed, or nothing tells. */
  commit: string | null;
  /** Why there is no commit; null where there is one. */
  why: string | null;
  /** Modules by name, with the commit or version that was deployed; sorted by name. */
  modules: readonly { name: string; version: string }[];
}

/** The machines that compile catalogs. */
export interface Compilers {
  /**
   * Has every compiler deploy an environment, one tool's run at a time on each, and flush what it keeps of it. That it ended well proves nothing:
   * `served` does. Gives what failed, a sentence for each compiler.
   */
  deploy(environment: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Unknown where one of them does not answer. */
  served(environment: string): Promise<Known<readonly Served[]>>;
}
