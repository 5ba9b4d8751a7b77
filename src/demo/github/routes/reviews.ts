import { z } from "zod";
import { reviewChanged } from "../events.ts";
import { commitOf } from "../git.ts";
import { accountOf } from "../http/actor.ts";
import { notFound, ok, paginate, unprocessable, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { reviewShape } from "../shapes/pull.ts";
import type { Review } from "../state.ts";
import { stamp } from "../world.ts";

/** Reviews. https://docs.github.com/en/rest/pulls/reviews */

export const reviewRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", ["pull_requests:read"], "read", async (call) => {
    const pull = pullOf(call);
    const page = paginate(pull.reviews, call.url);
    return { ...ok(page.items.map((review) => reviewShape(call.world, pull, review))), headers: page.headers };
  }),
  forRepo("POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", ["pull_requests:write"], "read", submit),
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", ["pull_requests:read"], "read", async (call) => {
    return ok(reviewShape(call.world, pullOf(call), reviewOf(call)));
  }),
  forRepo("PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals", ["pull_requests:write"], "write", dismiss),
];

function reviewOf(call: RepoCall): Review {
  const review = pullOf(call).reviews.find(({ id }) => id === Number(call.params["review_id"]));
  if (review === undefined) throw notFound();
  return review;
}

const submitRequest = z.object({
  commit_id: z.string().optional(),
  body: z.string().nullish(),
  event: z.enum(["APPROVE", "REQUEST_CHANGES", "COMMENT"]),
});

const stateOf = { APPROVE: "APPROVED", REQUEST_CHANGES: "CHANGES_REQUESTED", COMMENT: "COMMENTED" } as const;

async function submit(call: RepoCall): Promise<Answer> {
  const { world, repo, actor, body } = call;
  const request = take(submitRequest, body);
  const pull = pullOf(call);
  const by = accountOf(actor);
  if (by.id === pull.userId && request.event === "APPROVE") throw unprocessable("Can not approve your own pull request");
  if (by.id === pull.userId && request.event === "REQUEST_CHANGES") throw unprocessable("Can not request changes on your own pull request");
  if (request.event !== "APPROVE" && (request.body ?? "") === "") throw unprocessable("Body can not be blank");
  const commitId = request.commit_id ?? pull.head.sha;
  if ((await commitOf(repo.folder, commitId)) !== commitId) throw unprocessable("The commit_id is not part of the pull request");
  const review: Review = {
    id: world.state.ids.next(),
    userId: by.id,
    state: stateOf[request.event],
    body: request.body ?? "",
    commitId,
    submittedAt: stamp(world),
    dismissal: null,
  };
  pull.reviews.push(review);
  pull.updatedAt = review.submittedAt;
  reviewChanged(world, pull, review, by, "submitted");
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
  reviewChanged(world, pull, review, accountOf(actor), "dismissed");
  return ok(reviewShape(world, pull, review));
}
