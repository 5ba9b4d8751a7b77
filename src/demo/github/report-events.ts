import type { CheckSuite, CommitStatus, Deployment, DeploymentStatus, WorkflowRun } from "./commit-records.ts";
import { emit } from "./events.ts";
import { readCommit } from "./history.ts";
import { fullName } from "./lookup.ts";
import { commitShape } from "./shapes/commit.ts";
import { deploymentShape, deploymentStatusShape, simpleCommitShape, statusShape, suitePart, workflowRunShape } from "./shapes/reports.ts";
import { repoUrl } from "./shapes/repository.ts";
import type { Account, Repo } from "./state.ts";
import type { World } from "./world.ts";

/** Webhooks of suites, workflow runs, statuses and deployments. */

/** The end of a suite is told to everybody; what is asked of it, to the App whose suite it is. */
export async function suiteChanged(
  world: World,
  repo: Repo,
  suite: CheckSuite,
  by: Account,
  action: "completed" | "requested" | "rerequested",
): Promise<void> {
  const check_suite = { ...suitePart(world, repo, suite), head_commit: await simpleCommitShape(repo, suite.headSha) };
  const only = action === "completed" ? undefined : suite.appId;
  emit(world, repo, by, "check_suite", (common) => ({ action, check_suite, ...common }), only);
}

export async function workflowRunChanged(
  world: World,
  repo: Repo,
  run: WorkflowRun,
  by: Account,
  action: "requested" | "completed",
): Promise<void> {
  const workflow_run = await workflowRunShape(world, repo, run);
  emit(world, repo, by, "workflow_run", (common) => ({ action, workflow_run, ...common }));
}

export async function statusChanged(world: World, repo: Repo, status: CommitStatus, by: Account): Promise<void> {
  const commit = commitShape(world, repo, await readCommit(repo.folder, status.sha));
  const { id, state, description, target_url, context, created_at, updated_at, avatar_url } = statusShape(world, repo, status);
  const branches = [...repo.refs]
    .filter(([, sha]) => sha === status.sha)
    .map(([name, sha]) => ({ name, commit: { sha, url: `${repoUrl(world, repo)}/commits/${sha}` }, protected: false }));
  const part = { id, sha: status.sha, name: fullName(world.state, repo), avatar_url, target_url, context, description, state, branches };
  emit(world, repo, by, "status", (common) => ({ ...part, commit, created_at, updated_at, ...common }));
}

export function deploymentCreated(world: World, repo: Repo, deployment: Deployment, by: Account): void {
  const part = { deployment: deploymentShape(world, repo, deployment), workflow: null, workflow_run: null };
  emit(world, repo, by, "deployment", (common) => ({ action: "created", ...part, ...common }));
}

export function deploymentStatusCreated(world: World, repo: Repo, deployment: Deployment, status: DeploymentStatus, by: Account): void {
  const part = {
    deployment: deploymentShape(world, repo, deployment),
    deployment_status: deploymentStatusShape(world, repo, deployment, status),
  };
  emit(world, repo, by, "deployment_status", (common) => ({ action: "created", ...part, ...common }));
}
