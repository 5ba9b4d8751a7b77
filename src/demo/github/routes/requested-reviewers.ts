import { z } from "zod";
import { pullChanged } from "../events.ts";
import { accountOf, knownAccount } from "../http/actor.ts";
import { created, ok, unprocessable, validationFailed } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { atLeast, fullName, must, permissionOf } from "../lookup.ts";
import { findTeam } from "../membership.ts";
import { userShape } from "../shapes/account.ts";
import { pullSimpleShape } from "../shapes/pull.ts";
import { teamShape } from "../shapes/team.ts";
import type { Pull } from "../state.ts";

/** Whom a pull request waits for. https://docs.github.com/en/rest/pulls/review-requests */

const path = "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers";

export const requestedReviewerRoutes: readonly Route[] = [
  forRepo(`GET ${path}`, ["pull_requests:read"], "read", async (call) => {
    const { state } = call.world;
    const pull = pullOf(call);
    return ok({
      users: [...pull.requestedReviewers].map((id) => userShape(call.world, must(state.accounts, id))),
      teams: [...pull.requestedTeams].map((id) => teamShape(call.world, must(state.teams, id))),
    });
  }),
  forRepo(`POST ${path}`, ["pull_requests:write"], "triage", async (call) => {
    const pull = pullOf(call);
    await change(call, pull, "review_requested");
    return created(pullSimpleShape(call.world, pull));
  }),
  forRepo(`DELETE ${path}`, ["pull_requests:write"], "triage", async (call) => {
    const pull = pullOf(call);
    await change(call, pull, "review_request_removed");
    return ok(pullSimpleShape(call.world, pull));
  }),
];

const request = z.object({ reviewers: z.array(z.string()).default([]), team_reviewers: z.array(z.string()).default([]) });

async function change(call: RepoCall, pull: Pull, action: "review_requested" | "review_request_removed"): Promise<void> {
  const { world, repo, actor } = call;
  const { state } = world;
  const asked = take(request, call.body);
  const owner = must(state.accounts, repo.ownerId);
  const reviewers = asked.reviewers.map((login) => knownAccount(state, login));
  const teams = asked.team_reviewers.map((slug) => {
    const team = findTeam(world, owner, slug);
    if (team === undefined) throw validationFailed({ resource: "PullRequest", code: "invalid", field: "team_reviewers" });
    return team;
  });
  const adding = action === "review_requested";
  if (adding && reviewers.some(({ id }) => id === pull.userId)) throw unprocessable("Review cannot be requested from pull request author.");
  const collaborators =
    reviewers.every((account) => atLeast(permissionOf(state, repo, account), "read")) && teams.every((team) => team.access.has(repo.id));
  if (adding && !collaborators) {
    throw unprocessable(
      `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${fullName(state, repo)} repository.`,
    );
  }
  const by = accountOf(actor);
  const turn = (set: Set<number>, id: number): boolean => {
    const before = set.has(id);
    if (adding) set.add(id);
    else set.delete(id);
    return before !== adding;
  };
  for (const reviewer of reviewers)
    if (turn(pull.requestedReviewers, reviewer.id)) await pullChanged(world, pull, by, { action, requested_reviewer: reviewer });
  for (const team of teams) if (turn(pull.requestedTeams, team.id)) await pullChanged(world, pull, by, { action, requested_team: team });
}
