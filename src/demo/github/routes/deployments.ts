import { z } from "zod";
import { latestRuns, latestStatuses, passing } from "../check-standing.ts";
import { deploymentStates, type Deployment, type DeploymentStatus } from "../commit-records.ts";
import { commitOf, isAncestor } from "../git.ts";
import { accountOf, appOf } from "../http/actor.ts";
import { Refusal, created, notFound, ok, paginate, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { deploymentCreated, deploymentStatusCreated } from "../report-events.ts";
import { deploymentShape, deploymentStatusShape } from "../shapes/reports.ts";
import type { Repo } from "../state.ts";
import { stamp } from "../world.ts";

/** Deployments and how they went. https://docs.github.com/en/rest/deployments/deployments */

const one = "/repos/{owner}/{repo}/deployments/{deployment_id}";

export const deploymentRoutes: readonly Route[] = [
  forRepo("POST /repos/{owner}/{repo}/deployments", ["deployments:write"], "write", create),
  forRepo("GET /repos/{owner}/{repo}/deployments", ["deployments:read"], "read", list),
  forRepo(`GET ${one}`, ["deployments:read"], "read", async (call) => ok(deploymentShape(call.world, call.repo, deploymentOf(call)))),
  forRepo(`POST ${one}/statuses`, ["deployments:write"], "write", createStatus),
  forRepo(`GET ${one}/statuses`, ["deployments:read"], "read", async (call) => {
    const deployment = deploymentOf(call);
    const page = paginate(deployment.statuses.toReversed(), call.url);
    const shapes = page.items.map((status) => deploymentStatusShape(call.world, call.repo, deployment, status));
    return { ...ok(shapes), headers: page.headers };
  }),
];

function deploymentOf({ repo, params }: RepoCall): Deployment {
  const deployment = repo.deployments.get(Number(params["deployment_id"]));
  if (deployment === undefined) throw notFound();
  return deployment;
}

const createRequest = z.object({
  ref: z.string(),
  task: z.string().default("deploy"),
  auto_merge: z.boolean().default(true),
  required_contexts: z.array(z.string()).optional(),
  payload: z.union([z.record(z.string(), z.unknown()), z.string()]).default({}),
  environment: z.string().default("production"),
  description: z.string().nullish().default(null),
  transient_environment: z.boolean().default(false),
  production_environment: z.boolean().optional(),
});

async function create(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const request = take(createRequest, call.body);
  const sha = await commitOf(repo.folder, request.ref);
  if (sha === null) throw new Refusal(422, `No ref found for: ${request.ref}`);
  if (!contextsPass(repo, sha, request.required_contexts))
    throw new Refusal(409, `Conflict: Commit status checks failed for ${request.ref}.`);
  // Here nothing is merged in: whoever leaves that to GitHub is told that it did not go.
  if (request.auto_merge && (await isBehind(repo, sha)))
    throw new Refusal(409, `Conflict merging ${repo.defaultBranch} into ${request.ref}.`);
  const by = accountOf(actor);
  const at = stamp(world);
  const deployment: Deployment = {
    id: world.state.ids.next(),
    creatorId: by.id,
    appId: appOf(actor),
    sha,
    ref: request.ref,
    task: request.task,
    payload: request.payload,
    environment: request.environment,
    description: request.description ?? null,
    transient: request.transient_environment,
    production: request.production_environment ?? request.environment === "production",
    statuses: [],
    createdAt: at,
    updatedAt: at,
  };
  repo.deployments.set(deployment.id, deployment);
  deploymentCreated(world, repo, deployment, by);
  return created(deploymentShape(world, repo, deployment));
}

async function isBehind(repo: Repo, sha: string): Promise<boolean> {
  const tip = await commitOf(repo.folder, repo.defaultBranch);
  return tip !== null && !(await isAncestor(repo.folder, tip, sha));
}

/** Whether the named reports are there and good; without names, whether all that are there are good. */
function contextsPass(repo: Repo, sha: string, names: readonly string[] | undefined): boolean {
  const reports = [
    ...latestRuns(repo, sha).map((run) => ({ name: run.name, good: run.status === "completed" && passing(run.conclusion) })),
    ...latestStatuses(repo, sha).map((status) => ({ name: status.context, good: status.state === "success" })),
  ];
  if (names === undefined) return reports.every(({ good }) => good);
  return names.every((name) => reports.some((report) => report.name === name && report.good));
}

/** Newest first. */
async function list({ world, repo, url }: RepoCall): Promise<Answer> {
  const fits = (name: string, value: string): boolean => (url.searchParams.get(name) ?? value) === value;
  const all = [...repo.deployments.values()]
    .filter(
      ({ sha, ref, task, environment }) => fits("sha", sha) && fits("ref", ref) && fits("task", task) && fits("environment", environment),
    )
    .toReversed();
  const page = paginate(all, url);
  return { ...ok(page.items.map((deployment) => deploymentShape(world, repo, deployment))), headers: page.headers };
}

const statusRequest = z.object({
  state: z.enum(deploymentStates),
  /** "The maximum description length is 140 characters." */
  description: z.string().max(140).default(""),
  environment_url: z.string().default(""),
  log_url: z.string().default(""),
  auto_inactive: z.boolean().default(true),
});

/** A success makes earlier deployments of its environment inactive, but for transient and production ones. */
async function createStatus(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const { state, description, environment_url, log_url, auto_inactive } = take(statusRequest, call.body);
  const deployment = deploymentOf(call);
  const by = accountOf(actor);
  const add = (
    target: Deployment,
    part: Pick<DeploymentStatus, "state" | "description" | "environmentUrl" | "logUrl">,
  ): DeploymentStatus => {
    const at = stamp(world);
    const status = { id: world.state.ids.next(), creatorId: by.id, createdAt: at, ...part };
    target.statuses.push(status);
    target.updatedAt = at;
    deploymentStatusCreated(world, repo, target, status, by);
    return status;
  };
  const status = add(deployment, { state, description, environmentUrl: environment_url, logUrl: log_url });
  const replaced = repo.deployments
    .values()
    .filter((other) => other.id < deployment.id && other.environment === deployment.environment && !other.transient && !other.production)
    .filter((other) => other.statuses.at(-1)?.state === "success");
  if (state === "success" && auto_inactive)
    for (const other of replaced) add(other, { state: "inactive", description: "", environmentUrl: "", logUrl: "" });
  return created(deploymentStatusShape(world, repo, deployment, status));
}
