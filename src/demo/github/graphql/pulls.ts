import { askMergeability, baseTip, comparisonOf } from "../comparison.ts";
import { atLeast, must, permissionOf } from "../lookup.ts";
import { nodeId } from "../shapes/account.ts";
import { commentShape, labelShape } from "../shapes/issue.ts";
import { pullSimpleShape, reviewShape } from "../shapes/pull.ts";
import type { Comment, Pull, Repo, Review } from "../state.ts";
import { actorObject } from "./actors.ts";
import type { Asked } from "./asked.ts";
import { commitObject, refObject } from "./commits.ts";
import { connection, type PageArguments } from "./connection.ts";

/** Pull requests with their reviews and comments. */

export const stateOf = (pull: Pull): "OPEN" | "CLOSED" | "MERGED" =>
  pull.merged !== null ? "MERGED" : pull.state === "open" ? "OPEN" : "CLOSED";

export function pullObject(asked: Asked, pull: Pull) {
  const { world } = asked;
  const { state } = world;
  const repo = must(state.repos, pull.repoId);
  const head = must(state.repos, pull.head.repoId);
  const tip = commitObject(asked, repo, pull.head.sha);
  return {
    __typename: "PullRequest",
    id: nodeId("PR", pull.id),
    databaseId: pull.id,
    number: pull.number,
    title: pull.title,
    body: pull.body ?? "",
    url: () => pullSimpleShape(world, pull).html_url,
    state: stateOf(pull),
    isDraft: pull.draft,
    merged: pull.merged !== null,
    mergedAt: pull.merged?.at ?? null,
    closedAt: pull.closedAt,
    createdAt: pull.createdAt,
    updatedAt: pull.updatedAt,
    author: () => actorObject(asked, pull.userId),
    isCrossRepository: head.id !== repo.id,
    headRefName: pull.head.ref,
    headRefOid: pull.head.sha,
    headRef: async () => refObject(asked, head, `refs/heads/${pull.head.ref}`),
    headRepository: () => asked.repository(head),
    baseRefName: pull.base.ref,
    baseRefOid: baseTip(repo, pull),
    baseRef: async () => refObject(asked, repo, `refs/heads/${pull.base.ref}`),
    mergeable: async () => mergeable(await askMergeability(world, pull)),
    mergeStateStatus: async () => (await askMergeability(world, pull)).state.toUpperCase(),
    mergeCommit: pull.merged === null ? null : commitObject(asked, repo, pull.merged.sha),
    labels: (page: PageArguments) =>
      connection("labels", pull.labelIds, page, (id) => {
        const { node_id, name, color, description } = labelShape(world, repo, must(repo.labels, id));
        return { __typename: "Label", id: node_id, name, color, description };
      }),
    commits: async (page: PageArguments) => commitsOf(asked, pull, page, tip),
    comments: (page: PageArguments) => {
      const own = [...repo.comments.values()].filter(({ number }) => number === pull.number);
      return connection("comments", own, page, (comment) => commentObject(asked, repo, comment));
    },
    reviews: (page: PageArguments & { states?: string[] | null }) =>
      connection(
        "reviews",
        pull.reviews.filter((review) => page.states?.includes(review.state) ?? true),
        page,
        (review) => reviewObject(asked, pull, review),
      ),
    latestOpinionatedReviews: (page: PageArguments & { writersOnly: boolean }) =>
      connection("latestOpinionatedReviews", opinions(asked, repo, pull, page.writersOnly), page, (review) =>
        reviewObject(asked, pull, review),
      ),
  };
}

/** The last commit alone, which a sweep asks of every pull request, is known without reading git. */
async function commitsOf(asked: Asked, pull: Pull, page: PageArguments, tip: ReturnType<typeof commitObject>) {
  const node = (commit: ReturnType<typeof commitObject>) => ({
    __typename: "PullRequestCommit",
    id: `PRC_${pull.id}_${commit.oid}`,
    commit,
  });
  const listed = async () => {
    const { commits } = await comparisonOf(asked.world, pull);
    const repo = must(asked.world.state.repos, pull.repoId);
    return connection("commits", commits, page, (data) => node(commitObject(asked, repo, data.sha, data)));
  };
  if (page.last !== 1 || typeof page.first === "number" || typeof page.before === "string") return listed();
  return { totalCount: async () => (await listed()).totalCount, pageInfo: async () => (await listed()).pageInfo(), nodes: [node(tip)] };
}

function mergeable({ mergeable: known }: { mergeable: boolean | null }): string {
  return known === null ? "UNKNOWN" : known ? "MERGEABLE" : "CONFLICTING";
}

/** Each reviewer's latest approval, refusal or dismissed review. */
function opinions({ world }: Asked, repo: Repo, pull: Pull, writersOnly: boolean): Review[] {
  const latest = new Map(pull.reviews.filter(({ state }) => state !== "COMMENTED").map((review) => [review.userId, review]));
  const writes = ({ userId }: Review): boolean => atLeast(permissionOf(world.state, repo, must(world.state.accounts, userId)), "write");
  return [...latest.values()].filter((review) => !writersOnly || writes(review));
}

export function reviewObject(asked: Asked, pull: Pull, review: Review) {
  const repo = must(asked.world.state.repos, pull.repoId);
  return {
    __typename: "PullRequestReview",
    id: reviewShape(asked.world, pull, review).node_id,
    databaseId: review.id,
    state: review.state,
    body: review.body,
    author: () => actorObject(asked, review.userId),
    submittedAt: review.submittedAt,
    commit: commitObject(asked, repo, review.commitId),
  };
}

export function commentObject(asked: Asked, repo: Repo, comment: Comment) {
  const { node_id: id, html_url: url } = commentShape(asked.world, repo, comment);
  return {
    __typename: "IssueComment",
    id,
    databaseId: comment.id,
    url,
    body: comment.body,
    author: () => actorObject(asked, comment.userId),
    editor: () => (comment.edited === null ? null : actorObject(asked, comment.edited.by)),
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    lastEditedAt: comment.edited?.at ?? null,
    includesCreatedEdit: comment.edited !== null,
    createdViaEmail: comment.viaEmail,
    pullRequest: () => pullObject(asked, must(repo.pulls, comment.number)),
    repository: () => asked.repository(repo),
  };
}
