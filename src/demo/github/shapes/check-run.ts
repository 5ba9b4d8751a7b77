import { must } from "../lookup.ts";
import type { Annotation, CheckRun, Repo } from "../state.ts";
import type { World } from "../world.ts";
import { appShape, nodeId } from "./account.ts";
import { pullMinimalShape } from "./pull.ts";
import { repoPage, repoUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

export function checkRunShape(world: World, repo: Repo, run: CheckRun) {
  const url = `${repoUrl(world, repo)}/check-runs/${run.id}`;
  // GitHub names the open pull requests of this repository whose head is the commit; a fork's are left out.
  const pulls = repo.pulls
    .values()
    .filter((pull) => pull.state === "open" && pull.head.repoId === repo.id && pull.head.sha === run.headSha);
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("CR", run.id),
    head_sha: run.headSha,
    external_id: run.externalId ?? "",
    url,
    html_url: `${repoPage(world, repo)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? `${repoPage(world, repo)}/runs/${run.id}`,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: { ...run.output, annotations_count: run.annotations.length, annotations_url: `${url}/annotations` },
    check_suite: { id: run.suiteId },
    app: appShape(world, must(world.state.apps, run.appId)),
    pull_requests: pulls.map((pull) => pullMinimalShape(world, pull)).toArray(),
  } satisfies Schemas["check-run"];
}

export function annotationShape(world: World, repo: Repo, run: CheckRun, annotation: Annotation) {
  return {
    ...annotation,
    blob_href: `${repoPage(world, repo)}/blob/${run.headSha}/${annotation.path}`,
  } satisfies Schemas["check-annotation"];
}
