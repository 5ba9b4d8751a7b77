import { z } from "zod";
import { lineCommentChanged, reviewChanged } from "../events.ts";
import { commitOf } from "../git.ts";
import { accountOf, demand } from "../http/actor.ts";
import { created, noContent, notFound, ok, paginate, validationFailed, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { isOutdated, keepComment, lineCommentsOf, placeComment, type Unplaced } from "../line-comments.ts";
import { must } from "../lookup.ts";
import { lineCommentShape } from "../shapes/line-comment.ts";
import type { LineComment, Pull } from "../state.ts";
import { stamp } from "../world.ts";
import { newReview, reviewOf } from "./reviews.ts";

/** Comments on lines. https://docs.github.com/en/rest/pulls/comments */

const read = ["pull_requests:read"];
const write = ["pull_requests:write"];
const ofPull = "/repos/{owner}/{repo}/pulls/{pull_number}";
const one = "/repos/{owner}/{repo}/pulls/comments/{comment_id}";

export const lineCommentRoutes: readonly Route[] = [
  forRepo(`GET ${ofPull}/comments`, read, "read", async (call) => listed(call, lineCommentsOf(call.repo, pullOf(call)))),
  forRepo(`POST ${ofPull}/comments`, write, "read", create),
  forRepo(`POST ${ofPull}/comments/{comment_id}/replies`, write, "read", async (call) => {
    const parent = commentOf(call);
    return reply(call, pullOf(call), parent, take(bodyRequest, call.body).body);
  }),
  forRepo(`GET ${ofPull}/reviews/{review_id}/comments`, read, "read", async (call) => {
    const { id } = reviewOf(call);
    return listed(
      call,
      lineCommentsOf(call.repo, pullOf(call)).filter(({ reviewId }) => reviewId === id),
    );
  }),
  forRepo(`GET ${one}`, read, "read", async (call) => ok(await shown(call, commentOf(call)))),
  forRepo(`PATCH ${one}`, write, "read", update),
  forRepo(`DELETE ${one}`, write, "read", remove),
];

function commentOf(call: RepoCall): LineComment {
  const comment = call.repo.lineComments.get(Number(call.params["comment_id"]));
  if (comment === undefined) throw notFound();
  return comment;
}

async function shown({ world, repo }: RepoCall, comment: LineComment) {
  const pull = must(repo.pulls, comment.number);
  return lineCommentShape(world, repo, pull, comment, await isOutdated(world, pull, comment));
}

async function listed(call: RepoCall, comments: readonly LineComment[]): Promise<Answer> {
  const page = paginate(comments, call.url);
  return { ...ok(await Promise.all(page.items.map(async (comment) => shown(call, comment)))), headers: page.headers };
}

const bodyRequest = z.object({ body: z.string() });
const side = z.enum(["LEFT", "RIGHT"]).optional();
const createRequest = z.object({
  body: z.string(),
  commit_id: z.string().optional(),
  path: z.string().optional(),
  line: z.number().optional(),
  side,
  start_line: z.number().optional(),
  start_side: side,
  position: z.number().optional(),
  in_reply_to: z.number().optional(),
});

/** A place that is not in the diff, in the words of this route. */
function refusal(unplaced: Unplaced): Error {
  const field = unplaced.startsWith("start") ? "start_line" : unplaced.startsWith("path") ? "path" : "line";
  const [resource, code] = ["PullRequestReviewComment", field === "path" ? "invalid" : "custom"] as const;
  const thread = "pull_request_review_thread";
  const words = unplaced.replace(/^(start line|line|path)/, `${thread}.${field}`);
  return validationFailed(
    { resource, code, field: `${thread}.${field}`, ...(code === "custom" ? { message: words } : {}) },
    { resource, code: "missing_field", field: `${thread}.diff_hunk` },
  );
}

/** A comment of its own is a review of its own, with nothing else in it. */
async function create(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const request = take(createRequest, call.body);
  const pull = pullOf(call);
  if (request.in_reply_to !== undefined) {
    const parent = repo.lineComments.get(request.in_reply_to);
    if (parent === undefined) throw notFound();
    return reply(call, pull, parent, request.body);
  }
  const by = accountOf(actor);
  const commitId = request.commit_id;
  if (commitId === undefined) throw validationFailed({ resource: "PullRequestReviewComment", code: "missing_field", field: "commit_id" });
  if ((await commitOf(repo.folder, commitId)) !== commitId)
    throw validationFailed({ resource: "PullRequestReviewComment", code: "invalid", field: "commit_id" });
  const draft = await placeComment(world, pull, by, commitId, { ...request, path: request.path ?? "" });
  if (typeof draft === "string") throw refusal(draft);
  const review = newReview(call, pull, by, { state: "COMMENTED", body: "", commitId });
  const comment = keepComment(world, repo, review, draft);
  reviewChanged(world, pull, review, by, { action: "submitted" });
  await lineCommentChanged(world, pull, comment, by, { action: "created" });
  return created(await shown(call, comment));
}

async function reply(call: RepoCall, pull: Pull, parent: LineComment, body: string): Promise<Answer> {
  const { world, repo, actor } = call;
  const by = accountOf(actor);
  const review = newReview(call, pull, by, { state: "COMMENTED", body: "", commitId: parent.commitId });
  const { id: _id, reviewId: _review, createdAt: _created, updatedAt: _updated, ...place } = parent;
  const comment = keepComment(world, repo, review, { ...place, userId: by.id, body, inReplyTo: parent.inReplyTo ?? parent.id });
  reviewChanged(world, pull, review, by, { action: "submitted" });
  await lineCommentChanged(world, pull, comment, by, { action: "created" });
  return created(await shown(call, comment));
}

/** Its author may change a comment, and so may everybody with write access. */
function demandAuthor({ world, repo, actor }: RepoCall, comment: LineComment): void {
  if (actor.kind === "user" && actor.account.id !== comment.userId) demand(world.state, repo, actor.account, "write");
}

async function update(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const comment = commentOf(call);
  demandAuthor(call, comment);
  const { body } = take(bodyRequest, call.body);
  const from = comment.body;
  Object.assign(comment, { body, updatedAt: stamp(world) });
  const pull = must(repo.pulls, comment.number);
  if (from !== body) await lineCommentChanged(world, pull, comment, accountOf(actor), { action: "edited", changes: { body: { from } } });
  return ok(await shown(call, comment));
}

async function remove(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const comment = commentOf(call);
  demandAuthor(call, comment);
  repo.lineComments.delete(comment.id);
  await lineCommentChanged(world, must(repo.pulls, comment.number), comment, accountOf(actor), { action: "deleted" });
  return noContent();
}
