import { type Known, known, unknown } from "../policy/known.ts";
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

/** A report of the environment that is asked for, or why it can't be read. `arrivedAt`: by which a node's newest is told. */
export type Account = { certname: string; arrivedAt: number } & ({ ok: true; run: Run } | { ok: false; why: string });

/** What all accounts say together. Unknown where no newest report can be read, and nothing was wrong before: then it is not a node that is at fault. */
export function told(
  accounts: readonly Account[],
  { environment, active, now }: Pick<ToldRuns, "active" | "now"> & { environment: string },
): Known<ToldRuns> {
  const unread = new Map<string, string>();
  const runs: Run[] = [];
  for (const [certname, all] of Map.groupBy(accounts, (account) => account.certname)) {
    all.sort((a, b) => a.arrivedAt - b.arrivedAt);
    const own = all.flatMap((account) => (account.ok ? [account.run] : []));
    const newest = all.at(-1);
    if (newest?.ok === false) unread.set(certname, newest.why);
    if (newest?.ok === true || isTrouble(own.at(-1))) runs.push(...own);
  }
  const [first] = unread.values();
  if (first !== undefined && runs.length === 0) return unknown(`no node's newest report of ${environment} can be read: ${first}`);
  return known({ runs, active, now, unread });
}

/** What a later report could only confirm or take back: it must not be forgotten because that one can't be read. */
const isTrouble = (run: Run | undefined): boolean => run !== undefined && (run.status === "failed" || run.cached === "on_failure");
