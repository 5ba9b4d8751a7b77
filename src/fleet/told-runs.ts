import type { Known } from "../policy/known.ts";
import type { Run } from "../rollout/runs.ts";

/** Runs as a source told of them, in any order. Times are milliseconds since 1970. */
export interface ToldRuns {
  runs: readonly Run[];
  /** Certnames that are not deactivated or expired; null where the source can't tell. */
  active: ReadonlySet<string> | null;
  /** The source's own time. */
  now: number;
  /**
   * Nodes whose newest report can't be read, each with the reason as a sentence. `runs` has those of them that were in trouble already, and none of the
   * others, so that they are as good as silent: nothing of the past is taken for what that report says.
   */
  unread: ReadonlyMap<string, string>;
}

/** Runs in an environment that arrived after `since`. Unknown where the source can't be asked, is behind, or its clock can't be right. */
export interface RunSource {
  since(environment: string, since: number): Promise<Known<ToldRuns>>;
}
