import { z } from "zod";
import { latestStatuses } from "../check-standing.ts";
import type { CommitStatus } from "../commit-records.ts";
import { commitOf } from "../git.ts";
import { accountOf, appOf } from "../http/actor.ts";
import { Refusal, created, ok, paginate, validationFailed, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { statusChanged } from "../report-events.ts";
import { combinedStatusShape, statusShape } from "../shapes/reports.ts";
import { stamp } from "../world.ts";

/** Commit statuses. https://docs.github.com/en/rest/commits/statuses */

export const statusRoutes: readonly Route[] = [
  forRepo("POST /repos/{owner}/{repo}/statuses/{sha}", ["statuses:write"], "write", create),
  forRepo("GET /repos/{owner}/{repo}/commits/{ref}/statuses", ["statuses:read"], "read", async (call) => {
    const sha = await shaOf(call);
    const page = paginate(call.repo.statuses.filter((status) => status.sha === sha).toReversed(), call.url);
    return { ...ok(page.items.map((status) => statusShape(call.world, call.repo, status))), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/commits/{ref}/status", ["statuses:read"], "read", async (call) => {
    const sha = await shaOf(call);
    const page = paginate(latestStatuses(call.repo, sha), call.url);
    return { ...ok(combinedStatusShape(call.world, call.repo, sha, page.items)), headers: page.headers };
  }),
];

async function shaOf({ repo, params }: RepoCall): Promise<string> {
  const sha = await commitOf(repo.folder, params["ref"] ?? "");
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${params["ref"] ?? ""}`);
  return sha;
}

const createRequest = z.object({
  state: z.enum(["error", "failure", "pending", "success"]),
  context: z.string().default("default"),
  description: z.string().nullish().default(null),
  target_url: z.string().nullish().default(null),
});
const longestDescription = 140;

async function create(call: RepoCall): Promise<Answer> {
  const { world, repo, actor, params } = call;
  const { state, context, description, target_url: targetUrl } = take(createRequest, call.body);
  const sha = params["sha"] ?? "";
  if (!/^[0-9a-f]{40}$/.test(sha) || (await commitOf(repo.folder, sha)) !== sha) throw new Refusal(422, `No commit found for SHA: ${sha}`);
  if ((description ?? "").length > longestDescription)
    throw validationFailed({
      resource: "Status",
      code: "custom",
      field: "description",
      message: `description is too long (maximum is ${longestDescription} characters)`,
    });
  const by = accountOf(actor);
  const status: CommitStatus = {
    id: world.state.ids.next(),
    sha,
    creatorId: by.id,
    appId: appOf(actor),
    state,
    context,
    description: description ?? null,
    targetUrl: targetUrl ?? null,
    createdAt: stamp(world),
  };
  repo.statuses.push(status);
  await statusChanged(world, repo, status, by);
  return created(statusShape(world, repo, status));
}
