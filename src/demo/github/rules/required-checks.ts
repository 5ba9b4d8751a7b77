import { latestRuns, passing } from "../check-standing.ts";
import type { Repo } from "../state.ts";

/** How a required status check stands on a commit: by check runs and commit statuses alike, of one App where the rule names it. */

export interface RequiredCheck {
  context: string;
  integration_id?: number;
}

type Standing = "success" | "pending" | "failing" | "expected";

/** The newest reports count; where several have the name, the worst of them. */
function standingOf(repo: Repo, sha: string, { context, integration_id: app }: RequiredCheck): Standing {
  const by = (appId: number | null): boolean => app === undefined || appId === app;
  const runs = latestRuns(repo, sha).filter((run) => run.name === context && by(run.appId));
  const status = repo.statuses.findLast((entry) => entry.sha === sha && entry.context === context && by(entry.appId));
  const standings = runs.map((run): Standing => (run.status !== "completed" ? "pending" : passing(run.conclusion) ? "success" : "failing"));
  if (status !== undefined) standings.push(status.state === "success" || status.state === "pending" ? status.state : "failing");
  return (["failing", "pending", "success"] as const).find((standing) => standings.includes(standing)) ?? "expected";
}

/** What is missing of the checks that a rule requires, in GitHub's words; null: nothing. */
export function missingChecks(repo: Repo, sha: string, required: readonly RequiredCheck[]): string | null {
  const open = required
    .map((check) => ({ check, standing: standingOf(repo, sha, check) }))
    .filter(({ standing }) => standing !== "success");
  const [only] = open;
  if (only === undefined) return null;
  if (required.length === 1) return `Required status check "${only.check.context}" is ${words[only.standing]}.`;
  if (open.every(({ standing }) => standing === "expected"))
    return `${open.length} of ${required.length} required status checks are expected.`;
  const counts = (["expected", "pending", "failing"] as const)
    .map((standing) => ({ standing, count: open.filter((entry) => entry.standing === standing).length }))
    .filter(({ count }) => count > 0)
    .map(({ standing, count }) => `${count} ${words[standing]}`);
  return `${open.length} of ${required.length} required status checks have not succeeded: ${counts.join(" and ")}.`;
}

const words: Record<Standing, string> = { expected: "expected", pending: "in progress", failing: "failing", success: "successful" };
