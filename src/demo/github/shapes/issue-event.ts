import { must } from "../lookup.ts";
import type { CommitData } from "../history.ts";
import type { Comment, IssueEvent, Pull, Repo, Review } from "../state.ts";
import type { World } from "../world.ts";
import { appShape, nodeId, userShape } from "./account.ts";
import { commitShape } from "./commit.ts";
import { commentShape } from "./issue.ts";
import { reviewShape } from "./pull.ts";
import { repoUrl } from "./repository.ts";
import { teamShape } from "./team.ts";
import type { Schemas } from "./schemas.ts";

export function issueEventShape(world: World, repo: Repo, entry: IssueEvent) {
  const actor = must(world.state.accounts, entry.actorId);
  const app = world.state.apps.values().find(({ botId }) => botId === actor.id);
  return {
    id: entry.id,
    node_id: nodeId("EV", entry.id),
    url: `${repoUrl(world, repo)}/issues/events/${entry.id}`,
    actor: userShape(world, actor),
    event: entry.event,
    commit_id: entry.commitId,
    commit_url: entry.commitId === null ? null : `${repoUrl(world, repo)}/commits/${entry.commitId}`,
    created_at: entry.createdAt,
    performed_via_github_app: app === undefined ? null : appShape(world, app),
    ...(entry.requested === null ? {} : requestedPart(world, entry, entry.requested)),
    ...entry.detail,
  } satisfies Schemas["state-change-issue-event"];
}

function requestedPart(world: World, { actorId }: IssueEvent, requested: NonNullable<IssueEvent["requested"]>) {
  const { accounts, teams } = world.state;
  const review_requester = userShape(world, must(accounts, actorId));
  if ("teamId" in requested) {
    const team = teams.get(requested.teamId);
    return team === undefined ? { review_requester } : { review_requester, requested_team: teamShape(world, team) };
  }
  return { review_requester, requested_reviewer: userShape(world, must(accounts, requested.reviewerId)) };
}

/** In a timeline, a commit has neither an id nor a time of its own. */
export function timelineCommitShape(world: World, repo: Repo, commit: CommitData) {
  const shape = commitShape(world, repo, commit);
  const { sha, node_id, html_url, parents } = shape;
  const { author, committer, message, tree, url, verification } = shape.commit;
  return {
    event: "committed",
    sha,
    node_id,
    url,
    html_url,
    author,
    committer,
    tree,
    message,
    parents,
    verification,
  } satisfies Schemas["timeline-committed-event"];
}

export function timelineReviewShape(world: World, pull: Pull, review: Review) {
  const shape = reviewShape(world, pull, review);
  // Whoever deleted their account is the ghost here, though a review's own address says nobody.
  const user = userShape(world, must(world.state.accounts, review.userId));
  return { ...shape, event: "reviewed", state: shape.state.toLowerCase(), user } satisfies Schemas["timeline-reviewed-event"];
}

export function timelineCommentShape(world: World, repo: Repo, comment: Comment) {
  const shape = commentShape(world, repo, comment);
  return { ...shape, event: "commented", actor: shape.user } satisfies Schemas["timeline-comment-event"];
}
