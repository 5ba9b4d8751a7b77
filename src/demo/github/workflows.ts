import { createSuite, newRun, runCreated } from "./checks.ts";
import type { WorkflowRun } from "./commit-records.ts";
import { accountByLogin } from "./lookup.ts";
import { repoPage } from "./shapes/repository.ts";
import { createAccount, createApp } from "./setting-up.ts";
import { workflowRunChanged } from "./report-events.ts";
import type { Account, App, CheckRun, Repo } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** GitHub Actions, as far as others see it: an App like any other, whose check runs belong to runs of workflows. */

/** The id that GitHub Actions has on github.com. */
const actionsId = 15_368;

export interface WorkflowRequest {
  /** The workflow's file: `.github/workflows/ci.yml`. */
  path: string;
  /** The commit it runs on. */
  head: string;
  name?: string;
  /** `pull_request` without it. */
  event?: string;
  /** Each job is a check run of its name; null: it is still running. */
  jobs: Readonly<Record<string, CheckRun["conclusion"]>>;
}

/** A run of a workflow, with everything that it reports. */
export async function runWorkflow(world: World, repo: Repo, by: Account, request: WorkflowRequest): Promise<WorkflowRun> {
  const app = actionsApp(world);
  const suite = createSuite(world, repo, app.id, request.head);
  const at = stamp(world);
  const earlier = repo.workflowRuns
    .values()
    .filter(({ path }) => path === request.path)
    .toArray();
  const run: WorkflowRun = {
    id: world.state.ids.next(),
    suiteId: suite.id,
    workflowId: earlier[0]?.workflowId ?? world.state.ids.next(),
    number: earlier.length + 1,
    name: request.name ?? request.path,
    path: request.path,
    event: request.event ?? "pull_request",
    headSha: request.head,
    headBranch: suite.headBranch,
    actorId: by.id,
    createdAt: at,
    updatedAt: at,
  };
  repo.workflowRuns.set(run.id, run);
  const jobs = Object.entries(request.jobs);
  await workflowRunChanged(world, repo, run, by, "requested");
  // Every job is there before the first is over, or the suite would seem complete too early.
  const runs = jobs.map(([name, conclusion]): CheckRun => {
    const job = newRun(world, suite, name);
    const detailsUrl = `${repoPage(world, repo)}/actions/runs/${run.id}/job/${job.id}`;
    const over = conclusion === null ? null : at;
    return { ...job, status: over === null ? "in_progress" : "completed", conclusion, completedAt: over, detailsUrl };
  });
  for (const job of runs) repo.checkRuns.set(job.id, job);
  for (const job of runs) await runCreated(world, repo, job, by);
  if (runs.every(({ status }) => status === "completed")) await workflowRunChanged(world, repo, run, by, "completed");
  return run;
}

function actionsApp(world: World): App {
  const known = world.state.apps.get(actionsId);
  if (known !== undefined) return known;
  if (accountByLogin(world.state, "github") === undefined) createAccount(world, { login: "github", type: "Organization" });
  const permissions = { checks: "write", contents: "read", statuses: "write" } as const;
  return createApp(world, { id: actionsId, name: "GitHub Actions", owner: "github", permissions, events: [], webhookSecret: "" });
}
