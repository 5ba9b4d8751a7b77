import { suiteStanding } from "../check-standing.ts";
import { notFound, ok, paginate, type Answer } from "../http/answers.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { must } from "../lookup.ts";
import { workflowRunShape } from "../shapes/reports.ts";

/** Runs of workflows, to read; stories run them. https://docs.github.com/en/rest/actions/workflow-runs */

export const workflowRunRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/actions/runs", ["actions:read"], "read", list),
  forRepo("GET /repos/{owner}/{repo}/actions/runs/{run_id}", ["actions:read"], "read", async (call) => {
    const run = call.repo.workflowRuns.get(Number(call.params["run_id"]));
    if (run === undefined) throw notFound();
    return ok(await workflowRunShape(call.world, call.repo, run));
  }),
];

/** Newest first. */
async function list({ world, repo, url }: RepoCall): Promise<Answer> {
  const asked = (name: string): string | null => url.searchParams.get(name);
  const fits = (name: string, value: string | null): boolean => asked(name) === null || asked(name) === value;
  const all = [...repo.workflowRuns.values()]
    .filter((run) => {
      const { status, conclusion } = suiteStanding(repo, must(repo.suites, run.suiteId));
      const standing = fits("status", status) || fits("status", conclusion);
      return (
        standing &&
        fits("head_sha", run.headSha) &&
        fits("branch", run.headBranch) &&
        fits("event", run.event) &&
        fits("check_suite_id", String(run.suiteId))
      );
    })
    .toReversed();
  const page = paginate(all, url);
  const workflow_runs = await Promise.all(page.items.map(async (run) => workflowRunShape(world, repo, run)));
  return { ...ok({ total_count: all.length, workflow_runs }), headers: page.headers };
}
