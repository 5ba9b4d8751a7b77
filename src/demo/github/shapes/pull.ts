import { comparisonOf, knownMergeability } from "../comparison.ts";
import { lineCommentsOf } from "../line-comments.ts";
import { must } from "../lookup.ts";
import type { Pull, Repo, Review } from "../state.ts";
import type { World } from "../world.ts";
import { associationOf, nodeId, userShape } from "./account.ts";
import { labelShape } from "./issue.ts";
import { repoPage, repositoryShape, repoUrl } from "./repository.ts";
import { teamShape } from "./team.ts";
import type { Schemas } from "./schemas.ts";

/** A pull request as lists show it. */
export function pullSimpleShape(world: World, pull: Pull) {
  const repo = must(world.state.repos, pull.repoId);
  const repoApi = repoUrl(world, repo);
  const url = `${repoApi}/pulls/${pull.number}`;
  const issue = `${repoApi}/issues/${pull.number}`;
  const page = pullPage(world, pull);
  const links = {
    self: { href: url },
    html: { href: page },
    issue: { href: issue },
    comments: { href: `${issue}/comments` },
    review_comments: { href: `${url}/comments` },
    review_comment: { href: `${repoApi}/pulls/comments{/number}` },
    commits: { href: `${url}/commits` },
    statuses: { href: `${repoApi}/statuses/${pull.head.sha}` },
  };
  return {
    url,
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userShape(world, must(world.state.accounts, pull.userId)),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? knownMergeability(world, pull).sha,
    assignee: null,
    assignees: [],
    requested_reviewers: [...pull.requestedReviewers].map((id) => userShape(world, must(world.state.accounts, id))),
    requested_teams: [...pull.requestedTeams].map((id) => teamShape(world, must(world.state.teams, id))),
    labels: pull.labelIds.map((id) => ({
      ...labelShape(world, repo, must(repo.labels, id)),
      description: must(repo.labels, id).description ?? "",
    })),
    milestone: null,
    draft: pull.draft,
    commits_url: links.commits.href,
    review_comments_url: links.review_comments.href,
    review_comment_url: links.review_comment.href,
    comments_url: links.comments.href,
    statuses_url: links.statuses.href,
    head: endShape(world, must(world.state.repos, pull.head.repoId), pull.head),
    base: endShape(world, repo, pull.base),
    _links: links,
    author_association: associationOf(world, repo, pull.userId),
    auto_merge: null,
    active_lock_reason: null,
  } satisfies Schemas["pull-request-simple"];
}

/** A pull request read on its own: with its counts, and what is known of its mergeability. */
export async function pullShape(world: World, pull: Pull, mergeability = knownMergeability(world, pull)) {
  const repo = must(world.state.repos, pull.repoId);
  const { commits, files } = await comparisonOf(world, pull);
  return {
    ...pullSimpleShape(world, pull),
    merged: pull.merged !== null,
    mergeable: mergeability.mergeable,
    rebaseable: null,
    mergeable_state: mergeability.state,
    merged_by: pull.merged === null ? null : userShape(world, must(world.state.accounts, pull.merged.by)),
    comments: repo.comments
      .values()
      .filter((comment) => comment.number === pull.number)
      .toArray().length,
    review_comments: lineCommentsOf(repo, pull).length,
    maintainer_can_modify: false,
    commits: commits.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  } satisfies Schemas["pull-request"];
}

function endShape(world: World, repo: Repo, end: { ref: string; sha: string }) {
  const owner = userShape(world, must(world.state.accounts, repo.ownerId));
  return { label: `${owner.login}:${end.ref}`, ref: end.ref, sha: end.sha, user: owner, repo: repositoryShape(world, repo) };
}

function pullPage(world: World, pull: Pull): string {
  return `${repoPage(world, must(world.state.repos, pull.repoId))}/pull/${pull.number}`;
}

/** A pull request as check runs name it. */
export function pullMinimalShape(world: World, pull: Pull) {
  const end = (repo: Repo, { ref, sha }: { ref: string; sha: string }) => ({
    ref,
    sha,
    repo: { id: repo.id, url: repoUrl(world, repo), name: repo.name },
  });
  const repo = must(world.state.repos, pull.repoId);
  return {
    id: pull.id,
    number: pull.number,
    url: `${repoUrl(world, repo)}/pulls/${pull.number}`,
    head: end(must(world.state.repos, pull.head.repoId), pull.head),
    base: end(repo, pull.base),
  } satisfies Schemas["pull-request-minimal"];
}

export function reviewShape(world: World, pull: Pull, review: Review) {
  const repo = must(world.state.repos, pull.repoId);
  const reviewer = must(world.state.accounts, review.userId);
  const page = `${pullPage(world, pull)}#pullrequestreview-${review.id}`;
  const pullUrl = `${repoUrl(world, repo)}/pulls/${pull.number}`;
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    // Of all that people write, reviews alone say nobody where an account was deleted.
    user: reviewer.deleted ? null : userShape(world, reviewer),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pullUrl,
    author_association: associationOf(world, repo, review.userId),
    _links: { html: { href: page }, pull_request: { href: pullUrl } },
    submitted_at: review.submittedAt,
    commit_id: review.commitId,
  } satisfies Schemas["pull-request-review"];
}
