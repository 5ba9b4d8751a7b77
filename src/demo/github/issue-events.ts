import { isAncestor } from "./git.ts";
import { must } from "./lookup.ts";
import type { PullChange } from "./payloads.ts";
import type { Account, IssueEvent, Pull, Review } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** A pull request's history as GitHub keeps it. https://docs.github.com/en/rest/using-the-rest-api/issue-event-types */

type Happening = Pick<IssueEvent, "event"> & Partial<Pick<IssueEvent, "commitId" | "requested" | "detail">>;

/** Writes down what happened to a pull request: every webhook of one passes here. */
export async function recordChange(world: World, pull: Pull, by: Account, change: PullChange): Promise<void> {
  for (const happening of await happenings(world, pull, change)) record(world, pull, by, happening);
}

export function recordDismissal(world: World, pull: Pull, review: Review, by: Account): void {
  const { dismissal } = review;
  if (dismissal === null) return;
  const dismissed_review = {
    state: dismissal.was.toLowerCase(),
    review_id: review.id,
    dismissal_message: dismissal.message,
    ...(dismissal.commitId === null ? {} : { dismissal_commit_id: dismissal.commitId }),
  };
  record(world, pull, by, { event: "review_dismissed", detail: { dismissed_review } });
}

function record(world: World, pull: Pull, by: Account, { event, commitId = null, requested = null, detail = {} }: Happening): void {
  pull.events.push({ id: world.state.ids.next(), event, actorId: by.id, commitId, createdAt: stamp(world), requested, detail });
}

async function happenings({ state }: World, pull: Pull, change: PullChange): Promise<Happening[]> {
  if (change.action === "opened") return [];
  if (change.action === "converted_to_draft") return [{ event: "convert_to_draft" }];
  if (change.action === "closed" && pull.merged !== null) return [{ event: "merged", commitId: pull.merged.sha }, { event: "closed" }];
  if ("requested_reviewer" in change) return [{ event: change.action, requested: { reviewerId: change.requested_reviewer.id } }];
  if ("requested_team" in change) return [{ event: change.action, requested: { teamId: change.requested_team.id } }];
  if ("label" in change) return [{ event: change.action, detail: { label: { name: change.label.name, color: change.label.color } } }];
  if (change.action === "synchronize") {
    const grew = await isAncestor(must(state.repos, pull.repoId).folder, change.before, change.after);
    return grew ? [] : [{ event: "head_ref_force_pushed", commitId: change.after }];
  }
  if (change.action === "edited") {
    const { title, base } = change.changes;
    return [
      ...(title === undefined ? [] : [{ event: "renamed", detail: { rename: { from: title.from, to: pull.title } } }]),
      ...(base === undefined ? [] : [{ event: "base_ref_changed" }]),
    ];
  }
  return [{ event: change.action }];
}
