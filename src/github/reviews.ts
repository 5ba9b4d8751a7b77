import { known, unknown, type Dismissal, type Known, type ReviewFacts } from "../gate/facts.ts";
import { everyPage, inPull, type Place } from "./api.ts";
import { learn } from "./failure.ts";
import type { Past } from "./history.ts";
import { personOf } from "./people.ts";

/** GitHub's states of a review, in capitals as its API has them. One that is not submitted yet is nobody's business. */
export const stances: Readonly<Record<string, ReviewFacts["stance"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  DISMISSED: "dismissed",
  COMMENTED: "commented",
};

/** In the order of submission, which is how GitHub lists them. */
export async function readReviews(
  { api, repo }: Place,
  number: number,
  past: Promise<Known<Past>>,
): Promise<Known<readonly ReviewFacts[]>> {
  const [reviews, events] = await Promise.all([
    learn(() => everyPage(inPull("reviews"), (page) => api.rest.pulls.listReviews({ ...repo, pull_number: number, ...page }))),
    past,
  ]);
  if (!reviews.known) return reviews;
  const facts = reviews.value.flatMap(({ id, user, state, commit_id, submitted_at }): ReviewFacts[] => {
    const stance = stances[state.toUpperCase()];
    if (stance === undefined || submitted_at === undefined) return [];
    const dismissal = stance === "dismissed" ? dismissalOf(id, events) : null;
    return [{ id, reviewer: personOf(user), stance, commit: commit_id, submittedAt: new Date(submitted_at).toISOString(), dismissal }];
  });
  return known(facts);
}

function dismissalOf(review: number, past: Known<Past>): Known<Dismissal> {
  if (!past.known) return past;
  const found = past.value.dismissals.get(review);
  return found === undefined ? unknown("GitHub does not tell who dismissed it, and what it was before") : known(found);
}
