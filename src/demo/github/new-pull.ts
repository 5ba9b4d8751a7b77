import type { Account, Pull, Repo } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** A pull request that was opened now, and of which nobody has said anything yet. */
export function newPull(
  world: World,
  repo: Repo,
  by: Account,
  opened: Pick<Pull, "number" | "title" | "body" | "draft" | "head" | "base">,
): Pull {
  const at = stamp(world);
  return {
    id: world.state.ids.next(),
    repoId: repo.id,
    userId: by.id,
    state: "open",
    ...opened,
    labelIds: [],
    reviews: [],
    requestedReviewers: new Set(),
    requestedTeams: new Set(),
    events: [],
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    merged: null,
    test: null,
    comparison: null,
  };
}
