import { z } from "zod";
import { latestRuns, runsOf } from "../check-standing.ts";
import { newRun, runCompleted, runCreated, suiteOf } from "../checks.ts";
import { checkRunChanged } from "../events.ts";
import { commitOf } from "../git.ts";
import { accountOf } from "../http/actor.ts";
import { Refusal, created, notFound, ok, paginate, validationFailed, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { annotationShape, checkRunShape } from "../shapes/check-run.ts";
import type { CheckRun } from "../state.ts";
import { stamp } from "../world.ts";

/** Check runs, which only Apps can write. https://docs.github.com/en/rest/checks/runs */

export const checkRunRoutes: readonly Route[] = [
  forRepo("POST /repos/{owner}/{repo}/check-runs", ["checks:write"], null, create),
  forRepo("GET /repos/{owner}/{repo}/check-runs/{check_run_id}", ["checks:read"], "read", async (call) =>
    ok(checkRunShape(call.world, call.repo, runOf(call))),
  ),
  forRepo("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", ["checks:write"], null, update),
  forRepo("GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", ["checks:read"], "read", async (call) => {
    const run = runOf(call);
    const page = paginate(run.annotations, call.url);
    return { ...ok(page.items.map((annotation) => annotationShape(call.world, call.repo, run, annotation))), headers: page.headers };
  }),
  forRepo("POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", ["checks:write"], "write", async (call) => {
    const run = runOf(call);
    Object.assign(run, { status: "queued", conclusion: null, completedAt: null });
    checkRunChanged(call.world, call.repo, run, accountOf(call.actor), { action: "rerequested" });
    return created({});
  }),
  forRepo("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", ["checks:read"], "read", list),
];

function runOf(call: RepoCall): CheckRun {
  const run = call.repo.checkRuns.get(Number(call.params["check_run_id"]));
  if (run === undefined) throw notFound();
  return run;
}

/** The longest text and the most annotations of one request, by GitHub's documentation of both. */
const longestText = 65_535;
const mostAnnotations = 50;

const text = z.string().max(longestText);
const annotation = z.object({
  path: z.string(),
  start_line: z.int(),
  end_line: z.int(),
  start_column: z.int().nullish().default(null),
  end_column: z.int().nullish().default(null),
  annotation_level: z.enum(["notice", "warning", "failure"]),
  message: z.string(),
  title: z.string().max(255).nullish().default(null),
  raw_details: z.string().nullish().default(null),
});
const conclusions = z.enum(["success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"]);
const writable = z.object({
  name: z.string().optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  status: z.enum(["queued", "in_progress", "completed"]).optional(),
  conclusion: conclusions.optional(),
  started_at: z.string().optional(),
  completed_at: z.string().optional(),
  output: z
    .object({
      title: z.string().optional(),
      summary: text,
      text: text.optional(),
      annotations: z.array(annotation).max(mostAnnotations).default([]),
    })
    .optional(),
  actions: z
    .array(z.object({ label: z.string().max(20), description: z.string().max(40), identifier: z.string().max(20) }))
    .max(3)
    .optional(),
});
const createRequest = writable.extend({ name: z.string(), head_sha: z.string() });

/** The limit is documented in characters and enforced in bytes. */
function demandBytes(output: z.infer<typeof writable>["output"]): void {
  for (const field of ["summary", "text"] as const) {
    if (Buffer.byteLength(output?.[field] ?? "") <= longestText) continue;
    throw validationFailed({
      resource: "CheckRun",
      code: "custom",
      field,
      message: `${field} exceeds a maximum bytesize of ${longestText}`,
    });
  }
}

async function create(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const request = take(createRequest, call.body);
  if (actor.kind !== "installation") throw new Refusal(403, "You must authenticate via a GitHub App.");
  demandBytes(request.output);
  if ((await commitOf(repo.folder, request.head_sha)) !== request.head_sha)
    throw new Refusal(422, `No commit found for SHA: ${request.head_sha}`);
  const run = newRun(world, suiteOf(world, repo, actor.app.id, request.head_sha), request.name);
  apply(call, run, request);
  await runCreated(world, repo, run, accountOf(actor));
  return created(checkRunShape(world, repo, run));
}

async function update(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const request = take(writable, call.body);
  demandBytes(request.output);
  const run = runOf(call);
  if (actor.kind !== "installation" || actor.app.id !== run.appId)
    throw new Refusal(403, "Invalid app_id `check_run` - check run can only be modified by the app that created it.");
  const before = run.status;
  apply(call, run, request);
  if (run.status === "completed" && before !== "completed") await runCompleted(world, repo, run, accountOf(actor));
  return ok(checkRunShape(world, repo, run));
}

/** A conclusion completes a run, annotations are added to those it has, and what is not said stays. */
function apply({ world }: RepoCall, run: CheckRun, request: z.infer<typeof writable>): void {
  const status = request.conclusion === undefined ? (request.status ?? run.status) : "completed";
  if (status === "completed" && request.conclusion === undefined && run.conclusion === null) {
    throw validationFailed({ resource: "CheckRun", code: "missing_field", field: "conclusion" });
  }
  run.name = request.name ?? run.name;
  run.status = status;
  run.conclusion = status === "completed" ? (request.conclusion ?? run.conclusion) : null;
  run.startedAt = request.started_at ?? run.startedAt;
  run.completedAt = status === "completed" ? (request.completed_at ?? run.completedAt ?? stamp(world)) : null;
  run.externalId = request.external_id ?? run.externalId;
  run.detailsUrl = request.details_url ?? run.detailsUrl;
  run.actions = request.actions ?? run.actions;
  if (request.output === undefined) return;
  const { title, summary, text: long, annotations } = request.output;
  run.output = { title: title ?? run.output.title, summary, text: long ?? run.output.text };
  run.annotations.push(...annotations);
}

async function list({ world, repo, params, url }: RepoCall): Promise<Answer> {
  const sha = await commitOf(repo.folder, params["ref"] ?? "");
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${params["ref"] ?? ""}`);
  const asked = (name: string): string | null => url.searchParams.get(name);
  const found = (asked("filter") === "all" ? runsOf(repo, sha).reverse() : latestRuns(repo, sha))
    .filter((run) => asked("check_name") === null || run.name === asked("check_name"))
    .filter((run) => asked("status") === null || run.status === asked("status"))
    .filter((run) => asked("app_id") === null || String(run.appId) === asked("app_id"));
  const page = paginate(found, url);
  return {
    ...ok({ total_count: found.length, check_runs: page.items.map((run) => checkRunShape(world, repo, run)) }),
    headers: page.headers,
  };
}
