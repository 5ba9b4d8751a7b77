import { combinedState, latestStatuses, suiteStanding } from "../check-standing.ts";
import type { CheckSuite, CommitStatus, Deployment, DeploymentStatus, WorkflowRun } from "../commit-records.ts";
import { readCommit } from "../history.ts";
import { must } from "../lookup.ts";
import type { Repo } from "../state.ts";
import type { World } from "../world.ts";
import { appShape, nodeId, userShape } from "./account.ts";
import { pullMinimalShape } from "./pull.ts";
import { repoPage, repositoryShape, repoUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

/** What is reported of commits beside check runs: suites, workflow runs, statuses, deployments. */

export async function simpleCommitShape(repo: Repo, sha: string) {
  const { tree, message, author, committer } = await readCommit(repo.folder, sha);
  const person = ({ name, email }: { name: string; email: string }) => ({ name, email });
  return {
    id: sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: person(author),
    committer: person(committer),
  } satisfies Schemas["simple-commit"];
}

function pullsOf(world: World, repo: Repo, sha: string) {
  return repo.pulls
    .values()
    .filter((pull) => pull.state === "open" && pull.head.repoId === repo.id && pull.head.sha === sha)
    .map((pull) => pullMinimalShape(world, pull))
    .toArray();
}

/** A suite, but for the commit and repository that only the REST API adds. */
export function suitePart(world: World, repo: Repo, suite: CheckSuite) {
  const { status, conclusion, runs } = suiteStanding(repo, suite);
  const url = `${repoUrl(world, repo)}/check-suites/${suite.id}`;
  return {
    id: suite.id,
    node_id: nodeId("CS", suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status,
    conclusion,
    url,
    before: null,
    after: suite.headSha,
    pull_requests: pullsOf(world, repo, suite.headSha),
    app: appShape(world, must(world.state.apps, suite.appId)),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
    latest_check_runs_count: runs.length,
    check_runs_url: `${url}/check-runs`,
    rerequestable: true,
    runs_rerequestable: true,
  };
}

export async function suiteShape(world: World, repo: Repo, suite: CheckSuite) {
  return {
    ...suitePart(world, repo, suite),
    repository: repositoryShape(world, repo),
    head_commit: await simpleCommitShape(repo, suite.headSha),
  } satisfies Schemas["check-suite"];
}

export async function workflowRunShape(world: World, repo: Repo, run: WorkflowRun) {
  const { status, conclusion } = suiteStanding(repo, must(repo.suites, run.suiteId));
  const url = `${repoUrl(world, repo)}/actions/runs/${run.id}`;
  const actor = userShape(world, must(world.state.accounts, run.actorId));
  const head_commit = await simpleCommitShape(repo, run.headSha);
  return {
    id: run.id,
    node_id: nodeId("WFR", run.id),
    name: run.name,
    check_suite_id: run.suiteId,
    check_suite_node_id: nodeId("CS", run.suiteId),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    run_number: run.number,
    run_attempt: 1,
    event: run.event,
    display_title: head_commit.message.split("\n")[0] ?? "",
    status,
    conclusion,
    workflow_id: run.workflowId,
    url,
    html_url: `${repoPage(world, repo)}/actions/runs/${run.id}`,
    pull_requests: pullsOf(world, repo, run.headSha),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    run_started_at: run.createdAt,
    actor,
    triggering_actor: actor,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repoUrl(world, repo)}/check-suites/${run.suiteId}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${repoUrl(world, repo)}/actions/workflows/${run.workflowId}`,
    head_commit,
    repository: repositoryShape(world, repo),
    head_repository: repositoryShape(world, repo),
  } satisfies Schemas["workflow-run"];
}

export function statusShape(world: World, repo: Repo, status: CommitStatus) {
  const creator = userShape(world, must(world.state.accounts, status.creatorId));
  return { ...simpleStatusShape(world, repo, status), avatar_url: creator.avatar_url, creator } satisfies Schemas["status"];
}

function simpleStatusShape(world: World, repo: Repo, { id, sha, state, context, description, targetUrl, createdAt }: CommitStatus) {
  return {
    url: `${repoUrl(world, repo)}/statuses/${sha}`,
    avatar_url: null,
    id,
    node_id: nodeId("SC", id),
    state,
    context,
    description,
    target_url: targetUrl,
    created_at: createdAt,
    updated_at: createdAt,
  } satisfies Schemas["simple-commit-status"];
}

/** @param shown the statuses of the page asked for */
export function combinedStatusShape(world: World, repo: Repo, sha: string, shown: readonly CommitStatus[]) {
  const latest = latestStatuses(repo, sha);
  const url = `${repoUrl(world, repo)}/commits/${sha}`;
  return {
    state: combinedState(latest),
    statuses: shown.map((status) => simpleStatusShape(world, repo, status)),
    sha,
    total_count: latest.length,
    repository: repositoryShape(world, repo),
    commit_url: url,
    url: `${url}/status`,
  } satisfies Schemas["combined-commit-status"];
}

export function deploymentShape(world: World, repo: Repo, deployment: Deployment) {
  const url = `${repoUrl(world, repo)}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId("DE", deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: userShape(world, must(world.state.accounts, deployment.creatorId)),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: repoUrl(world, repo),
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: viaApp(world, deployment.appId),
  } satisfies Schemas["deployment"];
}

export function deploymentStatusShape(world: World, repo: Repo, deployment: Deployment, status: DeploymentStatus) {
  const url = `${repoUrl(world, repo)}/deployments/${deployment.id}`;
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId("DES", status.id),
    state: status.state,
    creator: userShape(world, must(world.state.accounts, status.creatorId)),
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: repoUrl(world, repo),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: viaApp(world, deployment.appId),
  } satisfies Schemas["deployment-status"];
}

const viaApp = (world: World, appId: number | null) => (appId === null ? null : appShape(world, must(world.state.apps, appId)));
