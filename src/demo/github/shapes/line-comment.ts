import { must } from "../lookup.ts";
import type { LineComment, Pull, Repo } from "../state.ts";
import type { World } from "../world.ts";
import { associationOf, nodeId, userShape } from "./account.ts";
import { reactionsShape } from "./issue.ts";
import { repoPage, repoUrl } from "./repository.ts";

/** @param outdated it has lost its place in the diff, and says only where it stood */
export function lineCommentShape(world: World, repo: Repo, pull: Pull, comment: LineComment, outdated: boolean) {
  const url = `${repoUrl(world, repo)}/pulls/comments/${comment.id}`;
  const pullUrl = `${repoUrl(world, repo)}/pulls/${pull.number}`;
  const page = `${repoPage(world, repo)}/pull/${pull.number}#discussion_r${comment.id}`;
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId("PRRC", comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    position: outdated ? null : comment.position,
    original_position: comment.position,
    commit_id: outdated ? comment.commitId : pull.head.sha,
    original_commit_id: comment.commitId,
    ...(comment.inReplyTo === null ? {} : { in_reply_to_id: comment.inReplyTo }),
    user: userShape(world, must(world.state.accounts, comment.userId)),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: page,
    pull_request_url: pullUrl,
    author_association: associationOf(world, repo, comment.userId),
    _links: { self: { href: url }, html: { href: page }, pull_request: { href: pullUrl } },
    start_line: outdated ? null : comment.startLine,
    original_start_line: comment.startLine,
    start_side: comment.startSide,
    line: outdated ? null : comment.line,
    original_line: comment.line,
    side: comment.side,
    subject_type: "line" as const,
    reactions: reactionsShape(url, []),
  };
}
