import { must } from "../lookup.ts";
import { reactionContents, type Comment, type Label, type Pull, type Reaction, type Repo } from "../state.ts";
import type { World } from "../world.ts";
import { appShape, associationOf, nodeId, userShape } from "./account.ts";
import { repoPage, repoUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

export function labelShape(world: World, repo: Repo, label: Label) {
  return {
    id: label.id,
    node_id: nodeId("LA", label.id),
    url: `${repoUrl(world, repo)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  } satisfies Schemas["label"];
}

export function commentShape(world: World, repo: Repo, comment: Comment) {
  const url = `${repoUrl(world, repo)}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${repoPage(world, repo)}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${repoUrl(world, repo)}/issues/${comment.number}`,
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    user: userShape(world, must(world.state.accounts, comment.userId)),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(world, repo, comment.userId),
    body: comment.body,
    reactions: reactionsShape(url, comment.reactions),
    performed_via_github_app: comment.appId === null ? null : appShape(world, must(world.state.apps, comment.appId)),
  } satisfies Schemas["issue-comment"];
}

export function reactionShape(world: World, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: nodeId("REA", reaction.id),
    user: userShape(world, must(world.state.accounts, reaction.userId)),
    content: reaction.content,
    created_at: reaction.createdAt,
  } satisfies Schemas["reaction"];
}

export function reactionsShape(url: string, reactions: readonly Reaction[]) {
  const count = (content: Reaction["content"]): number => reactions.filter((reaction) => reaction.content === content).length;
  const counts = Object.fromEntries(reactionContents.map((content) => [content, count(content)])) as Record<Reaction["content"], number>;
  return { url: `${url}/reactions`, total_count: reactions.length, ...counts } satisfies Schemas["reaction-rollup"];
}

/** A pull request seen as the issue that it also is, as far as comments' webhooks show it. */
export function issueShape(world: World, pull: Pull) {
  const repo = must(world.state.repos, pull.repoId);
  const repoApi = repoUrl(world, repo);
  const url = `${repoApi}/issues/${pull.number}`;
  const page = `${repoPage(world, repo)}/pull/${pull.number}`;
  return {
    url,
    repository_url: repoApi,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    number: pull.number,
    title: pull.title,
    user: userShape(world, must(world.state.accounts, pull.userId)),
    labels: pull.labelIds.map((id) => labelShape(world, repo, must(repo.labels, id))),
    state: pull.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: repo.comments
      .values()
      .filter((comment) => comment.number === pull.number)
      .toArray().length,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    author_association: associationOf(world, repo, pull.userId),
    active_lock_reason: null,
    draft: pull.draft,
    pull_request: {
      url: `${repoApi}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: pull.merged?.at ?? null,
    },
    body: pull.body,
    reactions: reactionsShape(url, []),
    performed_via_github_app: null,
    state_reason: null,
  } satisfies Schemas["issue"];
}
