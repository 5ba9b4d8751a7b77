import { comparisonOf } from "../comparison.ts";
import { ok, paginate, type Answer } from "../http/answers.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { issueEventShape, timelineCommentShape, timelineCommitShape, timelineReviewShape } from "../shapes/issue-event.ts";

/** What happened to a pull request. https://docs.github.com/en/rest/issues/events, https://docs.github.com/en/rest/issues/timeline */

const read = ["issues:read", "pull_requests:read"];

export const issueEventRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/issues/{issue_number}/events", read, "read", async (call) => {
    const page = paginate(pullOf(call, "issue_number").events, call.url);
    return { ...ok(page.items.map((entry) => issueEventShape(call.world, call.repo, entry))), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/issues/{issue_number}/timeline", read, "read", timeline),
];

/** Events, comments, reviews and commits by time; what is of one second by its id, commits first. */
async function timeline(call: RepoCall): Promise<Answer> {
  const { world, repo, url } = call;
  const pull = pullOf(call, "issue_number");
  const { commits } = await comparisonOf(world, pull);
  const entries = [
    ...pull.events.map((entry) => ({ at: entry.createdAt, id: entry.id, shape: () => issueEventShape(world, repo, entry) })),
    ...pull.reviews.map((review) => ({
      at: review.submittedAt,
      id: review.id,
      shape: () => timelineReviewShape(world, pull, review),
    })),
    ...[...repo.comments.values()]
      .filter(({ number }) => number === pull.number)
      .map((comment) => ({ at: comment.createdAt, id: comment.id, shape: () => timelineCommentShape(world, repo, comment) })),
    ...commits.map((commit) => ({ at: commit.committer.date, id: 0, shape: () => timelineCommitShape(world, repo, commit) })),
  ];
  entries.sort((a, b) => (a.at === b.at ? a.id - b.id : a.at < b.at ? -1 : 1));
  const page = paginate(entries, url);
  return { ...ok(page.items.map(({ shape }) => shape())), headers: page.headers };
}
