import { z } from "zod";
import { createSuite, suiteOf } from "../checks.ts";
import { latestRuns } from "../check-standing.ts";
import type { CheckSuite } from "../commit-records.ts";
import { commitOf } from "../git.ts";
import { accountOf } from "../http/actor.ts";
import { Refusal, created, notFound, ok, paginate, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { suiteChanged } from "../report-events.ts";
import { checkRunShape } from "../shapes/check-run.ts";
import { suiteShape } from "../shapes/reports.ts";

/** Check suites. https://docs.github.com/en/rest/checks/suites */

export const checkSuiteRoutes: readonly Route[] = [
  forRepo("POST /repos/{owner}/{repo}/check-suites", ["checks:write"], null, create),
  forRepo("GET /repos/{owner}/{repo}/check-suites/{check_suite_id}", ["checks:read"], "read", async (call) =>
    ok(await suiteShape(call.world, call.repo, bySuiteId(call))),
  ),
  forRepo("GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs", ["checks:read"], "read", async (call) => {
    const suite = bySuiteId(call);
    const all = latestRuns(call.repo, suite.headSha).filter(({ suiteId }) => suiteId === suite.id);
    const page = paginate(all, call.url);
    const check_runs = page.items.map((run) => checkRunShape(call.world, call.repo, run));
    return { ...ok({ total_count: all.length, check_runs }), headers: page.headers };
  }),
  forRepo("POST /repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest", ["checks:write"], "write", async (call) => {
    await suiteChanged(call.world, call.repo, bySuiteId(call), accountOf(call.actor), "rerequested");
    return created({});
  }),
  forRepo("GET /repos/{owner}/{repo}/commits/{ref}/check-suites", ["checks:read"], "read", list),
];

function bySuiteId({ repo, params }: RepoCall): CheckSuite {
  const suite = repo.suites.get(Number(params["check_suite_id"]));
  if (suite === undefined) throw notFound();
  return suite;
}

const createRequest = z.object({ head_sha: z.string() });

/** 201, or 200 with the suite that the App has of the commit already. */
async function create(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const { head_sha: sha } = take(createRequest, call.body);
  if (actor.kind !== "installation") throw new Refusal(403, "You must authenticate via a GitHub App.");
  if ((await commitOf(repo.folder, sha)) !== sha) throw new Refusal(422, `No commit found for SHA: ${sha}`);
  const known = repo.suites.values().some((suite) => suite.appId === actor.app.id && suite.headSha === sha);
  const suite = known ? suiteOf(world, repo, actor.app.id, sha) : createSuite(world, repo, actor.app.id, sha);
  return { status: known ? 200 : 201, body: await suiteShape(world, repo, suite) };
}

async function list({ world, repo, params, url }: RepoCall): Promise<Answer> {
  const sha = await commitOf(repo.folder, params["ref"] ?? "");
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${params["ref"] ?? ""}`);
  const app = url.searchParams.get("app_id");
  const name = url.searchParams.get("check_name");
  const has = (suite: CheckSuite): boolean => repo.checkRuns.values().some((run) => run.suiteId === suite.id && run.name === name);
  const all = [...repo.suites.values()].filter(
    (suite) => suite.headSha === sha && (app === null || String(suite.appId) === app) && (name === null || has(suite)),
  );
  const page = paginate(all, url);
  const check_suites = await Promise.all(page.items.map(async (suite) => suiteShape(world, repo, suite)));
  return { ...ok({ total_count: all.length, check_suites }), headers: page.headers };
}
