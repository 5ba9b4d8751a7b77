import { z } from "zod";
import { lineCommentChanged, reviewChanged } from "../events.ts";
import { commitOf } from "../git.ts";
import { accountOf, demand } from "../http/actor.ts";
import { notFound, ok, paginate, unprocessable, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { keepComment, placeComment, type LineCommentRequest, type Unplaced } from "../line-comments.ts";
import { reviewShape } from "../shapes/pull.ts";
import type { Account, Pull, Review } from "../state.ts";
import { stamp } from "../world.ts";

/** Reviews. https://docs.github.com/en/rest/pulls/reviews */

const one = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}";

export const reviewRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", ["pull_requests:read"], "read", async (call) => {
    const pull = pullOf(call);
    const page = paginate(pull.reviews, call.url);
    return { ...ok(page.items.map((review) => reviewShape(call.world, pull, review))), headers: page.headers };
  }),
  forRepo("POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", ["pull_requests:write"], "read", submit),
  forRepo(`GET ${one}`, ["pull_requests:read"], "read", async (call) => {
    return ok(reviewShape(call.world, pullOf(call), reviewOf(call)));
  }),
  forRepo(`PUT ${one}`, ["pull_requests:write"], "read", update),
  forRepo(`PUT ${one}/dismissals`, ["pull_requests:write"], "write", dismiss),
];

export function reviewOf(call: RepoCall): Review {
  const review = pullOf(call).reviews.find(({ id }) => id === Number(call.params["review_id"]));
  if (review === undefined) throw notFound();
  return review;
}

const side = z.enum(["LEFT", "RIGHT"]).optional();
const commentRequest = z.object({
  path: z.string(),
  body: z.string(),
  line: z.number().optional(),
  side,
  start_line: z.number().optional(),
  start_side: side,
  position: z.number().optional(),
});

const submitRequest = z.object({
  commit_id: z.string().optional(),
  body: z.string().nullish(),
  event: z.enum(["APPROVE", "REQUEST_CHANGES", "COMMENT"]),
  comments: z.array(commentRequest).default([]),
});

const stateOf = { APPROVE: "APPROVED", REQUEST_CHANGES: "CHANGES_REQUESTED", COMMENT: "COMMENTED" } as const;

async function submit(call: RepoCall): Promise<Answer> {
  const { world, repo, actor, body } = call;
  const request = take(submitRequest, body);
  const pull = pullOf(call);
  const by = accountOf(actor);
  if (by.id === pull.userId && request.event === "APPROVE") throw unprocessable("Can not approve your own pull request");
  if (by.id === pull.userId && request.event === "REQUEST_CHANGES") throw unprocessable("Can not request changes on your own pull request");
  if (request.event !== "APPROVE" && (request.body ?? "") === "" && request.comments.length === 0)
    throw unprocessable("Body can not be blank");
  const commitId = request.commit_id ?? pull.head.sha;
  if ((await commitOf(repo.folder, commitId)) !== commitId) throw unprocessable("The commit_id is not part of the pull request");
  // All or nothing: one comment out of place refuses the whole review.
  const drafts = await Promise.all(request.comments.map(async (comment) => placed(call, pull, by, commitId, comment)));
  const review = newReview(call, pull, by, { state: stateOf[request.event], body: request.body ?? "", commitId });
  const comments = drafts.map((draft) => keepComment(world, repo, review, draft));
  reviewChanged(world, pull, review, by, { action: "submitted" });
  for (const comment of comments) await lineCommentChanged(world, pull, comment, by, { action: "created" });
  return ok(reviewShape(world, pull, review));
}

/** A review that just came in. Whoever was asked for one has answered. */
export function newReview({ world }: RepoCall, pull: Pull, by: Account, said: Pick<Review, "state" | "body" | "commitId">): Review {
  const review: Review = { ...said, id: world.state.ids.next(), userId: by.id, submittedAt: stamp(world), dismissal: null };
  pull.reviews.push(review);
  pull.requestedReviewers.delete(by.id);
  pull.updatedAt = review.submittedAt;
  return review;
}

async function placed({ world }: RepoCall, pull: Pull, by: Account, commitId: string, request: LineCommentRequest) {
  const draft = await placeComment(world, pull, by, commitId, request);
  if (typeof draft === "string") throw unprocessable(...wordsOf(draft));
  return draft;
}

/** A place that is not in the diff, in the words of this route, which name no comment. */
function wordsOf(unplaced: Unplaced): string[] {
  if (unplaced === "path could not be resolved") return ["Path could not be resolved"];
  if (unplaced === "start line must precede the end line") return ["Pull request review thread start line must precede the end line."];
  if (unplaced === "line must be part of the diff")
    return ["Pull request review thread line must be part of the diff and Pull request review thread diff hunk can't be blank"];
  return [
    "Pull request review thread start line must be part of the same hunk as the line. and Pull request review thread diff hunk can't be blank",
  ];
}

const updateRequest = z.object({ body: z.string() });

async function update(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const { body } = take(updateRequest, call.body);
  const pull = pullOf(call);
  const review = reviewOf(call);
  if (actor.kind === "user" && actor.account.id !== review.userId) demand(world.state, repo, actor.account, "write");
  const from = review.body;
  review.body = body;
  if (from !== body) reviewChanged(world, pull, review, accountOf(actor), { action: "edited", changes: { body: { from } } });
  return ok(reviewShape(world, pull, review));
}

const dismissRequest = z.object({ message: z.string(), event: z.literal("DISMISS").optional() });

async function dismiss(call: RepoCall): Promise<Answer> {
  const { world, actor, body } = call;
  const { message } = take(dismissRequest, body);
  const pull = pullOf(call);
  const review = reviewOf(call);
  if (review.state === "COMMENTED" || review.state === "DISMISSED")
    throw unprocessable(`Can not dismiss a ${review.state.toLowerCase()} pull request review`);
  review.dismissal = { was: review.state, message, commitId: null };
  review.state = "DISMISSED";
  reviewChanged(world, pull, review, accountOf(actor), { action: "dismissed" });
  return ok(reviewShape(world, pull, review));
}
