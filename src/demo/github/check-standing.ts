import type { CheckSuite, CommitStatus } from "./commit-records.ts";
import type { CheckRun, Repo } from "./state.ts";

/** What check runs and commit statuses come to, of one commit. Nothing here changes anything. */

/** GitHub takes a skipped and a neutral run for a good one. */
export function passing(conclusion: CheckRun["conclusion"]): boolean {
  return conclusion === "success" || conclusion === "neutral" || conclusion === "skipped";
}

/** The newest run of each name in each suite, newest first; ids grow with time. Two workflows may have a job of one name. */
export function latestRuns(repo: Repo, sha: string): CheckRun[] {
  const all = runsOf(repo, sha).reverse();
  return all.filter((run, index) => all.findIndex((other) => other.name === run.name && other.suiteId === run.suiteId) === index);
}

export function runsOf(repo: Repo, sha: string): CheckRun[] {
  return repo.checkRuns
    .values()
    .filter((run) => run.headSha === sha)
    .toArray();
}

/** The newest status of each context, newest first. */
export function latestStatuses(repo: Repo, sha: string): CommitStatus[] {
  const all = repo.statuses.filter((status) => status.sha === sha).reverse();
  return all.filter((status, index) => all.findIndex(({ context }) => context === status.context) === index);
}

/** @see https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference */
export function combinedState(statuses: readonly CommitStatus[]): "failure" | "pending" | "success" {
  if (statuses.some(({ state }) => state === "error" || state === "failure")) return "failure";
  return statuses.length === 0 || statuses.some(({ state }) => state === "pending") ? "pending" : "success";
}

export type Rollup = "ERROR" | "EXPECTED" | "FAILURE" | "PENDING" | "SUCCESS";

/** Both kinds together, as GraphQL's `statusCheckRollup` has it; null where there is neither. */
export function rollupOf(repo: Repo, sha: string): Rollup | null {
  const runs = latestRuns(repo, sha);
  const statuses = latestStatuses(repo, sha);
  if (runs.length + statuses.length === 0) return null;
  if (statuses.some(({ state }) => state === "error")) return "ERROR";
  const failed = runs.some((run) => run.status === "completed" && !passing(run.conclusion));
  if (failed || statuses.some(({ state }) => state === "failure")) return "FAILURE";
  const open = runs.some((run) => run.status !== "completed") || statuses.some(({ state }) => state === "pending");
  return open ? "PENDING" : "SUCCESS";
}

/** The worst of a suite's newest runs, once all of them are over. */
export function suiteStanding(
  repo: Repo,
  suite: CheckSuite,
): { status: CheckRun["status"]; conclusion: CheckRun["conclusion"]; runs: CheckRun[] } {
  const runs = latestRuns(repo, suite.headSha).filter(({ suiteId }) => suiteId === suite.id);
  if (runs.length === 0) return { status: "queued", conclusion: null, runs };
  if (runs.some(({ status }) => status !== "completed")) {
    const begun = runs.some(({ status }) => status !== "queued");
    return { status: begun ? "in_progress" : "queued", conclusion: null, runs };
  }
  const conclusion = worstFirst.find((candidate) => runs.some((run) => run.conclusion === candidate)) ?? "success";
  return { status: "completed", conclusion, runs };
}

const worstFirst = ["failure", "timed_out", "action_required", "cancelled", "success", "neutral", "skipped"] as const;
