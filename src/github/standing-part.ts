import type { ChangeStanding } from "../rollout/change-standing.ts";
import type { AppIdentity, Place } from "./api.ts";
import { listComments, ownCommentTest } from "./comments.ts";
import { statusOf } from "./failure.ts";
import { joined, parted, standingPart } from "./standing-place.ts";
import { marker } from "./words.ts";

/** Makes the gate's one comment say where its change is, and leaves the rest of it as it is. */
export async function showStanding({ api, repo }: Place, app: AppIdentity, number: number, standing: ChangeStanding | null): Promise<void> {
  const part = standingPart(standing);
  try {
    const comments = await listComments({ api, repo }, number);
    const own = comments.find(await ownCommentTest(app));
    if (own === undefined) {
      // Nobody judged it here: it was merged before the gate was there, or around it.
      await api.rest.issues.createComment({ ...repo, issue_number: number, body: joined(`${marker}\n### Merged`, part) });
      return;
    }
    const body = joined(parted(own.body ?? "").body, part);
    if (own.body !== body) await api.rest.issues.updateComment({ ...repo, comment_id: own.id, body });
  } catch (error) {
    // The pull request, or in this moment its comment, is gone: nobody reads anything there.
    if (statusOf(error) !== 404 && statusOf(error) !== 410) throw error;
  }
}
